// Number fields between − and +: [data-line] with [data-step="±1"] and an input. Without it the fields work as they are.

const clamp = (input, value) => Math.min(Number(input.max || Infinity), Math.max(Number(input.min || 0), value));

function show(line) {
  const input = line.querySelector("input[type=number]");
  const value = Number(input.value || 0);
  line.querySelectorAll("[data-step]").forEach((button) => (button.disabled = clamp(input, value + Number(button.dataset.step)) === value));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-line] [data-step]");
  if (!button) return;
  const line = button.closest("[data-line]");
  const input = line.querySelector("input[type=number]");
  input.value = clamp(input, Number(input.value || 0) + Number(button.dataset.step));
  show(line);
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
const showAll = () => document.querySelectorAll("[data-line]").forEach((line) => line.querySelector("input[type=number]") && show(line));
document.addEventListener("htmx:afterSettle", showAll);
showAll();
