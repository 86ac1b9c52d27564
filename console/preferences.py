"""How somebody wants pages to look: language and theme, kept in cookies that say nothing else."""

from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.rendering import THEMES
from serving.words import LANGUAGE_COOKIE, LANGUAGES, language_of

_COOKIES: Final = {"language": LANGUAGE_COOKIE, "theme": "vitrine_theme"}
_CHOICES: Final[dict[str, Collection[str]]] = {"language": LANGUAGES, "theme": THEMES}
_YEAR_S = 31_536_000
_MAX_BYTES = 2_000


def language(request: Request) -> str:
    """Return the language to show."""
    return language_of(
        request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", "")
    )


def theme(request: Request) -> str:
    """Return the theme that was chosen."""
    chosen = request.cookies.get(_COOKIES["theme"])
    return chosen if chosen in THEMES else "auto"


async def set_preferences(request: Request) -> Response:
    """Answer `POST /console/preferences`: keep what was chosen, and lead back.

    It changes nothing but how this browser sees pages, so it takes no token.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BYTES:
            return Response(status_code=413)
    fields = parse_qs(body.decode("latin-1"))
    to = fields.get("next", ["/console"])[0]
    is_here = to.startswith("/console") and to.isascii() and to.isprintable() and "\\" not in to
    response = RedirectResponse(to if is_here else "/console", 303)
    for name, cookie in _COOKIES.items():
        chosen = fields.get(name, [""])[0]
        if chosen in _CHOICES[name]:
            response.set_cookie(
                cookie, chosen, max_age=_YEAR_S, path="/", httponly=True, samesite="lax"
            )
    return response
