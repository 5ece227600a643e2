// What was done here and the shop does not know yet: each act numbered and signed when it is done,
// sent in order as soon as there is a connection, kept until the shop has answered.

self.linli ??= {};
self.linli.queue = (() => {
  const { store, phone } = self.linli;
  const AT_ONCE = 20;
  const PHOTOS_AT_ONCE = 4;
  const channel = "BroadcastChannel" in self ? new BroadcastChannel("linli-queue") : null;
  const changed = () => {
    channel?.postMessage("changed");
    self.dispatchEvent(new Event("linli:queue"));
  };
  const waiting = async (user) => (await store.queue()).filter((act) => act.state === "waiting" && (!user || act.user === user));

  const textOf = (act, device, seq) => JSON.stringify({ v: 1, id: act.id, seq, device, at: act.at, ...act.said });

  // Write an act down: from here on it survives the tab, the browser and the battery.
  async function add(user, said, { photos = [], about = {} } = {}) {
    return phone.alone("number", async () => {
      const mine = await phone.known(user);
      const act = { id: crypto.randomUUID(), user, seq: mine.next, at: new Date().toISOString(), said, photos, about, state: "waiting" };
      await seal(act, mine, mine.next);
      await store.keep(act);
      await store.put(`phone:${user}`, { ...mine, next: mine.next + 1 });
      await remember(act);
      changed();
      wake();
      return act;
    });
  }

  async function seal(act, mine, seq) {
    act.seq = seq;
    act.device = mine.device;
    act.text = textOf(act, mine.device, seq);
    act.sig = await phone.sign(mine, act.text);
  }

  // What was done since the day was fetched, so that the list shows it as done.
  async function remember(act) {
    const done = (await store.get("since")) ?? [];
    await store.put("since", [...done, { id: act.id, said: act.said }]);
  }

  async function wake() {
    const worker = await navigator.serviceWorker?.ready.catch(() => null);
    await worker?.sync?.register("linli-queue").catch(() => null);
  }

  // Send what waits. Returns {sent, left, why}: why is "offline", "sign_in", "revoked", … or nothing.
  const send = () => phone.alone("send", sendAll);

  async function sendAll() {
    let sent = 0;
    let why = "";
    const places = await store.get("places");
    const hello = places && (await waiting()).length ? await ask(places.day) : null;
    if (!hello || hello.why) return { sent, left: (await waiting()).length, why: hello?.why ?? "" };
    await store.put("conflicts", hello.said.conflicts);
    let again = 2;
    while (!why && again) {
      const acts = batch(await waiting(hello.said.user));
      if (!acts.length) break;
      const mine = await phone.known(hello.said.user);
      const answer = await ask(places.acts, await formOf(acts, mine), hello.said.csrf);
      if (answer.why) why = answer.why;
      else {
        const told = await note(answer.said, acts);
        sent += told.count;
        if (told.why) why = told.why;
        if (!told.count) again -= (await renumber(hello.said.user, answer.said.next_seq)) ? 1 : again;
      }
    }
    const rest = await waiting();
    if (!why && rest.length) why = rest.every((act) => act.user !== hello.said.user) ? "other_person" : "later";
    changed();
    return { sent, left: rest.length, why };
  }

  // Photos go with the act they belong to, and such an act goes alone.
  function batch(acts) {
    const first = acts.findIndex((act) => act.photos.length);
    if (first === 0) return acts.slice(0, 1);
    return acts.slice(0, first > 0 ? Math.min(first, AT_ONCE) : AT_ONCE);
  }

  async function formOf(acts, mine) {
    const form = new FormData();
    form.append("device", mine?.device ?? "");
    form.append("acts", JSON.stringify(acts.map(({ text, sig }) => ({ text, sig }))));
    for (const photo of acts[0].photos.slice(0, PHOTOS_AT_ONCE)) form.append(`photo-${photo.sha}`, photo.blob, "photo.jpg");
    return form;
  }

  async function ask(place, body, csrf) {
    try {
      const answer = await fetch(place, { method: body ? "POST" : "GET", body, headers: body ? { "X-CSRFToken": csrf } : {}, credentials: "same-origin", redirect: "manual" });
      if (answer.ok) return { said: await answer.json() };
      const isOut = answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
      return { why: isOut ? "sign_in" : answer.status === 404 ? "revoked" : "later" };
    } catch {
      return { why: "offline" };
    }
  }

  // Take the answers to heart: what was taken leaves the queue, what was refused stays in sight.
  async function note({ answers, conflicts }, acts) {
    let count = 0;
    let why = "";
    for (const answer of answers) {
      const act = acts.find((each) => each.id === answer.id);
      if (["done", "already", "conflict"].includes(answer.end)) {
        await store.forget(answer.id);
        count += 1;
      } else if (answer.reason === "revoked") why = "revoked";
      else if (act && answer.reason !== "out_of_order") {
        await store.keep({ ...act, state: "refused", words: answer.words });
        count += 1;
      }
    }
    await store.put("conflicts", conflicts);
    return { count, why };
  }

  // One that was refused leaves a gap: those behind it are numbered and signed anew, in their order.
  async function renumber(user, next) {
    return phone.alone("number", async () => {
      const mine = await phone.known(user);
      const acts = await waiting(user);
      if (!mine || !acts.length || (acts[0].seq === next && acts[0].device === mine.device)) return false;
      for (const [n, act] of acts.entries()) {
        await seal(act, mine, next + n);
        await store.keep(act);
      }
      await store.put(`phone:${user}`, { ...mine, next: next + acts.length });
      return true;
    });
  }

  channel?.addEventListener("message", () => self.dispatchEvent(new Event("linli:queue")));
  return { add, send, ask, waiting, changed, all: () => store.queue() };
})();
