// Choosing goods for a group: typing hides what does not fit; the bar says how many are ticked. Without it the list is whole.

const filter = document.querySelector("[data-filter]");
const rows = [...(document.querySelector(filter?.dataset.filter)?.querySelectorAll("[data-row]") ?? [])];
const none = document.querySelector("[data-none]");
const count = document.querySelector("[data-chosen]");

function sift() {
  const word = filter.value.trim().toLowerCase();
  rows.forEach((row) => (row.hidden = Boolean(word) && !row.textContent.toLowerCase().includes(word) && !row.querySelector("input:checked")));
  none.hidden = rows.some((row) => !row.hidden);
}

function total() {
  count.textContent = `${rows.filter((row) => row.querySelector("[name=goods]").checked).length} ${count.dataset.text}`;
}

filter?.addEventListener("input", sift);
document.addEventListener("change", (event) => event.target.name === "goods" && total());
// Whoever types a price means to offer it.
document.addEventListener("input", (event) => {
  const row = event.target.name?.startsWith("price-") && event.target.closest("[data-row]");
  if (row) row.querySelector("[name=goods]").checked = true, total();
});
if (count) total();
