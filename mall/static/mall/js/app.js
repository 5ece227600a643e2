// What every page does: sheets, messages, one press only, offline, large text.

const root = document.documentElement;
const on = (type, handler) => document.addEventListener(type, handler);

// The dock lies over the page: the page ends where the dock begins.
const dock = document.querySelector(".dock");
if (dock && "ResizeObserver" in window) {
  new ResizeObserver(() => root.style.setProperty("--dock", `${Math.ceil(dock.getBoundingClientRect().height)}px`)).observe(dock);
}

// <button data-opens="id"> opens <dialog id>; data-closes, the backdrop and Esc close it.
on("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) closeWhenOutside(event);
});

function closeWhenOutside(event) {
  const box = event.target.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside && event.detail) event.target.close();
}

// Messages leave by themselves after seven seconds, errors only when dismissed.
function showFor(toast) {
  if (!toast.matches(".error")) setTimeout(() => toast.remove(), 7000);
}
document.querySelectorAll("[data-toast]").forEach(showFor);
on("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove());

function say(text, kind = "info") {
  const place = document.getElementById("toasts");
  if (!place || !text) return;
  const toast = document.createElement("div");
  toast.className = `toast ${kind}`;
  toast.dataset.toast = "";
  const words = document.createElement("p");
  words.className = "grow";
  words.textContent = text;
  toast.append(words);
  place.append(toast);
  showFor(toast);
}
const places = document.getElementById("toasts");
if (places) new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => node.matches?.("[data-toast]") && showFor(node)))).observe(places, { childList: true });
// Other modules dispatch "linli:say"; the server may say something with any htmx answer: HX-Trigger: {"linli:say": {"text": "...", "kind": "error"}}.
on("linli:say", (event) => say(event.detail.text, event.detail.kind));
on("htmx:sendError", () => say(places?.dataset.offline, "warning"));
on("htmx:responseError", (event) => say(event.detail.xhr.status === 429 ? places?.dataset.slow : places?.dataset.failed, "warning"));

// <form data-sends-itself>: a form that is on its way to another house; its button is for whoever has no script.
document.querySelector("form[data-sends-itself]")?.requestSubmit();

// <form data-once>: a second press of the button sends nothing.
const buttonsOf = (form) => [...form.querySelectorAll("button"), ...(form.id ? document.querySelectorAll(`button[form="${form.id}"]`) : [])];
on("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (form.getAttribute("aria-busy") === "true") return event.preventDefault();
  form.setAttribute("aria-busy", "true");
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => buttonsOf(form).forEach((button) => (button.disabled = true)));
});
// Coming back by the browser's back button, the page must work again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form[aria-busy]").forEach((form) => {
    form.removeAttribute("aria-busy");
    buttonsOf(form).forEach((button) => {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    });
  });
});

// <input data-autosend="6"> sends its form when that many digits are in.
on("input", (event) => {
  const { autosend } = event.target.dataset;
  if (!autosend) return;
  const digits = event.target.value.replace(/\D/g, "");
  if (digits.length === Number(autosend)) event.target.form.requestSubmit();
});
// <select data-sends>, <input data-sends>: choosing is sending.
on("change", (event) => event.target.matches("[data-sends]") && event.target.form.requestSubmit());

// What she has unfolded stays unfolded when its part of the page comes anew.
let unfolded = [];
on("htmx:beforeSwap", () => (unfolded = [...document.querySelectorAll("details[id][open]")].map((each) => each.id)));
on("htmx:afterSettle", () => unfolded.forEach((id) => document.getElementById(id)?.setAttribute("open", "")));

const offline = () => root.classList.toggle("is-offline", !navigator.onLine);
addEventListener("online", offline);
addEventListener("offline", offline);
offline();

// <button data-elder aria-pressed> turns large text on and off and remembers it for a year.
const elderButtons = () => document.querySelectorAll("button[data-elder]").forEach((button) => button.setAttribute("aria-pressed", String(root.hasAttribute("data-elder"))));
on("click", (event) => {
  if (!event.target.closest("button[data-elder]")) return;
  const large = root.toggleAttribute("data-elder");
  document.cookie = `elder=${large ? 1 : 0};path=/;max-age=31536000;samesite=lax`;
  elderButtons();
});
elderButtons();

// <button data-copy="text" data-done="Copied">
on("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(button.dataset.done, "success");
  } catch {
    say(button.dataset.copy);
  }
});
