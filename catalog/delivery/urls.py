"""The rendition URL: read, written, and nothing else accepted.

`{media_base}/{asset}/{epoch}/{preset}.{version}-{width}/{slug}.{format}?t={token}`
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from catalog.delivery.model import Format
from catalog.errors import NotFoundError
from catalog.ids import from_base36, to_base36

_PATH = re.compile(
    r"/(?P<asset>[a-z0-9]{4,24})/(?P<epoch>[0-9a-z]{1,12})"
    r"/(?P<preset>[a-z0-9]+(?:-[a-z0-9]+)*)\.(?P<version>[1-9][0-9]{0,8})-(?P<width>[1-9][0-9]{0,4})"
    r"/(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)\.(?P<format>avif|webp|jpg|png|auto)"
)


class PathError(NotFoundError):
    """The path is not one of a rendition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionPath:
    """The parts of a rendition's path."""

    asset: str
    epoch: int
    preset: str
    version: int
    width_px: int
    slug: str
    format: Format

    def __str__(self) -> str:
        """Return the canonical path, with its leading slash."""
        return (
            f"/{self.asset}/{to_base36(self.epoch)}/{self.preset}.{self.version}-{self.width_px}"
            f"/{self.slug}.{self.format.value}"
        )


def parse_path(path: str) -> RenditionPath:
    """Read a rendition's path.

    Raises:
        PathError: any other path.
    """
    read = _PATH.fullmatch(path)
    if read is None:
        raise PathError("no rendition has this path")
    try:
        epoch = from_base36(read["epoch"])
    except ValueError as error:
        raise PathError("no rendition has this path") from error
    return RenditionPath(
        asset=read["asset"],
        epoch=epoch,
        preset=read["preset"],
        version=int(read["version"]),
        width_px=int(read["width"]),
        slug=read["slug"],
        format=Format(read["format"]),
    )


class Urls(NamedTuple):
    """Writes the URLs of an asset that have one token.

    Attributes:
        before: all that comes before the preset.
        slug: with what separates it from both sides.
        query: with the token.
    """

    before: str
    slug: str
    query: str

    @classmethod
    def of(cls, media_base: str, *, asset: str, epoch: int, slug: str, token: str) -> "Urls":
        """Make what writes them; `media_base` has no trailing slash."""
        return cls(f"{media_base}/{asset}/{to_base36(epoch)}/", f"/{slug}.", f"?t={token}")

    def url(self, preset: str, version: int, width_px: int, image_format: Format) -> str:
        """Write the whole URL of one rendition."""
        before, slug, query = self
        return f"{before}{preset}.{version}-{width_px}{slug}{image_format.value}{query}"
