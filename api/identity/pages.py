"""The pages of logins: plain HTML without scripts, each text escaped where it is written."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Final

import segno
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from serving.words import LANGUAGE_COOKIE, Words, language_of

_FOLDER: Final = Path(__file__).parent

STYLE: Final = """\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
  --line: light-dark(#cdd4d1, #37444a); --accent: light-dark(#0b5e75, #6fc3da); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: light-dark(#f6f7f5, #12181b);
  color: light-dark(#152127, #e8eeec); }
main { max-width: 28rem; margin: 0 auto; padding: 10vh 1rem 2rem; }
main::before { content: "Vitrine"; display: block; font-weight: 700; font-size: 1.1rem;
  margin-bottom: 1rem; color: var(--accent); }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
form, table { background: light-dark(#fff, #1a2226); border: 1px solid var(--line);
  border-radius: .5rem; padding: 1rem; margin: 0 0 1rem; }
label { display: block; margin: 0 0 1rem; font-weight: 600; font-size: .9rem; }
input { display: block; width: 100%; min-height: 2.5rem; padding: .4rem .6rem; font: inherit;
  color: inherit; background: transparent; border: 1px solid light-dark(#4c5b61, #a9b8bb);
  border-radius: .5rem; margin-top: .25rem; }
button, .button { display: inline-block; min-height: 2.5rem; padding: .4rem 1.1rem; font: inherit;
  border: 1px solid var(--accent); border-radius: .5rem; background: var(--accent);
  color: light-dark(#fff, #06222b); text-decoration: none; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-spacing: 0; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top; }
[role=alert] { border-left: .25rem solid light-dark(#a3231f, #ff9d95); padding: .5rem .75rem;
  background: light-dark(#fdeceb, #3a1c1b); border-radius: .25rem; }
p, td { overflow-wrap: anywhere; }
svg { display: block; width: 12rem; max-width: 100%; margin: 0 0 1rem; }
"""
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    # with no referrer at all browsers send `Origin: null` with our own forms (Fetch, `Origin`)
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def words_for(request: Request) -> Words:
    """Return the words of these pages in the language that the reader chose, else the browser's."""
    chosen, accepted = request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language")
    return Words(language_of(chosen, accepted or ""), _FOLDER)


def page(
    words: Words, title: str, *parts: str, status: int = 200, alert: str | None = None
) -> Response:
    """Return a page.

    Args:
        words: of its reader's language.
        title: as text.
        parts: of its body, as HTML.
        status: of the answer.
        alert: what went wrong, as text.
    """
    told = "" if alert is None else f'<p role="alert">{escape(alert)}</p>'
    body = "\n".join([f"<h1>{escape(title)}</h1>", told, *parts])
    return HTMLResponse(
        f'<!doctype html>\n<html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Vitrine</title>"
        '<link rel="stylesheet" href="/login.css"></head>'
        f"<body><main>{body}</main></body></html>\n",
        status_code=status,
        headers=dict(_HEADERS),
    )


def form(action: str, *inputs: str, button: str, hidden: Mapping[str, str]) -> str:
    """Return a form that is sent by POST."""
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden.items()
    )
    return (
        f'<form method="post" action="{escape(action)}">{kept}{"".join(inputs)}'
        f"<button>{escape(button)}</button></form>"
    )


def field(label: str, name: str, *, kind: str = "text", autocomplete: str = "off") -> str:
    """Return an input with its label."""
    numeric = ' inputmode="numeric"' if autocomplete == "one-time-code" else ""
    return (
        f'<label>{escape(label)}<input name="{escape(name)}" type="{escape(kind)}" '
        f'autocomplete="{escape(autocomplete)}"{numeric}></label>'
    )


def paragraph(text: str) -> str:
    """Return a paragraph of text."""
    return f"<p>{escape(text)}</p>"


def code(text: str) -> str:
    """Return something to be typed, in a paragraph of its own."""
    return f"<p><code>{escape(text)}</code></p>"


def qr_code(text: str, label: str) -> str:
    """Return a QR code (ISO/IEC 18004), black on white in the dark too, as cameras need it.

    Args:
        text: that it holds.
        label: what it is, for whoever cannot see it.
    """
    drawn = segno.make_qr(text).svg_inline(
        scale=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    named = f'<svg role="img" aria-label="{escape(label)}"'
    return drawn.replace("<svg", named, 1)


def link(text: str, to: str) -> str:
    """Return a link in a paragraph of its own."""
    return f'<p><a class="button" href="{escape(to)}">{escape(text)}</a></p>'


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of texts."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(each)}</td>' for each in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
