"""The styles of a drawing, for a renderer that knows little of CSS, without what would be loaded.

What would load anything is left out, the rule or the declaration alone, as CSS leaves out one that
fails to load. librsvg (2.61) passes over every `@media`, over `!important` behind some values and
over `rem`, and has sizes of its own for `medium` and its like: these are written otherwise, so that
it draws what a browser does. A style without any of them stays as it was.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol, cast

import tinycss2

from imaging.model import UnsafeSvgError, UnsupportedFormatError

# Without any of these a style is not read. An escape may write any of them otherwise.
_MAY_MATTER: Final = re.compile(r"[\\@!]|url|src|image|cross-fade|element", re.IGNORECASE)
# By far the most references; beside these a large drawing has no others to be told apart.
_PLAIN: Final = re.compile(r"url\((['\"]?)#[\w.:-]*\1\)", re.IGNORECASE)
_RULE_IN_RULE: Final = re.compile(r"\{[^{}]*\{")
_LOADING: Final = frozenset({
    "src", "image", "image-set", "-webkit-image-set", "cross-fade", "-webkit-cross-fade", "element",
})  # fmt: skip
#: What librsvg passes over and a browser may not; what else has an `@` is not for a still drawing.
_CONDITIONAL: Final = frozenset({"supports", "layer", "container", "scope", "starting-style"})
_SCREEN: Final = frozenset({
    "", "all", "screen", "only all", "only screen", "not print", "(prefers-color-scheme:light)",
})  # fmt: skip
_PAINTS: Final = frozenset({"fill", "stroke"})
#: Lists of values, of which librsvg takes `!important` for one more, and then takes none.
_UNFLAGGED: Final = re.compile(
    r"filter|font(?:-family)?|paint-order|stroke-dasharray|text-decoration|transform", re.IGNORECASE
)
#: Makes a selector count for more than any without it: no element has such a name.
_ABOVE_ALL: Final = ":not(" + "#no-such-name" * 5 + ")"
MOST_NESTED: Final = 50

_ROOT_PX: Final = 16  # what browsers take for `medium` and for 1rem
_SIZES_PX: Final = {
    "xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24,
    "xx-large": 32,
}  # fmt: skip
_REM: Final = re.compile(r"(?<![\w.#\\-])([-+]?(?:\d+\.?\d*|\.\d+))rem\b", re.IGNORECASE)
_NAMED_SIZE: Final = re.compile(
    rf"(\bfont-size\s*:\s*)({'|'.join(sorted(_SIZES_PX, reverse=True))})(?![\w-])", re.IGNORECASE
)


class _Node(Protocol):
    """What is used of the nodes of tinycss2, which has no types; each kind has a part of these."""

    type: str
    value: str
    lower_name: str
    lower_at_keyword: str
    important: bool
    arguments: "Sequence[_Node]"
    prelude: "Sequence[_Node]"
    content: "Sequence[_Node] | None"


class _Library(Protocol):
    def parse_component_value_list(self, css: str, skip_comments: bool) -> Sequence[_Node]: ...  # noqa: FBT001 - as theirs
    def parse_stylesheet(self, css: Sequence[_Node]) -> Sequence[_Node]: ...
    def parse_blocks_contents(self, css: Sequence[_Node]) -> Sequence[_Node]: ...
    def serialize(self, nodes: Sequence[_Node]) -> str: ...


_css: Final = cast("_Library", tinycss2)


class Styles:
    """Reads the sheets and the style attributes of one drawing."""

    def __init__(self) -> None:
        self._raised: set[str] = set()
        self._in_attributes: set[str] = set()

    def sheet(self, sheet: str) -> str:
        """Return a style sheet as it is for a screen of any size.

        Raises:
            UnsafeSvgError: it nests too deeply.
            UnsupportedFormatError: it has rules that only a browser can weigh.
        """
        sheet = _sized(sheet)
        if not _may_matter(sheet) and not _RULE_IN_RULE.search(sheet):
            return sheet
        return "".join(self._rules(_css.parse_stylesheet(_values(sheet))))

    def declarations(self, style: str) -> str:
        """Return the value of a `style` attribute.

        Raises:
            UnsafeSvgError: it nests too deeply.
        """
        style = _sized(style)
        if _may_matter(style):
            plain, raised = _declarations(_values(style))
            style = ";".join((*plain, *raised.values()))
        self._in_attributes.update(name.lower() for name in _UNFLAGGED.findall(style))
        return style

    def check(self) -> None:
        """Refuse the drawing if a sheet ought to win over a style attribute, and would not.

        Raises:
            UnsupportedFormatError: it does.
        """
        groups = [{_group(name) for name in names} for names in (self._raised, self._in_attributes)]
        if both := sorted(groups[0] & groups[1]):
            raise UnsupportedFormatError(
                f"The SVG sets `{both[0]}` as important in a style sheet, and in a style attribute "
                "too. Save it with presentation attributes instead."
            )

    def _rules(self, nodes: Iterable[_Node]) -> Iterator[str]:
        for node in nodes:
            if node.type == "qualified-rule" and not _reaches_out(node.prelude):
                yield from self._rule(node)
            elif node.type == "at-rule" and node.content:
                if node.lower_at_keyword in _CONDITIONAL:
                    raise UnsupportedFormatError(
                        f"The SVG has a style sheet with @{node.lower_at_keyword}, which only "
                        "browsers know. Save it with presentation attributes instead."
                    )
                if node.lower_at_keyword == "media" and _is_for_screen(node.prelude):
                    yield from self._rules(_css.parse_stylesheet(node.content))

    def _rule(self, rule: _Node) -> Iterator[str]:
        plain, raised = _declarations(rule.content or ())
        selector = _css.serialize(rule.prelude).strip()
        if plain:
            yield f"{selector}{{{';'.join(plain)}}}"
        if raised:
            self._raised.update(raised)
            yield f"{_above_all(rule.prelude)}{{{';'.join(raised.values())}}}"


def loads(value: str) -> bool:
    """Return whether the value of a presentation attribute loads something.

    Raises:
        UnsafeSvgError: it nests too deeply.
    """
    return _may_matter(value) and _reaches_out(_values(value))


def in_pixels(name: str, value: str) -> str:
    """Return the value of a presentation attribute, its `rem` and named size in CSS pixels."""
    if name == "font-size" and (size := _SIZES_PX.get(value.strip().lower())):
        return f"{size}px"
    return _rem_in_pixels(value) if _REM.fullmatch(value.strip()) else value


def _sized(style: str) -> str:
    style = _NAMED_SIZE.sub(lambda found: f"{found[1]}{_SIZES_PX[found[2].lower()]}px", style)
    return _rem_in_pixels(style)


def _rem_in_pixels(text: str) -> str:
    return _REM.sub(lambda found: f"{float(found[1]) * _ROOT_PX:.10g}px", text)


def _may_matter(text: str) -> bool:
    return bool(_MAY_MATTER.search(text)) and bool(_MAY_MATTER.search(_PLAIN.sub(" ", text)))


def _values(text: str) -> Sequence[_Node]:
    """Return what CSS Syntax 3 calls component values.

    Raises:
        UnsafeSvgError: they nest too deeply, or one is a number of thousands of digits.
    """
    try:
        values = _css.parse_component_value_list(text, True)  # noqa: FBT003 - without comments
    except ValueError as error:
        raise UnsafeSvgError("A style of the SVG has a number that is none.") from error
    level = values
    for _ in range(MOST_NESTED):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return values
    raise UnsafeSvgError(f"A style of the SVG nests more than {MOST_NESTED} blocks.")


def _inside(node: _Node) -> Sequence[_Node]:
    if node.type == "function":
        return node.arguments
    return (node.content or ()) if node.type.endswith(" block") else ()


def _reaches_out(values: Iterable[_Node]) -> bool:
    """Return whether a value refers to anything but a part of the drawing, or is none at all."""
    for each in values:
        if each.type == "error" or (each.type == "url" and not each.value.startswith("#")):
            return True
        if each.type == "function" and (
            each.lower_name in _LOADING or (each.lower_name == "url" and not _is_within(each))
        ):
            return True
        if _reaches_out(_inside(each)):
            return True
    return False


def _is_within(url: _Node) -> bool:
    """Return whether a `url()` holds one string, and that names a part of the drawing."""
    given = [each for each in url.arguments if each.type != "whitespace"]
    return len(given) == 1 and given[0].type == "string" and given[0].value.startswith("#")


def _declarations(values: Sequence[_Node]) -> tuple[list[str], dict[str, str]]:
    """Return the declarations, and by their names those that must win without `!important`.

    Raises:
        UnsupportedFormatError: there is a rule among them.
    """
    plain: list[str] = []
    raised: dict[str, str] = {}
    for node in _css.parse_blocks_contents(values):
        if node.type in {"qualified-rule", "at-rule"} and node.content:
            raise UnsupportedFormatError(
                "The SVG has a rule of style within a rule. Save it with presentation attributes."
            )
        if node.type != "declaration" or _reaches_out(cast("Sequence[_Node]", node.value)):
            continue
        value = _css.serialize(cast("Sequence[_Node]", node.value)).strip()
        name = node.lower_name
        if node.important and _UNFLAGGED.fullmatch(name):
            raised[name] = f"{name}:{value}"
            continue
        if node.important and name in _PAINTS and value.endswith(")"):
            value += " none"  # the same (SVG 2, 13.2), and librsvg then sees where the value ends
        plain.append(f"{name}:{value}{'!important' if node.important else ''}")
    return plain, raised


def _above_all(prelude: Sequence[_Node]) -> str:
    selectors: list[list[_Node]] = [[]]
    for each in prelude:
        if each.type == "literal" and each.value == ",":
            selectors.append([])
        else:
            selectors[-1].append(each)
    return ",".join(_css.serialize(each).strip() + _ABOVE_ALL for each in selectors)


def _is_for_screen(prelude: Sequence[_Node]) -> bool:
    """Return whether one of the media queries is true of a screen, whatever its size."""
    text = re.sub(r"\s*:\s*", ":", " ".join(_css.serialize(prelude).lower().split()))
    return any(
        query in _SCREEN or all(part in _SCREEN - {"not print"} for part in query.split(" and "))
        for query in (each.strip() for each in text.split(","))
    )


def _group(name: str) -> str:
    return name.removesuffix("-family")
