// The counter without a connection: a bag by its code, its QR or from the list; handing it over is an
// act in the queue. Nothing here asks the network.

(() => {
  const { store, phone, queue } = self.linli;
  const page = document.querySelector("[data-offline]");
  if (!page) return;
  const user = Number(document.querySelector("[data-phone]").dataset.user);
  const TRIES = 5;
  const PAUSE = 60_000;
  const find = (name) => page.querySelector(name);
  const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const say = (place, values) => Object.entries(values).forEach(([name, text]) => place.querySelectorAll(`[data-f="${name}"]`).forEach((each) => ((each.textContent = text), (each.hidden = text === "" || text === null))));
  let day = null;
  let since = [];

  async function load() {
    day = await phone.day(await phone.known(user));
    since = (await store.get("since")) ?? [];
    show();
    document.dispatchEvent(new CustomEvent("linli:day", { detail: { day, since } }));
  }

  // What still lies here of a bag, by line: the day as it was fetched less what was done since.
  function left(bag) {
    const undone = new Set(since.filter(({ said }) => said.kind === "undo").map(({ said }) => said.of));
    const gone = {};
    since.filter(({ id, said }) => said.kind === "hand_over" && said.order_no === bag.order_no && !undone.has(id)).forEach(({ said }) => Object.entries(said.pieces).forEach(([line, n]) => (gone[line] = (gone[line] ?? 0) + n)));
    return Object.fromEntries(bag.lines.map((line) => [line.line_id, Math.max(0, line.quantity - (gone[line.line_id] ?? 0))]));
  }
  const pieces = (bag) => Object.values(left(bag)).reduce((sum, n) => sum + n, 0);

  // Goods counted in here, all of them: who gets what needs no deciding, so they can be given.
  function isHere(bag) {
    if (bag.waits) return true;
    const delivery = day.deliveries.find((each) => each.group === bag.group);
    const counted = since.find(({ said }) => said.kind === "arrival" && said.group === bag.group)?.said.counts;
    return Boolean(delivery && counted && delivery.items.every((item) => (counted[item.id] ?? 0) >= item.expected));
  }

  function show() {
    find("[data-none]").hidden = Boolean(day);
    page.querySelectorAll("[data-with-day]").forEach((part) => (part.hidden = !day));
    if (!day) return;
    const clock = (moment) => new Date(moment).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    say(page, { fetched: clock(day.at) });
    const word = find("[data-filter-bags]").value.trim().toLowerCase();
    const rows = day.bags.filter((bag) => isHere(bag) && pieces(bag) && (!word || `${bag.shelf} ${bag.name}`.toLowerCase().includes(word)));
    find("[data-bags]").replaceChildren(
      ...rows.map((bag) => {
        const row = copy("bag-row");
        say(row, { shelf: bag.shelf, name: bag.name, title: bag.group_title, pieces: pieces(bag) });
        row.querySelector("button").addEventListener("click", () => open(bag, "list"));
        return row;
      }),
    );
    find("[data-bags-none]").hidden = rows.length > 0;
  }

  const box = () => document.getElementById("bag");
  function put(part, kind) {
    box().replaceChildren(part);
    document.dispatchEvent(new CustomEvent("linli:bag", { detail: kind }));
    box().scrollIntoView({ block: "start" });
  }
  function stop(key, values = {}) {
    const part = copy("bag-stop");
    const text = page.dataset[key];
    say(part, { text: Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text) });
    put(part, "stop");
  }

  async function open(bag, means) {
    if (!isHere(bag)) return stop("notHere");
    if (!pieces(bag)) return stop("goneHere");
    const part = copy("bag-open");
    const there = left(bag);
    const lines = bag.lines.filter((line) => there[line.line_id]);
    const point = Number(find("[name=point]")?.value || 0);
    const elsewhere = point && bag.point !== point ? day.points[bag.point] ?? "?" : "";
    say(part, { shelf: bag.shelf, name: bag.name, title: bag.group_title, remark: bag.remark, elsewhere, pieces: pieces(bag), bags: bag.bags > 1 ? bag.bags : "" });
    part.querySelector("[data-elsewhere]").hidden = !elsewhere;
    part.querySelector("[data-remark]").hidden = !bag.remark;
    part.querySelector("[data-bags-many]").hidden = bag.bags < 2;
    part.querySelector("[data-unweighed]").hidden = !lines.some((line) => line.needs_weight);
    const rows = lines.map((line) => {
      const row = copy("bag-line");
      say(row, { n: there[line.line_id], title: line.title });
      row.querySelector("[data-cold]").hidden = !line.is_cold;
      return row;
    });
    part.querySelector("[data-lines]").replaceChildren(...rows);
    others(part, bag);
    parts(part, lines, there);
    part.querySelector("[data-whole]").addEventListener("click", (event) => once(event, () => give([[bag, there], ...chosen(part)], means)));
    part.querySelector("[data-part-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      const wish = Object.fromEntries(lines.map((line) => [line.line_id, Math.min(there[line.line_id], Math.max(0, Number(event.target.elements[`piece-${line.line_id}`].value) || 0))]));
      if (Object.values(wish).some(Boolean)) once({ currentTarget: event.submitter }, () => give([[bag, wish]], means));
    });
    put(part, "ok");
    part.querySelector("[data-whole]").focus();
  }

  // A second press of a button writes no second act.
  async function once({ currentTarget: button }, work) {
    if (button.disabled) return;
    button.disabled = true;
    await work().catch(() => ((button.disabled = false), stop("notKept")));
  }

  function others(part, bag) {
    const more = day.bags.filter((each) => each.person === bag.person && each !== bag && each.point === bag.point && isHere(each) && pieces(each));
    const place = part.querySelector("[data-others]");
    place.hidden = !more.length;
    more.forEach((each) => {
      const row = copy("bag-other");
      row.querySelector("input").value = each.order_no;
      say(row, { shelf: each.shelf, title: each.group_title, pieces: pieces(each) });
      place.append(row);
    });
  }
  const chosen = (part) => [...part.querySelectorAll("[data-others] input:checked")].map((input) => day.bags.find((bag) => bag.order_no === input.value)).map((bag) => [bag, left(bag)]);

  function parts(part, lines, there) {
    const place = part.querySelector("[data-parts]");
    lines.forEach((line) => {
      const row = copy("bag-part");
      const input = row.querySelector("input");
      Object.assign(input, { id: `piece-${line.line_id}`, name: `piece-${line.line_id}`, max: there[line.line_id] });
      row.querySelector("label").htmlFor = input.id;
      say(row, { title: line.title });
      place.append(row);
    });
    part.querySelector("[data-part]").hidden = Object.values(there).reduce((sum, n) => sum + n, 0) < 2;
  }

  async function give(list, means) {
    for (const [bag, wish] of list) {
      const given = Object.fromEntries(Object.entries(wish).filter(([, n]) => n > 0));
      await queue.add(user, { kind: "hand_over", point: bag.point, order_no: bag.order_no, means, pieces: given });
    }
    since = (await store.get("since")) ?? [];
    const part = copy("bag-done");
    say(part, { name: list[0][0].name, rest: pieces(list[0][0]) || "" });
    part.querySelector("[data-rest]").hidden = !pieces(list[0][0]);
    show();
    put(part, "done");
  }

  async function isPaused() {
    const tries = await store.get("tries");
    return tries?.until > Date.now();
  }
  async function wrong() {
    const tries = (await store.get("tries")) ?? { n: 0 };
    const n = tries.n + 1;
    await store.put("tries", n >= TRIES ? { n: 0, until: Date.now() + PAUSE } : { n });
    return n >= TRIES ? stop("paused") : stop("unknown", { n: TRIES - n });
  }

  async function search({ code, token }) {
    if (!day) return;
    if (token) {
      const hash = await phone.fastHash(token, day);
      const bag = day.bags.find((each) => each.keys.includes(hash));
      return bag ? open(bag, "scan") : stop("unknownQr");
    }
    if (await isPaused()) return stop("paused");
    if (code.length === 4) return byTail(await phone.fastHash(code, day), code);
    const hash = await phone.slowHash(code, day);
    const point = Number(find("[name=point]")?.value || 0);
    const fits = day.bags.filter((each) => each.code === hash);
    const bag = fits.find((each) => each.point === point) ?? fits[0];
    if (!bag) return wrong();
    await store.put("tries", { n: 0 });
    return open(bag, "code");
  }

  function byTail(hash, tail) {
    const fits = day.bags.filter((bag) => bag.tail === hash && isHere(bag) && pieces(bag));
    if (!fits.length) return stop("noTail", { tail });
    if (fits.length === 1) return open(fits[0], "list");
    const part = copy("bag-choice");
    part.querySelector("ul").replaceChildren(
      ...fits.map((bag) => {
        const row = copy("bag-row");
        say(row, { shelf: bag.shelf, name: bag.name, title: bag.group_title, pieces: pieces(bag) });
        row.querySelector("button").addEventListener("click", () => open(bag, "list"));
        return row;
      }),
    );
    put(part, "choose");
  }

  find("[data-scan-form]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { code, token } = event.target.elements;
    await search({ code: code.value.replace(/\D/g, ""), token: token.value });
    code.value = token.value = "";
  });
  find("[data-filter-bags]").addEventListener("input", show);
  addEventListener("linli:queue", load);
  load();
})();
