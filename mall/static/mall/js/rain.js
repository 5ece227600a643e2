// Packets that fall while it rains: each is one more way to press the button. Nothing is decided here.

const sky = document.getElementById("sky");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const between = (low, high) => low + Math.random() * (high - low);

function drop() {
  if (still.matches || document.hidden || !sky.querySelector("[data-draw]") || sky.querySelectorAll(".falling").length > 11) return;
  const packet = document.createElement("span");
  packet.className = "falling";
  packet.setAttribute("aria-hidden", "true");
  packet.append(Object.assign(document.createElement("span"), { className: "packet" }));
  packet.style.left = `${between(2, 88)}%`;
  packet.style.animationDuration = `${between(2.6, 5)}s`;
  packet.style.setProperty("--drop", `${sky.clientHeight}px`);
  packet.style.setProperty("--turn", `${between(-40, 40)}deg`);
  packet.addEventListener("animationend", () => packet.remove());
  packet.addEventListener("pointerdown", () => {
    packet.remove();
    const button = sky.querySelector("[data-draw] button");
    if (button && !button.disabled) button.click();
  });
  sky.append(packet);
}

if (sky) setInterval(drop, 420);

// The number of the next draw is the server's; a page that came back from the cache asks anew.
addEventListener("pageshow", (event) => event.persisted && location.reload());

// When a clock has run down the page is another one. Not everybody in the same instant.
document.body.addEventListener("linli:over", () => setTimeout(() => location.reload(), between(200, 1500)), { once: true });
