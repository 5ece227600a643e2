// The hand-over desk: the code field is always ready for the next bag, and each answer can be felt and heard.

const field = () => document.querySelector("input[data-autosend]");
const quiet = document.querySelector("[data-sound]");
let ear;

const isLoud = () => quiet?.getAttribute("aria-pressed") === "true";

function beep(isGood) {
  if (!isLoud()) return;
  ear ??= new AudioContext();
  const tones = isGood ? [880] : [330, 330];
  tones.forEach((pitch, n) => {
    const tone = ear.createOscillator();
    const loudness = ear.createGain();
    tone.frequency.value = pitch;
    loudness.gain.value = 0.15;
    tone.connect(loudness).connect(ear.destination);
    tone.start(ear.currentTime + n * 0.25);
    tone.stop(ear.currentTime + n * 0.25 + 0.15);
  });
}

if (quiet) {
  quiet.hidden = false;
  quiet.setAttribute("aria-pressed", String(localStorage.getItem("counter-sound") !== "off"));
  quiet.addEventListener("click", () => {
    const on = !isLoud();
    quiet.setAttribute("aria-pressed", String(on));
    localStorage.setItem("counter-sound", on ? "on" : "off");
    beep(true);
  });
}

function feel(kind) {
  const isStop = kind === "stop";
  navigator.vibrate?.(isStop ? [120, 60, 120] : 60);
  beep(!isStop);
}

function next() {
  if (!document.querySelector("[data-scan] details[open]")) field()?.focus();
  document.dispatchEvent(new Event("linli:next"));
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "bag") return;
  const bag = event.detail.target.querySelector("[data-bag]");
  const code = field();
  if (code) code.value = "";
  feel(bag?.dataset.bag);
  const confirm = event.detail.target.querySelector("[data-confirm]");
  if (confirm) confirm.focus();
  else next();
});
// The page that needs no connection says itself what it shows.
document.addEventListener("linli:bag", (event) => {
  feel(event.detail);
  if (event.detail !== "ok") next();
});
