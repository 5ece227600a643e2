// Photos before they are sent: shown small, and drawn smaller where the telephone made them huge.

const SIDE = 2000;
const ENOUGH = 1_500_000;

async function smaller(file) {
  if (file.size <= ENOUGH || !("createImageBitmap" in window)) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return drawn && drawn.size < file.size ? new File([drawn], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file; // the server says what is wrong with it
  }
}

async function take(input) {
  const most = Number(input.dataset.photos);
  const files = await Promise.all([...input.files].slice(0, most).map(smaller));
  const kept = new DataTransfer();
  files.forEach((file) => kept.items.add(file));
  input.files = kept.files;
  const place = input.parentElement.querySelector("[data-shown]");
  place.querySelectorAll("img").forEach((shown) => URL.revokeObjectURL(shown.src));
  place.replaceChildren(
    ...files.map((file) => {
      const shown = document.createElement("img");
      shown.src = URL.createObjectURL(file);
      shown.alt = "";
      shown.className = "thumb";
      return shown;
    }),
  );
  place.hidden = !files.length;
}

document.querySelectorAll("input[data-photos]").forEach((input) => input.addEventListener("change", () => take(input)));
// Typing an amount chooses the way of asking it belongs to.
document.querySelectorAll("input[data-chooses]").forEach((input) =>
  input.addEventListener("input", () => {
    const way = document.querySelector(`input[name=how][value="${input.dataset.chooses}"]`);
    if (way && input.value) way.checked = true;
  }),
);
