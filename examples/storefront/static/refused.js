// A picture that the gateway refuses shows words in its place.

const refuse = image => image.closest(".picture")?.setAttribute("data-refused", "");

addEventListener("error", ({ target }) => target.matches?.("picture > img") && refuse(target), true);
for (const image of document.querySelectorAll("picture > img")) {
  if (image.complete && image.currentSrc && !image.naturalWidth) refuse(image);
}
