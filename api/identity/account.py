"""The page of somebody who is logged in: where, and what they prove who they are by."""

import asyncio
import hashlib
import hmac
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.identity.forms import form_token, read_form
from api.identity.login import LoginFailedError, begun
from api.identity.pages import field, form, link, page, paragraph, qr_code, table, words_for
from api.identity.service import ACCOUNT, Identity, origin_of
from catalog.access import credential_store
from catalog.access.credential_commands import store_codes, store_password
from catalog.access.credentials import hash_password, is_password, step_of_code, totp_text
from catalog.access.session_model import Login, Session
from catalog.access.sessions import SessionOverError, list_sessions
from catalog.errors import ForbiddenError
from catalog.events.sealing_key import sealing_key
from catalog.sealing import Sealed, seal
from serving.words import Words

_TOTP_BYTES = 20


async def show_account(request: Request) -> Response:
    """Answer `GET /account`."""
    identity: Identity = request.app.state.identity
    identity.site.check(request)
    session, secret = await identity.session_of(request), identity.secret_of(request)
    if session is None or secret is None:
        return RedirectResponse(f"/login?next={quote(ACCOUNT)}", 303)
    async with identity.pool.acquire() as conn:
        sessions = await list_sessions(conn, session.principal.id, identity.settings.session_times)
        credential = await credential_store.credential_of(conn, session.principal.id)
    hidden = {"token": form_token(secret)}
    words = words_for(request)
    rows = [
        (
            words.instant(each.begun_at),
            words.instant(each.used_at),
            words(f"login_{each.login}"),
            words("this_one") if each.id == session.id else "",
        )
        for each in sessions
    ]
    first = identity.first_page
    return page(
        words,
        session.principal.name,
        *(() if first == ACCOUNT else (link(words("to_console"), first),)),
        table((words("since"), words("last_used"), words("by"), ""), rows),
        form("/logout", button=words("log_out"), hidden=hidden),
        form("/logout", button=words("log_out_everywhere"), hidden={**hidden, "everywhere": "1"}),
        *(
            _own_credentials(words, session, secret, credential)
            if _is_local(identity, session)
            else ()
        ),
    )


def _own_credentials(
    words: Words, session: Session, secret: str, credential: credential_store.LocalCredential
) -> list[str]:
    hidden = {"token": form_token(secret)}
    former = [] if session.login is Login.LINK else [_former_password(words)]
    new = field(words("new_password"), "password", kind="password", autocomplete="new-password")
    parts = [form("/account/password", *former, new, button=words("set_password"), hidden=hidden)]
    if _may_turn_on(session, credential):
        text = totp_text(_pending_totp(secret))
        label = quote(f"Vitrine:{session.principal.name}")
        uri = f"otpauth://totp/{label}?secret={text}&issuer=Vitrine"
        code = field(words("code_shown"), "code", autocomplete="one-time-code")
        parts += [
            paragraph(words("codes", secret=text)),
            qr_code(uri, words("qr_label")),
            link(words("codes_here"), uri),
            form("/account/codes", code, button=words("turn_on_codes"), hidden=hidden),
        ]
    return parts


def _former_password(words: Words) -> str:
    return field(
        words("former_password"), "former", kind="password", autocomplete="current-password"
    )


async def change_password(request: Request) -> Response:
    """Answer `POST /account/password`: set it, log out everywhere, and in again here.

    Raises:
        LoginFailedError: the password until now is another.
    """
    identity, session, fields = await _form_of_session(request)
    if session.login is not Login.LINK:
        await identity.allow_try(request, session.principal.name)
        async with identity.pool.acquire() as conn:
            credential = await credential_store.credential_of(conn, session.principal.id)
        async with identity.turn_to_hash(request, session.principal.name):
            if not await asyncio.to_thread(
                is_password, fields.get("former", ""), credential.password
            ):
                raise LoginFailedError("the password until now is another", field="former")
    async with identity.hashing:
        stored = await asyncio.to_thread(hash_password, fields.get("password", ""))
    async with identity.changes.begin(session.principal, origin_of(request, session)) as change:
        await store_password(change, session.principal.id, stored)
    return await begun(request, session.principal.id, session.login, ACCOUNT)


async def turn_on_codes(request: Request) -> Response:
    """Answer `POST /account/codes`: from now on a password needs a one-time code beside it.

    Raises:
        LoginFailedError: the code is not of the secret that the page showed.
        ForbiddenError: they are turned on, and this session was begun by them.
    """
    identity, session, fields = await _form_of_session(request)
    async with identity.pool.acquire() as conn:
        credential = await credential_store.credential_of(conn, session.principal.id)
    if not _may_turn_on(session, credential):
        raise ForbiddenError(
            "your codes are turned on: a link to log in lets you begin anew", field="code"
        )
    secret = _pending_totp(identity.secret_of(request) or "")
    step = step_of_code(secret, fields.get("code", ""), now_s=identity.now_s())
    if step is None:
        raise LoginFailedError(
            "this is not the code of now: look whether the clock is right", field="code"
        )
    bound_to = Sealed.ONE_TIME_CODES.of(session.principal.id)
    async with identity.changes.begin(session.principal, origin_of(request, session)) as change:
        key = await sealing_key(change.conn, identity.master_keys)
        sealed = seal(secret, key=key, bound_to=bound_to)
        await store_codes(change, session.principal.id, sealed, step)
    return await begun(request, session.principal.id, session.login, ACCOUNT)


async def _form_of_session(request: Request) -> tuple[Identity, Session, dict[str, str]]:
    """Return the session and the fields of a form of this page.

    Raises:
        SessionOverError: the session has ended meanwhile.
        ForbiddenError: an identity provider vouches for this person.
    """
    identity: Identity = request.app.state.identity
    identity.site.check(request)
    fields = await read_form(request, identity.site, identity.secret_of(request))
    session = await identity.session_of(request)
    if session is None:
        raise SessionOverError("your session has ended: log in again")
    if not _is_local(identity, session):
        raise ForbiddenError(
            "your identity provider vouches for you: change your password there", field="password"
        )
    return identity, session, dict(fields)


def _is_local(identity: Identity, session: Session) -> bool:
    return identity.settings.local_login and session.login is not Login.OIDC


def _may_turn_on(session: Session, credential: credential_store.LocalCredential) -> bool:
    return credential.totp_sealed is None or session.login is Login.LINK


def _pending_totp(session_secret: str) -> bytes:
    """Return the secret of codes that a session may turn on: of each session another one."""
    mac = hmac.new(session_secret.encode(), b"vitrine one-time codes", hashlib.sha256)
    return mac.digest()[:_TOTP_BYTES]
