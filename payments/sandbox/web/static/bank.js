// Comforts only: every page works without this file.
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

// Time left: the page shows the end by asking the bank again.
each("[data-seconds]", (shown) => {
  const end = Date.now() + Number(shown.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left === 0 && Number(shown.dataset.seconds) > 0) {
      clearInterval(clock);
      if (!document.querySelector("input:not([type=hidden])")) location.reload();
    }
  };
  const clock = setInterval(tick, 1000);
});

// Waiting for the other phone.
each("[data-wait]", (place) => {
  const ask = async () => {
    try {
      const answer = await fetch(place.dataset.wait, { cache: "no-store" });
      const { status } = await answer.json();
      if (status && status !== "NOTPAY" && status !== "USERPAYING") return location.reload();
    } catch { /* the next try may reach the bank */ }
    setTimeout(ask, document.hidden ? 8000 : 2000);
  };
  setTimeout(ask, 2000);
});

// Back to the merchant, after the payer has seen what happened.
each("[data-return]", (link) => {
  const note = link.closest("section").querySelector("[role=status]");
  if (note) note.hidden = false;
  setTimeout(() => location.assign(link.href), 2500);
});

// One tap fills a test card in.
each("[data-fill]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const fill = (id, value) => {
      const input = document.getElementById(id);
      if (input && (id === "number" || !input.value)) input.value = value;
    };
    fill("number", button.dataset.fill);
    fill("name", "李小娟");
    fill("phone", "13800138000");
    document.querySelector("form.panel button")?.focus();
    document.querySelector("form.panel")?.scrollIntoView({ block: "start" });
  });
});

// One press sends a form once.
each("form[method=post]", (form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    form.querySelector("button").setAttribute("aria-disabled", "true");
  });
});
addEventListener("pageshow", (event) => {
  if (event.persisted) each("form[data-sent]", (form) => delete form.dataset.sent);
});

// Copy a code.
each("[data-copy]", (button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
  });
});

// The demo's telephone rings: show what is new.
each("[data-watch]", (place) => {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(place.dataset.watch, { cache: "no-store" });
      const { messages } = await answer.json();
      const typing = document.activeElement?.matches("input");
      if (messages.length && messages[0].id > Number(place.dataset.newest) && !typing) location.reload();
    } catch { /* the next try may reach the bank */ }
  }, 2000);
});
