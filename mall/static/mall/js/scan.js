// The leader's camera: <section data-scan data-reader data-wasm data-to> with <video>, [data-status], [data-start], [data-torch], input[type=file].
// A QR holding one of our pickup addresses is opened; six digits are put into the form's code field and sent.
// Another counter says otherwise: data-digits="8" data-path="/redeem/t/".

const box = document.querySelector("[data-scan]");
const video = box?.querySelector("video");
const status = box?.querySelector("[data-status]");
const options = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 };
let reader;
let stream;
let found = false;
let wasOn = false;

function load() {
  reader ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = box.dataset.reader;
    script.onload = () => {
      window.ZXingWASM.prepareZXingModule({ overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? box.dataset.wasm : prefix + path) } });
      done(window.ZXingWASM.readBarcodes);
    };
    script.onerror = failed;
    document.head.append(script);
  });
  return reader;
}

const tell = (key) => (status.textContent = box.dataset[key] ?? "");

function accept(text) {
  const { digits = "6", path: way = "/p/" } = box.dataset;
  const code = new RegExp(`^\\d{${digits}}$`).test(text) ? text : null;
  const path = new RegExp(`${way}[\\w-]{8,}/?$`).exec(text)?.[0];
  if (!code && !path) return tell("strange");
  found = true;
  tell("found");
  navigator.vibrate?.(60);
  stop();
  const form = document.querySelector("form[data-scan-form]");
  form.elements[code ? "code" : "token"].value = code ?? path.split("/").filter(Boolean).pop();
  form.requestSubmit();
}

async function read(picture) {
  const [hit] = await (await load())(picture, options);
  if (hit?.text && !found) accept(hit.text);
  return Boolean(hit);
}

async function watch() {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  while (stream && !found) {
    if (video.videoWidth) {
      const scale = Math.min(1, 720 / video.videoWidth);
      canvas.width = video.videoWidth * scale;
      canvas.height = video.videoHeight * scale;
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      await read(pen.getImageData(0, 0, canvas.width, canvas.height));
    }
    await new Promise((next) => setTimeout(next, 160));
  }
}

async function start() {
  tell("starting");
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
  } catch {
    return tell("denied");
  }
  wasOn = true;
  video.srcObject = stream;
  await video.play();
  const torch = box.querySelector("[data-torch]");
  if (torch) torch.hidden = !stream.getVideoTracks()[0].getCapabilities?.().torch;
  tell("looking");
  watch().catch(() => tell("failed"));
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
}

box?.querySelector("[data-start]")?.addEventListener("click", start);
box?.querySelector("[data-torch]")?.addEventListener("click", (event) => {
  const lit = event.currentTarget.getAttribute("aria-pressed") !== "true";
  event.currentTarget.setAttribute("aria-pressed", String(lit));
  stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: lit }] });
});
box?.querySelector("input[type=file]")?.addEventListener("change", async (event) => {
  const [photo] = event.target.files;
  if (photo && !(await read(photo))) tell("nothing");
});
// The page says "linli:next" when the bag is done: a camera that was on looks for the next code.
document.addEventListener("linli:next", () => {
  if (!found) return;
  found = false;
  if (wasOn) start();
});
addEventListener("pagehide", stop);
