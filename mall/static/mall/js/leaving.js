// Whoever signs out leaves nobody's day behind: what a leader's phone took along for working without a
// connection goes before the sign-in does. What it has still to tell stays; it holds no names.

const NAME = "linli-counter";
const PATIENCE = 1500;

function forgetDay() {
  return new Promise((done) => {
    const asked = indexedDB.open(NAME);
    // Nothing was ever kept here: leave nothing behind either.
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = done;
    asked.onsuccess = () => {
      const base = asked.result;
      if (!base.objectStoreNames.contains("things")) return done();
      const whole = base.transaction("things", "readwrite");
      for (const thing of ["day", "since", "user"]) whole.objectStore("things").delete(thing);
      whole.oncomplete = whole.onabort = done;
      return undefined;
    };
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("form[data-leaves]");
  if (!form || event.defaultPrevented || !("indexedDB" in self)) return;
  event.preventDefault();
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  Promise.race([forgetDay(), late]).then(() => HTMLFormElement.prototype.submit.call(form));
});
