"""Sessions: begun at a login with a new secret, recognised by its hash, ended everywhere at once.

Ids are opaque and say nothing (OWASP Session Management Cheat Sheet); what a browser brings along
is never adopted, so that nobody can fix the session of another beforehand.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeAlias

from catalog.access import role_store
from catalog.access import session_store as store
from catalog.access.assignments import subjects_of
from catalog.access.model import hash_of, new_secret
from catalog.access.session_model import (
    IssuedSession,
    Login,
    Session,
    SessionTimes,
    session_subject,
)
from catalog.changes import Change
from catalog.db import Connection, Pool
from catalog.errors import NotFoundError, UnauthenticatedError
from catalog.events.model import Event
from catalog.ids import new_id
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease

#: Of one person; the oldest ends when one more begins.
MAX_SESSIONS: Final = 20
#: How long a link that logs somebody in may be used.
LINK_MINUTES: Final = 15
_LINK_OVER = (
    "this link was used before, or its time is over: `vitrine user login-link` makes another"
)
_MAX_AGE_S = 1.0
_MAX_KEPT = 1_000

#: Sessions by the hash of their secrets; what is no session is not kept.
KeptSessions: TypeAlias = Kept[bytes, Session | None]


class SessionOverError(UnauthenticatedError):
    """The session of a browser has ended, or never was."""

    code = "SESSION_OVER"


class LinkOverError(UnauthenticatedError):
    """A link to log in was used before, or its time is over."""

    code = "LOGIN_LINK_OVER"


async def begin_session(
    change: Change,
    principal_id: uuid.UUID,
    *,
    login: Login,
    times: SessionTimes,
    former: str | None = None,
) -> IssuedSession:
    """Log a person in, with a secret that nobody has seen before.

    Args:
        change: the transaction.
        principal_id: of the person.
        login: how they proved who they are.
        times: how long it lasts.
        former: secret of the session that this browser had until now, whoever's: it ends.

    Raises:
        NotFoundError: there is no such person, or they may no longer log in.
    """
    session_id, secret = new_id(), new_secret()
    is_begun = await store.insert_session(
        change.conn,
        session_id,
        digest=hash_of(secret),
        principal_id=principal_id,
        login=login,
        lasts=times.lasts,
        address=change.origin.address,
    )
    if not is_begun:
        raise NotFoundError("this person does not exist, or may no longer log in")
    if former is not None:
        await end_session(change, former)
    over = await store.end_sessions_of(change.conn, principal_id, but_the_newest=MAX_SESSIONS)
    await _record_ends(change, over)
    await change.record(
        Event(
            type="session.begun",
            subject=f"session/{session_id}",
            version=1,
            data={"principal": f"{principal_id}", "login": login.value},
        )
    )
    return IssuedSession(id=session_id, secret=secret)


async def end_session(change: Change, secret: str) -> None:
    """Log a browser out; nothing happens if it is not logged in."""
    ended = await store.end_session(change.conn, digest=hash_of(secret))
    await _record_ends(change, [] if ended is None else [ended])


async def end_sessions_of(change: Change, principal_id: uuid.UUID) -> int:
    """Log a person out everywhere, links that would log them in included; return of how many."""
    await store.delete_links_of(change.conn, principal_id)
    ended = await store.end_sessions_of(change.conn, principal_id)
    await _record_ends(change, ended)
    return len(ended)


async def list_sessions(
    conn: Connection, principal_id: uuid.UUID, times: SessionTimes
) -> list[Session]:
    """Return where a person is logged in, the newest first."""
    return await store.list_sessions(conn, [principal_id], idle=times.idle)


async def create_login_link(change: Change, principal_id: uuid.UUID) -> str:
    """Return the secret of a link that logs a person in once, within `LINK_MINUTES`.

    Raises:
        NotFoundError: there is no such person, or they may no longer log in.
    """
    secret = new_secret()
    is_made = await store.insert_link(
        change.conn,
        digest=hash_of(secret),
        principal_id=principal_id,
        lasts=timedelta(minutes=LINK_MINUTES),
    )
    if not is_made:
        raise NotFoundError("this person does not exist, or may no longer log in", field="name")
    await change.record(
        Event(type="login_link.created", subject=f"principal/{principal_id}", version=1)
    )
    return secret


async def name_of_link(conn: Connection, secret: str) -> str:
    """Return the name of whom a link would log in, which it can still do.

    Raises:
        LinkOverError: it was used, or is over, or is none.
    """
    name = await store.link_name(conn, digest=hash_of(secret))
    if name is None:
        raise LinkOverError(_LINK_OVER)
    return name


async def take_login_link(change: Change, secret: str) -> uuid.UUID:
    """Use a link up, and return whom it logs in.

    Raises:
        LinkOverError: it was used, or is over, or is none.
    """
    principal_id = await store.take_link(change.conn, digest=hash_of(secret))
    if principal_id is None:
        raise LinkOverError(_LINK_OVER)
    return principal_id


def keep_sessions(
    pool: Pool, times: SessionTimes, *, monotonic_s: Callable[[], float] = time.monotonic
) -> KeptSessions:
    """Return a memory that keeps a session for at most a second, or until the log names it.

    Args:
        pool: to the primary.
        times: how long one may be idle.
        monotonic_s: a clock; the age runs from the question, not from its answer.
    """

    async def find(digest: bytes) -> Session | None:
        async with pool.acquire() as conn:
            session = await store.find_session(conn, digest=digest, idle=times.idle)
            if session is None:
                return None
            person = session.principal.id
            roles = await role_store.find_assignments(conn, [person])
        return replace(session, assignments=roles.get(person, ()))

    return Kept(
        _MAX_KEPT,
        rests_on=lambda _, session: subjects_of(session, named_by=session_subject),
        load=find,
        lease=Lease(lease_s=_MAX_AGE_S, monotonic_s=monotonic_s),
    )


async def recognise_session(sessions: KeptSessions, secret: str) -> Session:
    """Return the session that a secret belongs to.

    Raises:
        SessionOverError: there is none, or it has ended.
    """
    session = await sessions.of(hash_of(secret))
    if session is None:
        raise SessionOverError("your session has ended: log in again")
    return session


async def _record_ends(change: Change, ended: Sequence[uuid.UUID]) -> None:
    await change.record(*[
        Event(
            type="session.ended",
            subject=f"session/{each}",
            version=2,
            subjects=(session_subject(each),),
        )
        for each in ended
    ])
