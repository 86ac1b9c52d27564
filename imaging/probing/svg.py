"""Makes an SVG harmless before it is rasterised: no scripts, no entities, nothing from outside.

The result is only rasterised, never served. The renderer would not fetch anything either; this is
the first of the two walls.
"""

import re
from html import escape
from typing import Final
from xml.parsers import expat

from imaging.model import UnsafeSvgError

_DROPPED: Final = frozenset({
    "script", "foreignobject", "iframe", "object", "embed", "audio", "video", "canvas", "link",
    "handler", "listener", "set", "animate", "animatemotion", "animatetransform", "discard",
})  # fmt: skip
_RASTER_DATA = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,", re.IGNORECASE)
_OUTSIDE_CSS = re.compile(
    r"@import|\\|url\(\s*['\"]?\s*(?!#|['\"]?\s*data:image/(?:png|jpe?g|gif|webp);base64,)",
    re.IGNORECASE,
)
_MAX_DEPTH = 200


def sanitised_svg(document: bytes) -> bytes:
    """Return the document without what could run or reach out; its drawing is left as it was.

    Raises:
        UnsafeSvgError: it declares entities, nests too deeply or is no well-formed XML.
    """
    return _Sanitiser().run(document)


class _Sanitiser:
    """Writes what expat reads, except what is dropped."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._depth = 0
        self._dropped_at: int | None = None
        self._style: list[str] | None = None

    def run(self, document: bytes) -> bytes:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.EntityDeclHandler = _refuse_entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        # Comments, processing instructions (style sheets) and the document type have no handler
        # and so are not written again.
        try:
            parser.Parse(document, True)  # noqa: FBT003 - expat takes it by position only
        except (expat.ExpatError, LookupError, ValueError) as error:
            # The latter two: it declares an encoding that Python or expat does not have.
            raise UnsafeSvgError(f"The SVG is no well-formed XML: {error}.") from error
        return "".join(self._parts).encode()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise UnsafeSvgError(f"The SVG nests more than {_MAX_DEPTH} elements.")
        if self._dropped_at is not None:
            return
        local = name.rpartition(":")[2].lower()
        if local in _DROPPED:
            self._dropped_at = self._depth
            return
        kept = (
            f' {key}="{escape(value)}"' for key, value in attributes.items() if _safe(key, value)
        )
        self._parts.append(f"<{name}{''.join(kept)}>")
        if local == "style":
            self._style = []

    def _end(self, name: str) -> None:
        if self._dropped_at is None:
            self._close_style()
            self._parts.append(f"</{name}>")
        elif self._dropped_at == self._depth:
            self._dropped_at = None
        self._depth -= 1

    def _close_style(self) -> None:
        if self._style is None:
            return
        css = "".join(self._style)
        self._style = None
        # A sheet that reaches out goes whole: mending CSS by patterns is how filters are evaded.
        if not _OUTSIDE_CSS.search(css):
            self._parts.append(escape(css))

    def _text(self, text: str) -> None:
        if self._dropped_at is not None:
            return
        if self._style is not None:
            self._style.append(text)
        else:
            self._parts.append(escape(text))


def _refuse_entity(*_declaration: object) -> None:
    raise UnsafeSvgError("The SVG declares entities.")


def _safe(key: str, value: str) -> bool:
    local = key.rpartition(":")[2].lower()
    if local.startswith("on") or key.lower() == "xml:base":
        return False
    if local in {"href", "src"}:
        return value.strip().startswith("#") or _RASTER_DATA.match(value.strip()) is not None
    return not _OUTSIDE_CSS.search(value)
