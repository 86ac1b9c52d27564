"""The paths of logins. What goes wrong is said on a page, in the reader's language."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.errors import describe, log_unexpected
from api.identity.account import change_password, show_account, turn_on_codes
from api.identity.failures import said_of
from api.identity.login import log_in, log_out, show_login
from api.identity.oidc import CALLBACK, come_back, go_there
from api.identity.pages import STYLE, link, page, words_for
from api.identity.scim import ROOT, answer_scim, scim_service
from api.request.rates import RateLimitedError
from catalog.db import DATABASE_AWAY
from catalog.errors import (
    ForbiddenError,
    UnauthenticatedError,
    UnavailableError,
    VitrineError,
)
from serving.words import Words

_SCIM = ("GET", "POST", "PUT", "PATCH", "DELETE")
_Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
_STATUS: Sequence[tuple[type[VitrineError], int]] = (
    (UnauthenticatedError, 401),
    (ForbiddenError, 403),
    (RateLimitedError, 429),
    (UnavailableError, 503),
)


def identity_routes() -> list[BaseRoute]:
    """Return the routes of logins and of SCIM."""
    scim_service()  # at the start, and not while somebody waits
    return [
        _route("/login", show_login, "GET"),
        _route("/login", log_in, "POST"),
        _route("/login/oidc", go_there, "GET"),
        _route(CALLBACK, come_back, "GET"),
        _route("/logout", log_out, "POST"),
        _route("/account", show_account, "GET"),
        _route("/account/password", change_password, "POST"),
        _route("/account/codes", turn_on_codes, "POST"),
        *(Route(f"{ROOT}{path}", answer_scim, methods=_SCIM) for path in ("", "/{rest:path}")),
        Route("/login.css", _style, methods=["GET"]),
    ]


def _route(path: str, handler: _Handler, method: str) -> Route:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except (VitrineError, *DATABASE_AWAY) as error:
            return _failed(words_for(request), error)

    return Route(path, answer, methods=[method])


def _failed(words: Words, error: BaseException) -> Response:
    if not isinstance(error, VitrineError):
        log_unexpected(error)
        code = describe(error)["extensions"]["code"]
        return page(words, "Vitrine", alert=words.or_code("error", code), status=503)
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
    response = page(
        words,
        "Vitrine",
        link(words("log_in"), "/login"),
        alert=said_of(words, error),
        status=status,
    )
    if isinstance(error, RateLimitedError):
        response.headers["Retry-After"] = f"{error.spent.resets_s}"
    return response


async def _style(_: Request) -> Response:
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})
