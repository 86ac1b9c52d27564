"""The login page: by a link that works once, by password and one-time code, or elsewhere."""

import asyncio
import uuid
from collections.abc import Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.identity.failures import said_of
from api.identity.forms import form_token, read_form
from api.identity.pages import code, field, form, link, page, paragraph, words_for
from api.identity.service import Identity, origin_of
from api.identity.site import NoLoginError, way_back
from catalog.access import credential_store
from catalog.access.credentials import is_password, step_of_code
from catalog.access.model import new_secret
from catalog.access.session_model import Login
from catalog.access.sessions import (
    begin_session,
    end_session,
    end_sessions_of,
    name_of_link,
    take_login_link,
)
from catalog.errors import NotFoundError, UnauthenticatedError
from catalog.principal import API
from catalog.sealing import Sealed, unseal
from serving.words import Words

_PASSWORD_IS_OFF = "logins by password and by link are turned off here"  # noqa: S105 - a message


class LoginFailedError(UnauthenticatedError):
    """Name, password and code do not belong together; which of them is wrong is not said."""

    code = "LOGIN_FAILED"


async def show_login(request: Request) -> Response:
    """Answer `GET /login`: the ways to log in; with `link` in the query, whom it would log in."""
    identity: Identity = request.app.state.identity
    identity.site.check(request)
    to = way_back(request.query_params.get("next"), otherwise=identity.first_page)
    secret = request.query_params.get("link")
    if secret is None and await identity.session_of(request) is not None:
        return RedirectResponse(to, 303)
    return await login_page(request, to, secret=secret)


async def login_page(
    request: Request,
    to: str,
    *,
    secret: str | None = None,
    alert: str | None = None,
    status: int = 200,
) -> Response:
    """Return the login page.

    Args:
        request: that it answers.
        to: where a login leads.
        secret: of a link that logs somebody in.
        alert: what went wrong.
        status: of the answer.
    """
    identity: Identity = request.app.state.identity
    words = words_for(request)
    browser = request.cookies.get(identity.site.login_cookie) or new_secret()
    hidden = {"token": form_token(browser), "next": to}
    if secret is not None:
        _check_is_on(identity)
        async with identity.pool.acquire() as conn:
            name = await name_of_link(conn, secret)
        button = words("log_in_as", name=name)
        parts = [form("/login", button=button, hidden={**hidden, "link": secret})]
    else:
        parts = _ways(words, identity, hidden)
    response = page(words, words("log_in"), *parts, status=status, alert=alert)
    identity.site.set_cookie(response, identity.site.login_cookie, browser)
    return response


def _ways(words: Words, identity: Identity, hidden: Mapping[str, str]) -> list[str]:
    ways: list[str] = []
    if identity.provider is not None:
        to = quote(hidden["next"], safe="")
        ways.append(link(words("at_provider"), f"/login/oidc?next={to}"))
    if not identity.settings.local_login:
        return ways or [paragraph(words("is_off"))]
    # on loopback codes are asked of whoever has set them up, which is not told before the password
    codes = words("code_if_set_up" if identity.site.is_loopback else "code")
    inputs = [
        field(words("name"), "name", autocomplete="username"),
        field(words("password"), "password", kind="password", autocomplete="current-password"),
        field(codes, "code", autocomplete="one-time-code"),
    ]
    return [
        *ways,
        form("/login", *inputs, button=words("log_in"), hidden=hidden),
        *_without_password(words, identity),
    ]


def _without_password(words: Words, identity: Identity) -> list[str]:
    """Say how to get in without a password: everybody's first time."""
    help_ = [paragraph(words("no_password"))]
    if identity.site.is_loopback:
        help_ += [
            paragraph(words("on_this_machine")),
            code(".venv/bin/vitrine user login-link administrator"),
        ]
    return help_


