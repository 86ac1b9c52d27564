"""Templates: Jinja2 with autoescape, and the headers and files that pages come with."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from serving.static_files import StaticFiles
from serving.words import LANGUAGES

HOME: Final = Path(__file__).parent
STATIC: Final = HOME / "static"
#: Where what the graph names as a subject has its page.
SUBJECT_PAGES: Final[Mapping[str, str]] = MappingProxyType({
    "asset": "assets",
    "product": "products",
    "licence": "licences",
    "collection": "collections",
    "preset": "presets",
    "principal": "people",
    "work": "work",
    "task": "tasks",
    "replay": "incidents",
})
THEMES: Final = ("auto", "light", "dark")


def security_headers(media_base: str) -> Mapping[str, str]:
    """Return the headers of every page: nothing of another host but pictures, no code inline."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' data: {media_base}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return MappingProxyType({
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    })


@cache
def static_files() -> StaticFiles:
    """Return the files that pages load: style, scripts and drawings."""
    return StaticFiles(STATIC, "/console/static", endings=(".css", ".js", ".svg"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HOME),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    ours: Mapping[str, Any] = {
        "static": static_files().address,
        "languages": LANGUAGES,
        "themes": THEMES,
        "subject_pages": SUBJECT_PAGES,
    }
    environment.globals.update(ours)
    return environment


def rendered(file: Path, values: Mapping[str, Any]) -> str:
    """Return a template as HTML."""
    return _environment().get_template(file.relative_to(HOME).as_posix()).render(values)
