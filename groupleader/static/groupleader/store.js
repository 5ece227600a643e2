// The phone's drawer: what it took along, its keys, and what it has still to tell. Kept in IndexedDB,
// so that nothing is lost when the page is closed. Used by the pages and by the service worker.

self.linli ??= {};
self.linli.store = (() => {
  const open = new Promise((done, failed) => {
    const asked = indexedDB.open("linli-counter", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("things");
      asked.result.createObjectStore("queue", { keyPath: "id" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });

  // The promise is kept only when the transaction is: an act is written or it is not.
  async function ask(place, mode, wish) {
    const base = await open;
    return new Promise((done, failed) => {
      const whole = base.transaction(place, mode);
      const asked = wish(whole.objectStore(place));
      whole.oncomplete = () => done(asked?.result);
      whole.onabort = whole.onerror = () => failed(whole.error);
    });
  }

  return {
    get: (key) => ask("things", "readonly", (place) => place.get(key)),
    put: (key, value) => ask("things", "readwrite", (place) => place.put(value, key)),
    drop: (key) => ask("things", "readwrite", (place) => place.delete(key)),
    keep: (act) => ask("queue", "readwrite", (place) => place.put(act)),
    forget: (id) => ask("queue", "readwrite", (place) => place.delete(id)),
    queue: async () => (await ask("queue", "readonly", (place) => place.getAll())).sort((a, b) => a.user - b.user || a.seq - b.seq),
  };
})();
