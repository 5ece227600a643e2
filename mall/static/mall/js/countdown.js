// Clocks that run down: <… data-until="ISO" data-now="ISO"> with [data-part=d|h|m|s] inside. The server's time rules, not the phone's.

const two = (number) => String(number).padStart(2, "0");

function start(box) {
  box.dataset.running = "";
  const until = Date.parse(box.dataset.until);
  const drift = box.dataset.now ? Date.parse(box.dataset.now) - Date.now() : 0;
  if (Number.isNaN(until)) return;
  const part = (name) => box.querySelector(`[data-part="${name}"]`);
  const [days, hours, minutes, seconds] = ["d", "h", "m", "s"].map(part);
  const status = box.querySelector("[data-say]");
  const announcements = (status?.dataset.say ?? "").split(";").map((entry) => entry.split("|")).filter(([at]) => at !== "");
  let before = Infinity;

  const tick = () => {
    if (!box.isConnected) return clearInterval(timer);
    const left = Math.max(0, Math.ceil((until - Date.now() - drift) / 1000));
    show(left);
    announcements.forEach(([at, text]) => {
      if (before > Number(at) && left <= Number(at) && (before !== Infinity || left === 0)) status.textContent = text;
    });
    before = left;
    if (left === 0) over();
  };
  const show = (left) => {
    const whole = Math.floor(left / 86400);
    if (days) {
      days.hidden = whole === 0;
      set(days, `${whole}${days.dataset.unit}`);
    }
    if (hours) set(hours, two(Math.floor((left % 86400) / 3600)));
    set(minutes, two(hours ? Math.floor((left % 3600) / 60) : Math.floor(left / 60)));
    set(seconds, two(left % 60));
  };
  const set = (node, text) => node && node.textContent !== text && (node.textContent = text);
  const over = () => {
    clearInterval(timer);
    box.classList.add("is-over");
    // One of several on a page: only what stands around it is over.
    if ("alone" in box.dataset) return box.dispatchEvent(new CustomEvent("linli:over", { bubbles: true }));
    document.body.dataset.over = "";
    document.querySelectorAll(".open-only button, button.open-only").forEach((button) => (button.disabled = true));
    document.body.dispatchEvent(new CustomEvent("linli:over", { bubbles: true }));
  };
  const timer = setInterval(tick, 1000);
  tick();
}

const startAll = () => document.querySelectorAll("[data-until]:not([data-running])").forEach(start);
startAll();
document.addEventListener("htmx:afterSwap", startAll);
document.addEventListener("visibilitychange", () => document.hidden || startAll());
