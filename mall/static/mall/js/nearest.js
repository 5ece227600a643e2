// "Near me": <button data-nearest data-url="/points/" data-denied="…"> asks once for the place and opens url?lat=…&lng=….
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-nearest]");
  if (!button) return;
  const stop = () => {
    button.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("linli:say", { detail: { text: button.dataset.denied, kind: "warning" } }));
  };
  if (!navigator.geolocation) return stop();
  button.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const target = new URL(button.dataset.url, location.href);
      target.searchParams.set("lat", coords.latitude.toFixed(5));
      target.searchParams.set("lng", coords.longitude.toFixed(5));
      location.assign(target);
    },
    stop,
    { timeout: 8000, maximumAge: 600000 },
  );
});
