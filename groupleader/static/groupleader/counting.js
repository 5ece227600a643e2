// Counting what arrived: steppers, "all here", and a word about what is missing. Without it the number fields work as they are.

const form = document.querySelector("form[data-counting]");

function show(line) {
  const input = line.querySelector("input");
  const missing = Number(input.dataset.expected) - Number(input.value || 0);
  line.classList.toggle("short", missing > 0);
  const words = line.querySelector("[data-missing]");
  words.hidden = missing <= 0;
  words.querySelector("b").textContent = missing;
}

function total() {
  const inputs = [...form.querySelectorAll("input[data-expected]")];
  const missing = inputs.reduce((sum, input) => sum + Math.max(0, Number(input.dataset.expected) - Number(input.value || 0)), 0);
  const note = form.querySelector("[data-short-note]");
  note.hidden = missing === 0;
  note.querySelector("b").textContent = missing;
}

function set(line, value) {
  const input = line.querySelector("input");
  input.value = Math.min(Number(input.dataset.expected), Math.max(0, value));
  show(line);
  total();
}

form?.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) {
    const line = step.closest("[data-line]");
    set(line, Number(line.querySelector("input").value || 0) + Number(step.dataset.step));
  }
  if (event.target.closest("[data-all-here]")) form.querySelectorAll("[data-line]").forEach((line) => set(line, Infinity));
});
form?.addEventListener("input", (event) => {
  const line = event.target.closest("[data-line]");
  if (line) show(line), total();
});
