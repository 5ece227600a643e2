// A merchant's counter: after each answer the cursor is where the next thing is typed.

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "found") return;
  const found = event.detail.target.querySelector("[data-found]");
  const code = document.querySelector("input[data-autosend]");
  navigator.vibrate?.(found?.dataset.found === "stop" ? [120, 60, 120] : 60);
  if (code) code.value = "";
  const next = event.detail.target.querySelector("[data-confirm], [data-first]");
  if (next) return next.focus();
  if (!document.querySelector("[data-scan] details[open]")) code?.focus();
  document.dispatchEvent(new Event("linli:next"));
});
