"""Makes an SVG harmless before it is rasterised: no scripts, no entities, nothing from outside.

The result is only rasterised, never served. The renderer would not fetch anything either; this is
the first of the two walls.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias
from xml.parsers import expat

from imaging.model import UnsafeSvgError
from imaging.probing.css import Styles, in_pixels, loads

#: Gives what may stand for an embedded picture, as a `data:` URI; None: it is left out.
Embed: TypeAlias = Callable[[str], str | None]

MOST_NESTED: Final = 200
_MEDIUM: Final = "16px"  # where browsers begin; librsvg does with 12
_DROPPED: Final = frozenset({
    "script", "foreignobject", "iframe", "object", "embed", "audio", "video", "canvas", "link",
    "handler", "listener", "set", "animate", "animatemotion", "animatetransform", "discard",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawing without what could run or reach out.

    Attributes:
        root: the name of its outermost element, with its prefix.
        attributes: of that element.
        inside: the markup in it.
    """

    root: str
    attributes: Mapping[str, str]
    inside: str

    @property
    def prefix(self) -> str:
        """Return what stands before the name of an element of SVG, such as `svg:`."""
        prefix, colon, _ = self.root.rpartition(":")
        return prefix + colon

    def written(self) -> bytes:
        """Return the document in UTF-8."""
        return (_opened(self.root, self.attributes) + self.inside + f"</{self.root}>").encode()


def sanitised_svg(document: bytes, embed: Embed) -> Drawing:
    """Return the document without what could run or reach out; its drawing is left as it was.

    Raises:
        UnsafeSvgError: it declares entities, nests too deeply or is no well-formed XML.
        UnsupportedFormatError: it has styles that only a browser can weigh.
    """
    return _Sanitiser(embed).run(document)


class _Sanitiser:
    """Writes what expat reads, except what is dropped."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._parts: list[str] = []
        self._root = ""
        self._attributes: dict[str, str] = {}
        self._depth = 0
        self._dropped_at: int | None = None
        self._style: list[str] | None = None
        self._styles = Styles()

    def run(self, document: bytes) -> Drawing:
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
        self._styles.check()
        inside = "".join(self._parts)
        return Drawing(root=self._root, attributes=self._attributes, inside=inside)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise UnsafeSvgError(f"The SVG nests more than {MOST_NESTED} elements.")
        if self._dropped_at is not None:
            return
        local = _local(name)
        if local in _DROPPED:
            self._dropped_at = self._depth
            return
        kept = {
            key: safe
            for key, value in attributes.items()
            if (safe := self._safe(key, value)) is not None
        }
        if self._depth == 1:
            self._root = name
            self._attributes = {"font-size": _MEDIUM, **kept}
        else:
            self._parts.append(_opened(name, kept))
        if local == "style":
            self._style = []

    def _end(self, name: str) -> None:
        if self._dropped_at is None:
            self._close_style()
            if self._depth > 1:
                self._parts.append(f"</{name}>")
        elif self._dropped_at == self._depth:
            self._dropped_at = None
        self._depth -= 1

    def _close_style(self) -> None:
        if self._style is not None:
            self._parts.append(escape(self._styles.sheet("".join(self._style))))
            self._style = None

    def _text(self, text: str) -> None:
        if self._dropped_at is not None:
            return
        if self._style is not None:
            self._style.append(text)
        else:
            self._parts.append(escape(text))

    def _safe(self, key: str, value: str) -> str | None:
        """Return the value of an attribute without what runs or reaches out; None: drop it."""
        local = _local(key)
        if local.startswith("on") or key.lower() == "xml:base":
            return None
        if local in {"href", "src"}:
            return value if value.strip().startswith("#") else self._embed(value.strip())
        if local == "style":
            return self._styles.declarations(value) or None
        return None if loads(value) else in_pixels(local, value)


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _opened(name: str, attributes: Mapping[str, str]) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>"


def _refuse_entity(*_declaration: object) -> None:
    raise UnsafeSvgError("The SVG declares entities.")
