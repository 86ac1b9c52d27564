"""Patterns that texts are held to, and the HTML that rich text may have.

Patterns are matched by RE2, in time linear in the text; look-around and references back are not
of its language (https://github.com/google/re2/wiki/Syntax).
"""

from functools import lru_cache
from typing import Any, cast

import nh3
import re2

#: Elements of rich text; all others are taken away, scripts and styles with what is in them.
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "div", "dl", "dt",
    "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "q",
    "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_PATTERN_BYTES = 1 << 20


class PatternError(ValueError):
    """A pattern that RE2 does not take."""


def sanitised(html: str) -> str:
    """Return the part of rich text that can do nothing but be read.

    Elements and attributes beyond a list are taken away, and addresses of other schemes than
    http, https, mailto and tel; a link gets `rel="noopener noreferrer"`.
    """
    return nh3.clean(html, tags=TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)


def words_of(html: str) -> str:
    """Return the text of rich text without its elements."""
    return nh3.clean(html, tags=set()).strip()


def does_match(pattern: str, text: str) -> bool:
    """Tell whether a whole text matches.

    Raises:
        PatternError: the pattern cannot be read.
    """
    return _compiled(pattern).fullmatch(text) is not None


def check_pattern(pattern: str) -> None:
    """Refuse what is no pattern.

    Raises:
        PatternError: with what is wrong with it.
    """
    _compiled(pattern)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:  # noqa: ANN401 - the library has no types
    library = cast("Any", re2)
    options = library.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_BYTES
    try:
        return library.compile(pattern, options)
    except (library.error, UnicodeEncodeError) as error:
        told = error.args[0] if error.args else "it cannot be read"
        raise PatternError(told.decode() if isinstance(told, bytes) else str(told)) from error
