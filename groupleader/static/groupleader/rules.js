// A rule's target is looked for among what its scope speaks about; another scope, another target.
const scope = document.querySelector("#id_scope");
const target = document.querySelector("#id_target");
const tell = () => {
  target.dataset.appLabel = scope.value;
  target.closest(".lin-field").hidden = scope.value === "default";
};
if (scope && target) {
  scope.addEventListener("change", () => {
    target.replaceChildren();
    target.dispatchEvent(new Event("change", { bubbles: true }));
    tell();
  });
  tell();
}
