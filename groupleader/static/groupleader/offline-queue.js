// What waits to be sent, in order; undone within five minutes; and which part of the page is shown.

(() => {
  const { store, phone, queue } = self.linli;
  const page = document.querySelector("[data-offline]");
  if (!page) return;
  const user = Number(document.querySelector("[data-phone]").dataset.user);
  const UNDO_WITHIN = 5 * 60 * 1000;
  const list = page.querySelector("[data-acts]");
  const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const text = (place, name, words) => (place.querySelector(`[data-f="${name}"]`).textContent = words);

  async function show() {
    const acts = (await queue.all()).reverse();
    const day = await phone.day(await phone.known(user));
    const undone = new Set(acts.filter(({ said }) => said.kind === "undo").map(({ said }) => said.of));
    list.replaceChildren(...acts.map((act) => row(act, day, undone)));
    page.querySelector("[data-acts-none]").hidden = acts.length > 0;
    page.querySelectorAll("[data-count]").forEach((place) => (place.textContent = acts.length || ""));
    page.querySelector("[data-send-now]").hidden = !acts.length;
  }

  function row(act, day, undone) {
    const part = copy("act-row");
    const { said } = act;
    const bag = day?.bags.find((each) => each.order_no === said.order_no);
    const pieces = Object.values(said.pieces ?? said.counts ?? {}).reduce((sum, n) => sum + n, 0);
    text(part, "kind", page.dataset[`kind_${said.kind}`]);
    text(part, "what", [bag?.shelf, bag?.name ?? act.about.title ?? said.order_no, pieces ? `${pieces}×` : ""].filter(Boolean).join(" · "));
    text(part, "at", new Date(act.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }));
    const refused = part.querySelector("[data-refused]");
    refused.hidden = act.state !== "refused";
    text(part, "words", act.words ?? "");
    part.querySelector("[data-put-away]").addEventListener("click", () => store.forget(act.id).then(queue.changed));
    const undo = part.querySelector("[data-undo]");
    undo.hidden = said.kind !== "hand_over" || undone.has(act.id) || act.state !== "waiting" || act.user !== user || Date.now() - Date.parse(act.at) > UNDO_WITHIN;
    undo.addEventListener("click", () => {
      undo.disabled = true;
      queue.add(user, { kind: "undo", order_no: said.order_no, of: act.id });
    });
    return part;
  }

  // Why it is not sent, in words; the page knows them all.
  function told({ why }) {
    page.querySelectorAll("[data-why]").forEach((words) => (words.hidden = words.dataset.why !== why));
  }

  function part(name) {
    page.querySelectorAll("[data-part-of]").forEach((each) => (each.hidden = each.dataset.partOf !== name));
    page.querySelectorAll("[data-opens-part]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.opensPart === name)));
  }

  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-opens-part]");
    if (button) part(button.dataset.opensPart);
    if (event.target.closest("[data-again]")) document.dispatchEvent(new Event("linli:again"));
  });
  document.addEventListener("linli:told", (event) => told(event.detail));
  const connected = () => (page.querySelector("[data-connected]").hidden = !navigator.onLine);
  addEventListener("online", connected);
  addEventListener("offline", connected);
  addEventListener("linli:queue", show);
  document.addEventListener("linli:day", show);
  connected();
  const { pathname } = location;
  part(pathname.includes("/arrivals/") ? "deliveries" : location.hash === "#queue" ? "queue" : "bags");
  // A page that came instead of another says so.
  const { shell, counter } = page.dataset;
  page.querySelector("[data-instead]").hidden = [shell, counter].includes(pathname) || pathname.includes("/arrivals/");
  show();
  store.get("revoked").then((who) => (page.querySelector("[data-why=revoked]").hidden = who !== user));
})();
