// The desk: rows are added, fields a kind of benefit does not ask for are put away, charts redrawn.
"use strict";
(() => {
  const changed = element => element.dispatchEvent(new Event("change", { bubbles: true }));
  const addRow = button => {
    const rows = button.closest("[data-rows]");
    const last = [...rows.querySelectorAll("[data-row]")].pop();
    const row = last.cloneNode(true);
    row.querySelectorAll("input").forEach(input => { input.value = ""; });
    last.after(row);
    row.querySelector("input, select").focus();
  };
  const showAsked = form => {
    const kind = form.querySelector("[name=benefit_kind]:checked");
    form.querySelectorAll("[data-asked-by]").forEach(field => {
      field.hidden = Boolean(kind) && !field.dataset.askedBy.split(" ").includes(kind.value);
    });
  };
  document.querySelectorAll("[data-add-row]").forEach(button => {
    button.hidden = false;
    button.addEventListener("click", () => { addRow(button); changed(button); });
  });
  // Long lists are searched: what does not hold the words typed is left out, the chosen one stays.
  document.querySelectorAll("select[data-search]").forEach(select => {
    const options = [...select.options];
    if (options.length < 8) return;
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = select.dataset.search;
    search.setAttribute("aria-label", select.dataset.search);
    search.setAttribute("aria-controls", select.id);
    search.addEventListener("input", () => {
      const words = search.value.trim().toLowerCase();
      const fits = option => !option.value || option.selected || option.text.toLowerCase().includes(words);
      select.replaceChildren(...options.filter(fits));
    });
    select.before(search);
  });
  const form = document.querySelector("#offer-form");
  if (form) {
    form.addEventListener("change", () => showAsked(form));
    showAsked(form);
    let isDirty = false;
    form.addEventListener("input", () => { isDirty = true; });
    form.addEventListener("submit", () => { isDirty = false; });
    addEventListener("beforeunload", event => { if (isDirty) event.preventDefault(); });
  }
  // A chart that is about to be replaced lets its memory go; the new one is drawn.
  document.addEventListener("htmx:beforeSwap", event => {
    event.detail.target.querySelectorAll("canvas").forEach(canvas => {
      const chart = window.Chart && Chart.getChart(canvas);
      if (chart) chart.destroy();
    });
  });
  document.addEventListener("htmx:afterSettle", event => {
    if (event.detail.target.querySelector("canvas.chart") && typeof renderCharts === "function") renderCharts();
  });
})();
