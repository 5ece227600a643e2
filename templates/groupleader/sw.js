// The portal's service worker: pages from the network, its own page and files from the phone.
const VERSION = "linli-leader-{{ version|escapejs }}";
const PLACES = { shell: "{{ places.shell|escapejs }}", home: "{{ places.home|escapejs }}" };
const STATIC = "{{ static|escapejs }}";
const PATIENCE = 8000;
importScripts({% for script in scripts %}"{{ script|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %});

// The page names its own files: whatever it needs is kept with it.
async function keepShell() {
  const cache = await caches.open(VERSION);
  const answer = await fetch(PLACES.shell, { cache: "reload", redirect: "manual" });
  if (!answer.ok) return;
  const named = [...(await answer.clone().text()).matchAll(/="([^"#?]+)/g)].map(([, place]) => place);
  const files = [...new Set(named.filter((place) => place.startsWith(STATIC)))];
  await Promise.all(files.map(async (file) => (await cache.match(file)) ?? cache.add(file).catch(() => null)));
  await cache.put(PLACES.shell, answer);
}

async function page(request) {
  const late = new AbortController();
  const clock = setTimeout(() => late.abort(), PATIENCE);
  try {
    return await fetch(request, { signal: late.signal });
  } catch (trouble) {
    const kept = await caches.match(PLACES.shell);
    if (kept) return kept;
    throw trouble;
  } finally {
    clearTimeout(clock);
  }
}

// A name with a fingerprint in it never changes; any other is asked for anew while one can ask.
async function file(request) {
  const cache = await caches.open(VERSION);
  const kept = await cache.match(request);
  if (kept && /\.[0-9a-f]{12}\./.test(request.url)) return kept;
  try {
    const answer = await fetch(request);
    if (answer.ok) cache.put(request, answer.clone());
    return answer;
  } catch (trouble) {
    if (kept) return kept;
    throw trouble;
  }
}

addEventListener("install", (event) => event.waitUntil(keepShell().then(() => skipWaiting())));
addEventListener("activate", (event) =>
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("linli-leader-") && name !== VERSION).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  ),
);
addEventListener("fetch", (event) => {
  const { request } = event;
  const place = new URL(request.url);
  if (request.method !== "GET" || place.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (place.pathname.startsWith(STATIC)) event.respondWith(file(request));
});
addEventListener("message", (event) => event.data === "shell" && event.waitUntil(keepShell().catch(() => null)));
addEventListener("sync", (event) => event.tag === "linli-queue" && event.waitUntil(linli.queue.send()));
