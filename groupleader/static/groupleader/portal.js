// On every page of the portal: the app is installed, what waits is sent, the day is fetched, and the
// person sees how much the shop does not know yet.

(() => {
  const { store, phone, queue } = self.linli;
  const box = document.querySelector("[data-phone]");
  if (!box || !("indexedDB" in self) || !crypto.subtle) return;
  const { user, dayAt, worker } = box.dataset;
  const FRESH = 2 * 60 * 1000;
  const line = document.querySelector("a[data-waiting]");
  let busy = null;

  async function show() {
    const waits = (await store.queue()).length;
    const open = (await store.get("conflicts")) ?? 0;
    const put = (place, count) => {
      if (!place) return;
      place.hidden = !count;
      place.querySelector("b").textContent = count;
    };
    put(line, waits);
    put(document.querySelector("a[data-conflicts]"), open);
    document.documentElement.dataset.unsent = waits;
  }

  // Who holds the phone, and the day's bags: fetched where they are needed, and after sending.
  async function fetchDay(isWanted) {
    const mine = await phone.known(Number(user));
    const kept = await store.get("day");
    const since = (await store.get("since")) ?? [];
    const isFresh = kept?.user === Number(user) && Date.now() - Date.parse(kept.at) < FRESH && !since.length;
    if (!isWanted || isFresh) return;
    const hello = await ask(mine);
    if (hello.why === "sign_in") return store.drop("day");
    if (hello.why) return;
    if (hello.said.revoked) {
      await store.drop("day");
      return store.put("revoked", hello.said.user);
    }
    await store.drop("revoked");
    const { said, known } = hello.said.device ? { said: hello.said, known: mine } : await enrol(hello.said);
    if (!said?.device) return;
    await phone.keepDay(known, said);
    await store.put("conflicts", said.conflicts);
    const waiting = new Set((await queue.waiting()).map((act) => act.id));
    await store.put("since", since.filter((act) => waiting.has(act.id)));
    navigator.serviceWorker?.controller?.postMessage("shell");
    queue.changed();
  }

  const ask = (mine) => queue.ask(`${dayAt}?device=${mine?.device ?? ""}`);

  async function enrol({ user: who, csrf }) {
    const known = await phone.alone("number", () => phone.become(who, box.dataset.registerAt, csrf)).catch(() => null);
    const hello = known ? await ask(known) : {};
    return { said: hello.said, known };
  }

  async function work(isWanted) {
    const told = await queue.send();
    if (told.sent || isWanted) await fetchDay(true).catch(() => null);
    document.documentElement.dataset.told = told.why || "";
    document.dispatchEvent(new CustomEvent("linli:told", { detail: told }));
    await show();
  }
  const goOn = (isWanted = false) => (busy ??= work(isWanted).finally(() => (busy = null)));

  async function begin() {
    navigator.storage?.persist?.().catch(() => null);
    await store.put("places", { day: dayAt, acts: box.dataset.actsAt });
    const last = await store.get("user");
    if (last !== Number(user)) {
      await store.drop("day");
      await store.put("user", Number(user));
    }
    if ("openConflicts" in box.dataset) await store.put("conflicts", Number(box.dataset.openConflicts));
    await show();
    if ("serviceWorker" in navigator) navigator.serviceWorker.register(worker, { scope: box.dataset.scope }).catch(() => null);
    await goOn("dayWanted" in box.dataset);
  }

  addEventListener("linli:queue", show);
  addEventListener("online", () => goOn(true));
  addEventListener("pageshow", (event) => event.persisted && goOn());
  document.addEventListener("visibilitychange", () => document.hidden || goOn());
  document.addEventListener("click", (event) => event.target.closest("[data-send-now]") && goOn(true));
  document.addEventListener("linli:again", async () => {
    await store.drop(`phone:${user}`);
    goOn(true);
  });
  // Half a connection: what could not be sent is done on the page that needs none.
  const away = () => navigator.serviceWorker?.controller && location.assign(box.dataset.awayAt);
  const isBag = (event) => event.target.closest?.("[data-away]");
  document.body.addEventListener("htmx:sendError", (event) => isBag(event) && away());
  document.body.addEventListener("htmx:timeout", (event) => isBag(event) && away());
  document.body.addEventListener("htmx:confirm", (event) => {
    if (navigator.onLine || !isBag(event) || !navigator.serviceWorker?.controller) return;
    event.preventDefault();
    away();
  });
  setInterval(() => document.hidden || document.documentElement.dataset.unsent === "0" || goOn(), 30_000);
  begin();
})();
