// A picture that the gateway refuses shows words in its place.

const refuse = picture => picture.closest(".picture")?.setAttribute("data-refused", "");

addEventListener("error", ({ target }) => target instanceof Image && refuse(target), true);
for (const picture of document.images) {
  if (picture.complete && picture.currentSrc && !picture.naturalWidth) refuse(picture);
}
