// While the runner is at work the day's page looks again by itself, and stands still when it is done.
"use strict";
(() => {
  const again = async () => {
    const page = document.querySelector("[data-refresh-seconds]");
    if (!page || document.hidden || page.contains(document.activeElement)) return plan();
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".recon");
      if (fresh) page.replaceWith(document.adoptNode(fresh));
    } catch { /* the next look may work */ }
    plan();
  };
  const plan = () => {
    const page = document.querySelector("[data-refresh-seconds]");
    if (page) setTimeout(again, Number(page.dataset.refreshSeconds) * 1000);
  };
  plan();
  const chosen = document.querySelector(".recon-days [aria-current]") || document.querySelector(".recon-days li:last-child a");
  if (chosen) chosen.scrollIntoView({ block: "nearest", inline: "center" });
})();
