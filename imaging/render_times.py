"""How long renders take here: what a new one would take, from what the last ones took."""

from catalog.delivery.model import Format

_NEWEST_SHARE = 0.1
#: Before the first of a format: 640 px from a photograph of 24 megapixels, on one core.
_USUAL_S = {Format.JPEG: 0.08, Format.PNG: 0.15, Format.WEBP: 0.11, Format.AVIF: 0.15}


class RenderTimes:
    """Moving means by format."""

    def __init__(self) -> None:
        self._mean_s = dict(_USUAL_S)

    def expected_s(self, image_format: Format) -> float:
        """Return how long the next render of this format may keep a thread."""
        return self._mean_s[image_format]

    def took(self, image_format: Format, seconds: float) -> None:
        """Take the time of a render that is done into the mean."""
        mean_s = self._mean_s[image_format]
        self._mean_s[image_format] = mean_s + (seconds - mean_s) * _NEWEST_SHARE