async def log_in(request: Request) -> Response:
    """Answer `POST /login`: begin a session, by a link or by name, password and code."""
    identity: Identity = request.app.state.identity
    identity.site.check(request)
    fields = await read_form(
        request, identity.site, request.cookies.get(identity.site.login_cookie)
    )
    to = way_back(fields.get("next"), otherwise=identity.first_page)
    _check_is_on(identity)
    await identity.allow_try(request, fields.get("name", ""))
    if "link" in fields:
        return await _by_link(request, identity, fields["link"], to)
    try:
        async with identity.turn_to_hash(request, fields.get("name", "")):
            principal_id = await _by_password(identity, fields)
    except LoginFailedError as error:
        return await login_page(request, to, alert=said_of(words_for(request), error), status=401)
    return await begun(request, principal_id, Login.PASSWORD, to)


async def _by_link(request: Request, identity: Identity, secret: str, to: str) -> Response:
    try:
        async with identity.changes.begin(API, origin_of(request)) as change:
            principal_id = await take_login_link(change, secret)
            issued = await begin_session(
                change,
                principal_id,
                login=Login.LINK,
                times=identity.settings.session_times,
                former=identity.secret_of(request),
            )
    except (UnauthenticatedError, NotFoundError):
        await identity.count_failure(request, Login.LINK)
        raise
    identity.count_success(Login.LINK, issued.id)
    return _with_session(identity, issued.secret, to)


async def begun(request: Request, principal_id: uuid.UUID, login: Login, to: str) -> Response:
    """Begin a session of somebody who has proven who they are, and lead on.

    Raises:
        NotFoundError: they may no longer log in.
    """
    identity: Identity = request.app.state.identity
    async with identity.changes.begin(API, origin_of(request)) as change:
        issued = await begin_session(
            change,
            principal_id,
            login=login,
            times=identity.settings.session_times,
            former=identity.secret_of(request),
        )
    identity.count_success(login, issued.id)
    return _with_session(identity, issued.secret, to)


def _with_session(identity: Identity, secret: str, to: str) -> Response:
    response = RedirectResponse(to, 303, headers={"Cache-Control": "no-store"})
    identity.site.set_cookie(response, identity.site.session_cookie, secret)
    identity.site.drop_cookie(response, identity.site.login_cookie)
    return response


async def _by_password(identity: Identity, fields: Mapping[str, str]) -> uuid.UUID:
    """Return whose name, password and code these are.

    Raises:
        LoginFailedError: nobody's.
    """
    async with identity.pool.acquire() as conn:
        found = await credential_store.credential_named(conn, fields.get("name", ""))
    stored = None if found is None else found.password
    is_right = await asyncio.to_thread(is_password, fields.get("password", ""), stored)
    if found is None or not is_right or not await _is_second_factor(identity, found, fields):
        raise LoginFailedError(
            "name, password or code is wrong. Whoever has no one-time codes yet sets them up by a "
            "link of `vitrine user login-link`"
        )
    return found.principal_id


async def _is_second_factor(
    identity: Identity, found: credential_store.LocalCredential, fields: Mapping[str, str]
) -> bool:
    """Whether the code is right, and was not used before; on loopback, only where one is set up."""
    if found.totp_sealed is None:
        return identity.site.is_loopback
    bound_to = Sealed.ONE_TIME_CODES.of(found.principal_id)
    secret = unseal(found.totp_sealed, keys=identity.master_keys, bound_to=bound_to)
    step = step_of_code(secret, fields.get("code", ""), now_s=identity.now_s())
    if step is None:
        return False
    async with identity.pool.acquire() as conn:
        return await credential_store.use_step(conn, found.principal_id, step)


async def log_out(request: Request) -> Response:
    """Answer `POST /logout`: end the session of this browser, or all of the person's."""
    identity: Identity = request.app.state.identity
    secret = identity.secret_of(request)
    fields = await read_form(request, identity.site, secret)
    session = await identity.session_of(request)
    actor = API if session is None else session.principal
    async with identity.changes.begin(actor, origin_of(request, session)) as change:
        if secret is not None:
            await end_session(change, secret)
        if session is not None and fields.get("everywhere"):
            await end_sessions_of(change, session.principal.id)
    words = words_for(request)
    response = page(words, words("logged_out"), link(words("log_in_again"), "/login"))
    identity.site.drop_cookie(response, identity.site.session_cookie)
    return response


def _check_is_on(identity: Identity) -> None:
    if not identity.settings.local_login:
        raise NoLoginError(_PASSWORD_IS_OFF, field="password")
