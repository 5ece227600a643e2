// Counting a delivery in without a connection: the figures and the photos wait in the queue.

(() => {
  const { store, phone, queue } = self.linli;
  const page = document.querySelector("[data-offline]");
  const form = document.querySelector("[data-count-form]");
  if (!page || !form) return;
  const user = Number(document.querySelector("[data-phone]").dataset.user);
  const list = page.querySelector("[data-deliveries]");
  const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const text = (place, name, words) => (place.querySelector(`[data-f="${name}"]`).textContent = words);
  let chosen = null;

  function show({ day, since }) {
    const counted = new Set(since.filter(({ said }) => said.kind === "arrival").map(({ said }) => said.group));
    const rows = (day?.deliveries ?? []).filter((each) => !counted.has(each.group));
    list.replaceChildren(
      ...rows.map((each) => {
        const row = copy("delivery-row");
        text(row, "title", each.title);
        text(row, "point", `${each.point_name} · ${each.day.slice(5)}`);
        text(row, "pieces", each.items.reduce((sum, item) => sum + item.expected, 0));
        row.querySelector("button").addEventListener("click", () => choose(each));
        return row;
      }),
    );
    page.querySelector("[data-deliveries-none]").hidden = rows.length > 0;
    if (chosen && counted.has(chosen.group)) close();
  }

  function choose(delivery) {
    chosen = delivery;
    form.reset();
    text(form, "title", delivery.title);
    form.querySelector("[data-items]").replaceChildren(
      ...delivery.items.map((item) => {
        const row = copy("count-line");
        const [good, spoilt] = row.querySelectorAll("input");
        Object.assign(good, { id: `n${item.id}`, name: `item-${item.id}`, value: item.expected });
        Object.assign(spoilt, { id: `d${item.id}`, name: `damaged-${item.id}` });
        good.dataset.expected = item.expected;
        row.querySelectorAll("label").forEach((label, n) => (label.htmlFor = [good, spoilt][n].id));
        text(row, "title", item.title);
        text(row, "expected", item.expected);
        return row;
      }),
    );
    form.hidden = false;
    list.hidden = true;
    form.scrollIntoView({ block: "start" });
  }

  function close() {
    chosen = null;
    form.hidden = true;
    list.hidden = false;
  }

  async function keep() {
    const figures = (name) => Object.fromEntries(chosen.items.map((item) => [item.id, Math.trunc(Number(form.elements[`${name}-${item.id}`].value)) || 0]));
    const damaged = Object.fromEntries(Object.entries(figures("damaged")).filter(([, n]) => n > 0));
    const files = [...form.elements.photos.files].slice(0, 4);
    const photos = await Promise.all(files.map(async (blob) => ({ blob, sha: await phone.sha(blob) })));
    const said = { kind: "arrival", point: chosen.point, group: chosen.group, counts: figures("item"), damaged, signer: form.elements.signer.value, note: form.elements.note.value, photos: photos.map((photo) => photo.sha) };
    await queue.add(user, said, { photos, about: { title: chosen.title } });
    close();
    document.dispatchEvent(new CustomEvent("linli:say", { detail: { text: form.dataset.kept, kind: "success" } }));
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[data-keep]");
    if (button.disabled || !chosen) return;
    button.disabled = true;
    await keep().catch(() => document.dispatchEvent(new CustomEvent("linli:say", { detail: { text: page.dataset.notKept, kind: "error" } })));
    button.disabled = false;
  });
  form.querySelector("[data-back]").addEventListener("click", close);
  document.addEventListener("linli:day", (event) => show(event.detail));
})();
