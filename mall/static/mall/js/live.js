// The moving part of a group's page, <section data-live="tag">: asked for only while somebody looks, put in only when it is new.

const isLive = (event) => event.target instanceof Element && event.target.matches("[data-live]");
const on = (type, handler, early = false) => document.addEventListener(type, handler, early);

on("htmx:beforeRequest", (event) => isLive(event) && document.hidden && event.preventDefault());
on("htmx:configRequest", (event) => isLive(event) && (event.detail.headers["If-None-Match"] = `"${event.target.dataset.live}"`));
on("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 304) event.detail.shouldSwap = false;
});
// It asks again by itself in a moment: no need to say that once it did not get an answer.
for (const type of ["htmx:sendError", "htmx:responseError"]) on(type, (event) => isLive(event) && event.stopImmediatePropagation(), true);
on("visibilitychange", () => {
  const part = document.querySelector("[data-live]");
  if (part && !document.hidden) window.htmx?.trigger(part, "linli:look");
});
