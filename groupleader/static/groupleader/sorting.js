// Ticks made without a connection stay on this phone, by what they set, and are sent when it is back.
// Each says how it shall be, not what to change: sent twice, or in any order of bags, it is the same.

const KEY = `sorting:${location.pathname}`;
const box = document.querySelector("[data-sorting]");
const read = () => JSON.parse(localStorage.getItem(KEY) || "{}");
const write = (queue) => (Object.keys(queue).length ? localStorage.setItem(KEY, JSON.stringify(queue)) : localStorage.removeItem(KEY));

function say(text) {
  let note = document.querySelector("#sorting-queue");
  if (!note) {
    note = document.createElement("p");
    note.id = "sorting-queue";
    note.className = "notice sun";
    note.setAttribute("role", "status");
    box.before(note);
  }
  note.textContent = text;
  note.hidden = !text;
}

function keep(form) {
  const data = Object.fromEntries(new FormData(form));
  const queue = read();
  queue[`${data.what}:${data.number}`] = data;
  write(queue);
  flip(form);
  say(`${box.dataset.queued} (${Object.keys(queue).length})`);
}

function flip(form) {
  const button = form.querySelector("[aria-pressed]");
  const wish = form.querySelector("[name=on]");
  if (button) button.setAttribute("aria-pressed", String(wish.value === "1"));
  wish.value = wish.value === "1" ? "0" : "1";
}

async function send() {
  const queue = read();
  for (const [key, data] of Object.entries(queue)) {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    try {
      const answer = await fetch(`${location.pathname}tick/`, { method: "POST", body: new URLSearchParams({ ...data, csrfmiddlewaretoken: token }), headers: { "X-CSRFToken": token }, redirect: "manual" });
      if (answer.status >= 500) return;
    } catch {
      return;
    }
    const rest = read();
    delete rest[key];
    write(rest);
  }
  if (Object.keys(queue).length) location.reload();
}

document.body.addEventListener("htmx:confirm", (event) => {
  const form = event.target.closest?.("form[data-tick]");
  if (form && !navigator.onLine) {
    event.preventDefault();
    keep(form);
  }
});
document.body.addEventListener("htmx:sendError", (event) => {
  const form = event.target.closest?.("form[data-tick]");
  if (form) keep(form);
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-tick-here]");
  if (form && event.detail.successful) flip(form);
});
window.addEventListener("online", send);
if (navigator.onLine) send();
else if (Object.keys(read()).length) say(`${box.dataset.queued} (${Object.keys(read()).length})`);
