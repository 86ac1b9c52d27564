"""Style sheets of drawings, without what would be loaded: by tokens (CSS Syntax 3), no patterns.

What can't load anything stays as it was. Elsewhere the rule or the declaration that reaches out is
left out, as CSS leaves out one that fails to load, and the others are written again.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final, NamedTuple

from imaging.model import UnsafeSvgError

# Without any of these nothing is loaded. An escape may write any of them otherwise.
_MAY_LOAD: Final = re.compile(r"[\\@]|url|src|image|cross-fade|element", re.IGNORECASE)
# By far the most references; beside these a large drawing has no others to be told apart.
_PLAIN: Final = re.compile(r"url\((['\"]?)#[\w.:-]*\1\)", re.IGNORECASE)
_LOADING: Final = frozenset({
    "src", "image", "image-set", "-webkit-image-set", "cross-fade", "-webkit-cross-fade", "element",
})  # fmt: skip
_LOADED_RULES: Final = frozenset({"@import", "@font-face", "@charset"})
_RULES_INSIDE: Final = frozenset({"@media", "@supports", "@layer", "@container", "@scope"})
MOST_NESTED: Final = 50

# CSS Syntax 3, 4.3; every repetition is possessive, so that no text takes longer than its length.
_ESCAPE: Final = r"\\(?:[0-9a-fA-F]{1,6}+[ \t\n]?+|[^\n0-9a-fA-F])"
_NAME: Final = rf"(?:[\w-]|[^\x00-\x7f]|{_ESCAPE})"
_IDENTIFIER: Final = rf"(?>(?:--|-?(?:[A-Za-z_]|[^\x00-\x7f]|{_ESCAPE})){_NAME}*+)"
_NUMBER: Final = r"[+-]?(?>\d++\.\d++|\d++|\.\d++)(?:[eE][+-]?\d++)?+"
_TOKEN: Final = re.compile(
    rf"""
    (?P<comment> /\*(?:[^*]|\*(?!/))*+(?:\*/|\Z) | <!-- | --> )
    | (?P<string> "(?:[^"\\\n]|\\\n|{_ESCAPE})*+(?:"|\Z) | '(?:[^'\\\n]|\\\n|{_ESCAPE})*+(?:'|\Z) )
    | (?P<number> {_NUMBER}(?:%|{_IDENTIFIER})?+ | \#{_NAME}++ )
    | (?P<name> @?{_IDENTIFIER} ) (?P<call> \( )?+
    | (?P<space> [ \t\n]++ )
    | (?P<bad> ["'\\] )
    | (?P<sign> . )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_UNQUOTED: Final = re.compile(
    rf"[ \t\n]*+(?P<value>(?:[^\"'()\\\s\x00-\x1f\x7f]|{_ESCAPE})*+)[ \t\n]*+(?:\)|\Z)"
)
_QUOTE_FOLLOWS: Final = re.compile(r"[ \t\n]*+[\"']")
_REST_OF_URL: Final = re.compile(r"(?:[^)\\]|\\.|\\\Z)*+(?:\)|\Z)", re.DOTALL)
_ESCAPED: Final = re.compile(_ESCAPE)
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}"}


class _Token(NamedTuple):
    """A token: as it was written, what it says without escapes, and in how many blocks it is."""

    kind: str
    text: str
    says: str
    depth: int


def safe_sheet(sheet: str) -> str:
    """Return a style sheet without the rules and declarations that load something.

    Raises:
        UnsafeSvgError: it nests too deeply.
    """
    return _rules(_tokens(sheet), 0) if _may_load(sheet) else sheet


def safe_declarations(style: str) -> str:
    """Return the value of a `style` attribute without the declarations that load something.

    Raises:
        UnsafeSvgError: it nests too deeply.
    """
    return _declarations(_tokens(style), 0) if _may_load(style) else style


def loads(value: str) -> bool:
    """Return whether the value of a presentation attribute loads something.

    Raises:
        UnsafeSvgError: it nests too deeply.
    """
    return _may_load(value) and _reaches_out(_tokens(value))


def _may_load(text: str) -> bool:
    return bool(_MAY_LOAD.search(text)) and bool(_MAY_LOAD.search(_PLAIN.sub(" ", text)))


def _tokens(text: str) -> list[_Token]:
    """Return the tokens, what is open at the end closed.

    Raises:
        UnsafeSvgError: they nest too deeply.
    """
    text = re.sub(r"\r\n?|\f", "\n", text).replace("\0", "\ufffd")
    tokens: list[_Token] = []
    closers: list[str] = []
    at = 0
    while found := _TOKEN.match(text, at):
        kind, at = found.lastgroup or "sign", found.end()
        written = found[0]
        says = _unescaped(found["name"] or written).lower() if found["name"] else written
        if kind == "call" and says == "url" and not _QUOTE_FOLLOWS.match(text, at):
            token, at = _url(text, written, at, len(closers))
            tokens.append(token)
            continue
        if kind == "string":
            written = written if len(written) > 1 and written[-1] == written[0] else written + '"'
            says = _unescaped(written[1:-1])
        if closers and written == closers[-1]:
            closers.pop()
        tokens.append(_Token(kind, written, says, len(closers)))
        if kind == "call" or written in _CLOSERS:
            closers.append(_CLOSERS[written[-1]])
            if len(closers) > MOST_NESTED:
                raise UnsafeSvgError(f"A style of the SVG nests more than {MOST_NESTED} blocks.")
    for depth, closer in reversed(list(enumerate(closers))):
        tokens.append(_Token("sign", closer, closer, depth))
    return tokens


def _url(text: str, written: str, at: int, depth: int) -> tuple[_Token, int]:
    """Return `url(` with what is unquoted in it, as one token (4.3.6), and where it ends."""
    if found := _UNQUOTED.match(text, at):
        value = found["value"]
        return _Token("url", f"{written}{value})", _unescaped(value), depth), found.end()
    rest = _REST_OF_URL.match(text, at)
    return _Token("bad", "", "", depth), rest.end() if rest else len(text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(_character, text.replace("\\\n", ""))


def _character(escape: re.Match[str]) -> str:
    digits = escape[0][1:].strip(" \t\n")
    if not re.fullmatch(r"[0-9a-fA-F]{1,6}", digits):
        return escape[0][1:]
    code = int(digits, 16)
    return chr(code) if 0 < code <= 0x10FFFF else "\ufffd"  # noqa: PLR2004 - the last of Unicode


def _reaches_out(tokens: Sequence[_Token]) -> bool:
    """Return whether a token refers to anything but a part of the drawing, or is none at all."""
    for at, token in enumerate(tokens):
        reaches_out = {
            "bad": True,
            "url": not token.says.startswith("#"),
            "name": token.says in _LOADED_RULES,
            "call": token.says in _LOADING or (token.says == "url" and not _is_within(tokens, at)),
        }
        if reaches_out.get(token.kind):
            return True
    return False


def _is_within(tokens: Sequence[_Token], at: int) -> bool:
    """Return whether a `url(` holds one string, and that names a part of the drawing."""
    inside = takewhile(lambda each: each.depth > tokens[at].depth, tokens[at + 1 :])
    given = [each for each in inside if each.kind not in {"space", "comment"}]
    return len(given) == 1 and given[0].kind == "string" and given[0].says.startswith("#")


def _rules(tokens: Sequence[_Token], depth: int) -> str:
    return "".join(_rule(each, depth) for each in _statements(tokens, depth))


def _statements(tokens: Sequence[_Token], depth: int) -> Iterator[Sequence[_Token]]:
    """Yield rules: one with an `@` ends with its block or a semicolon, others with their block."""
    start, is_at_rule = 0, False
    for at, token in enumerate(tokens):
        if start == at:
            if token.kind in {"space", "comment"} or token.text == ";":
                start = at + 1
                continue
            is_at_rule = token.text.startswith("@")
        ends = token.text == "}" or (is_at_rule and token.text == ";")
        if ends and token.depth == depth and token.kind == "sign":
            yield tokens[start : at + 1]
            start = at + 1
    if start < len(tokens):
        yield tokens[start:]


def _rule(rule: Sequence[_Token], depth: int) -> str:
    keyword = rule[0].says
    opens = next(
        (at for at, each in enumerate(rule) if each.text == "{" and each.depth == depth), None
    )
    if _reaches_out(rule[:opens]):
        return ""
    if opens is None:
        return _text(rule) if keyword.startswith("@") else ""
    head, inside = _text(rule[:opens]), rule[opens + 1 : -1]
    if keyword in _RULES_INSIDE:
        return f"{head}{{{_rules(inside, depth + 1)}}}"
    return f"{head}{{{_declarations(inside, depth + 1)}}}"


def _declarations(tokens: Sequence[_Token], depth: int) -> str:
    kept: list[str] = []
    start = 0
    for at in range(len(tokens) + 1):
        if at < len(tokens) and not (tokens[at].text == ";" and tokens[at].depth == depth):
            continue
        if start < at and not _reaches_out(tokens[start:at]):
            kept.append(_text(tokens[start:at]))
        start = at + 1
    return ";".join(kept)


def _text(tokens: Sequence[_Token]) -> str:
    """Return the tokens as they were written; an empty comment keeps those beside it apart."""
    return "".join("/**/" if each.kind == "comment" else each.text for each in tokens)
