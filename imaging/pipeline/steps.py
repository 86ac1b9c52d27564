"""The steps between the resize and the encoder; each takes an image and gives one."""

from dataclasses import dataclass

from catalog.delivery.geometry import Geometry, crop_corner
from catalog.delivery.model import CropMode, Format, RenditionRequest
from imaging.direct import copy
from imaging.pipeline.rights import rights_packet
from imaging.vips import XMP_FIELD, Image, Stop, set_blob, settle

# A light 3x3 sharpening; libvips's own works in LAB and costs three times as much.
_SHARPEN = ([[-1, -1, -1], [-1, 32, -1], [-1, -1, -1]], 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderContext:
    """What the steps of one render share."""

    request: RenditionRequest
    geometry: Geometry
    shrinks: bool
    stop: Stop


def crop(image: Image, job: RenderContext) -> Image:
    """Keep the part around the focal point, or where the eye goes."""
    scaled, kept, focal = job.geometry.scaled, job.geometry.kept, job.request.focal
    if scaled == kept:
        return image
    if focal is None:
        calm = settle(image, job.stop)
        return calm.smartcrop(kept.width_px, kept.height_px, interesting="attention")
    left, top = crop_corner(job.geometry, focal)
    return image.crop(left, top, kept.width_px, kept.height_px)


def sharpen(image: Image, job: RenderContext) -> Image:
    """Give back the edge that shrinking took; transparency stays as it is."""
    if not (job.request.recipe.sharpen and job.shrinks):
        return image
    weights, scale = _SHARPEN
    mask = Image.new_from_array(weights, scale=scale)
    if not image.hasalpha():
        return image.conv(mask, precision="integer")
    colour = image.extract_band(0, n=image.bands - 1).conv(mask, precision="integer")
    return colour.bandjoin(image.extract_band(image.bands - 1))


def fill_background(image: Image, job: RenderContext) -> Image:
    """Put the background behind transparency and around a padded picture, where it shows."""
    recipe, canvas = job.request.recipe, job.geometry.canvas
    padded = recipe.mode is CropMode.PAD and recipe.ratio is not None
    background = [float(part) for part in bytes.fromhex(recipe.background.removeprefix("#"))]
    if image.hasalpha() and (padded or job.request.format is Format.JPEG):
        image = image.flatten(background=background)
    if not padded:
        return image
    left = (canvas.width_px - image.width) // 2
    top = (canvas.height_px - image.height) // 2
    size = canvas.width_px, canvas.height_px
    return image.embed(left, top, *size, extend="background", background=background)


def replace_metadata(image: Image, job: RenderContext) -> Image:
    """Leave nothing but the rights: the encoders write no other field (`keep`)."""
    packet = rights_packet(job.request.rights, job.request.notice)
    if packet is None and not image.get_typeof(XMP_FIELD):
        return image
    image = copy(image)
    image.remove(XMP_FIELD)
    if packet:
        set_blob(image, XMP_FIELD, packet)
    return image
