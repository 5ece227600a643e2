// The hand-over desk: the code field is always ready for the next bag, and each answer can be felt.

const field = () => document.querySelector("input[data-autosend]");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "bag") return;
  const bag = event.detail.target.querySelector("[data-bag]");
  const code = field();
  if (code) code.value = "";
  navigator.vibrate?.(bag?.dataset.bag === "stop" ? [120, 60, 120] : 60);
  const confirm = event.detail.target.querySelector("[data-confirm]");
  if (confirm) confirm.focus();
  else if (!document.querySelector("[data-scan] details[open]")) code?.focus();
  if (!confirm) document.dispatchEvent(new Event("linli:next"));
});
