// Counting what arrived: steppers, and a word about what is missing. Without it the number fields work as they are.

const form = document.querySelector("form[data-counting]");

function show(line) {
  const input = line.querySelector("input");
  const missing = Number(input.dataset.expected) - Number(input.value || 0);
  line.classList.toggle("short", missing > 0);
  tell(line.querySelector("[data-missing]"), missing);
  tell(line.querySelector("[data-surplus]"), -missing);
}

function tell(words, count) {
  words.hidden = count <= 0;
  words.querySelector("b").textContent = count;
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
  input.value = Math.max(0, value);
  show(line);
  total();
}

form?.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) {
    const line = step.closest("[data-line]");
    set(line, Number(line.querySelector("input").value || 0) + Number(step.dataset.step));
  }
});
form?.addEventListener("input", (event) => {
  if (!event.target.matches("[data-expected]")) return;
  show(event.target.closest("[data-line]"));
  total();
});
