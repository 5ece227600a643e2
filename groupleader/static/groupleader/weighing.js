// The scale's page: a big number pad, and what a sum less the packing comes to. Without it the field is typed into as it is.

const form = document.querySelector("form[data-weighing]");
const field = form?.elements.typed;
const words = form?.querySelector("[data-sum]");
const hint = words?.textContent;

function gross() {
  const text = field.value.replaceAll("＋", "+").replaceAll(" ", "");
  return /^\d{1,6}(\+\d{1,6})*$/.test(text) ? text.split("+").reduce((sum, part) => sum + Number(part), 0) : null;
}

function show() {
  const sum = gross();
  if (sum === null) return (words.textContent = hint);
  const tare = Number(form.querySelector("input[name=tare_grams]:checked")?.value ?? 0);
  const estimate = Number(form.dataset.estimate);
  const net = sum - tare;
  const percent = Math.round(((net - estimate) * 1000) / estimate) / 10;
  words.textContent = `= ${net} g (${percent > 0 ? "+" : ""}${percent} %)`;
  form.classList.toggle("beyond", Math.abs(percent) > Number(form.dataset.tolerance));
}

function press(key) {
  if (key === "back") field.value = field.value.slice(0, -1);
  else if (field.value.length < 60) field.value += key;
  navigator.vibrate?.(15);
  show();
}

if (form) {
  form.querySelector("[data-pad]").hidden = false;
  // The pad of the page is bigger than the phone's; a hardware keyboard still types into the field.
  if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none";
  form.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (key) press(key.dataset.key);
  });
  form.addEventListener("input", show);
  show();
}
