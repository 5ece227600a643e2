// This phone at the counter: its signing key, the key its day is locked with, and codes recognised by
// their hashes. Neither private key can be read out of the browser. docs/offline.md has the reasons.

self.linli ??= {};
self.linli.phone = (() => {
  const { store } = self.linli;
  const SIGN = { name: "ECDSA", namedCurve: "P-256" };
  const bytes = (text) => new TextEncoder().encode(text);
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  const unbase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  // One tab at a time gives numbers or sends.
  const alone = (name, work) => (navigator.locks ? navigator.locks.request(`linli-${name}`, work) : work());

  const known = (user) => store.get(`phone:${user}`);

  async function become(user, place, csrf) {
    const pair = await crypto.subtle.generateKey(SIGN, false, ["sign", "verify"]);
    const locks = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const publicKey = base64(await crypto.subtle.exportKey("spki", pair.publicKey));
    const answer = await fetch(place, { method: "POST", headers: { "X-CSRFToken": csrf }, body: new URLSearchParams({ public_key: publicKey, name: name() }) });
    if (!answer.ok) throw new Error(`not made known: ${answer.status}`);
    const { device, next_seq } = await answer.json();
    const phone = { user, device, sign: pair.privateKey, locks, next: next_seq };
    await store.put(`phone:${user}`, phone);
    return phone;
  }

  function name() {
    const said = navigator.userAgentData;
    const browser = said?.brands?.find((each) => !/not.?a.?brand|chromium/i.test(each.brand))?.brand;
    const system = said?.platform || /\(([^;)]+)/.exec(navigator.userAgent)?.[1] || "";
    return [system, browser].filter(Boolean).join(" · ").slice(0, 80);
  }

  async function sign(phone, text) {
    return base64(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, phone.sign, bytes(text)));
  }

  async function lock(phone, thing) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, phone.locks, bytes(JSON.stringify(thing)));
    return { iv, box };
  }

  async function unlock(phone, { iv, box }) {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, phone.locks, box)));
  }

  // The day: locked while it lies here, gone when it is over.
  async function keepDay(phone, day) {
    await store.put("day", { user: phone.user, at: day.at, until: day.valid_until, ...(await lock(phone, day)) });
  }

  async function day(phone) {
    const kept = await store.get("day");
    if (!kept || kept.user !== phone?.user) return null;
    if (Date.now() > Date.parse(kept.until)) {
      await store.drop("day");
      return null;
    }
    return unlock(phone, kept).catch(() => null);
  }

  async function slowHash(code, { salt, iterations }) {
    const key = await crypto.subtle.importKey("raw", bytes(code), "PBKDF2", false, ["deriveBits"]);
    return base64(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: unbase64(salt), iterations }, key, 128));
  }

  async function fastHash(text, { salt }) {
    const whole = new Uint8Array([...unbase64(salt), ...bytes(text)]);
    return base64((await crypto.subtle.digest("SHA-256", whole)).slice(0, 16));
  }

  const sha = async (blob) => hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));

  return { known, become, sign, keepDay, day, slowHash, fastHash, sha, alone };
})();
