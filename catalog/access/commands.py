"""Making, rotating and revoking API keys."""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from catalog.access import principal_store, store
from catalog.access.assignments import roles_of
from catalog.access.model import (
    ApiKey,
    IssuedKey,
    Scope,
    api_key_subject,
    assignments_of,
    hash_of,
    new_secret,
)
from catalog.access.principals import check_name, create_service
from catalog.changes import Change
from catalog.clock import utc_now
from catalog.db import Connection
from catalog.errors import ConflictError, InvalidInputError, NotFoundError
from catalog.events.model import Event
from catalog.ids import new_id
from catalog.principal import OWN_SERVICES, Principal

#: Lets scanners for leaked secrets recognise one.
PREFIX = "vtr_"
_NO_KEY = "no API key named {!r} is in use"


async def create_key(
    change: Change,
    *,
    name: str,
    scopes: Iterable[str],
    principal: Principal | None = None,
    owner: Principal | None = None,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Make a key and return it with its secret, which cannot be read again.

    Args:
        change: this is a part of.
        name: of the key.
        scopes: one or more; none: it may do what its principal may.
        principal: who acts with it; None: the service of its name, which is made if there is none.
        owner: who answers for it.
        expires_at: from when on it is refused.

    Raises:
        InvalidInputError: an unknown scope, none without a principal, a name that is empty or too
            long, or an expiry that is over.
        ConflictError: a key of this name is in use.
    """
    check_name(name)
    wanted = _parse(scopes, may_be_none=principal is not None)
    if expires_at is not None and expires_at <= utc_now():
        raise InvalidInputError("a key expires later than now", field="expires_at")
    principal = principal or await _service_named(change, name)
    key = ApiKey(
        id=new_id(),
        name=name,
        scopes=wanted,
        principal=principal,
        assignments=assignments_of(wanted) or await roles_of(change.conn, principal.id),
        owner=None if owner is None else owner.id,
        created_at=utc_now(),
        expires_at=expires_at,
    )
    return await _issue(change, key)


async def rotate_key(
    change: Change,
    *,
    name: str,
    overlap: timedelta,
    owner: Principal | None = None,
    key_id: uuid.UUID | None = None,
) -> IssuedKey:
    """Make another key of the same name, for the same; the one before it ends after a while.

    A key that expires is replaced by one that lives as long from now on.

    Args:
        change: this is a part of.
        name: of the key.
        overlap: how long the one before works on.
        owner: who answers for the next one; None: who answers for the one before.
        key_id: the key that still has to have the name; None: any.

    Raises:
        InvalidInputError: the overlap is less than nothing.
        NotFoundError: no key of this name is in use.
    """
    if overlap < timedelta():
        raise InvalidInputError("an overlap is not negative", field="overlap")
    former = await store.lock(change.conn, name)
    if former is None or key_id not in {None, former.id}:
        raise NotFoundError(_NO_KEY.format(name), field="name")
    next_id = new_id()
    ends = await store.replace(change.conn, former.id, next_id, overlap=overlap)
    now = utc_now()
    expires_at = former.expires_at and now + (former.expires_at - former.created_at)
    key = replace(
        former,
        id=next_id,
        owner=former.owner if owner is None else owner.id,
        created_at=now,
        expires_at=expires_at,
        last_used_at=None,
    )
    issued = await _issue(change, key)
    await change.record(
        Event(
            type="api_key.replaced",
            subject=f"api_key/{former.id}",
            version=2,
            subjects=(api_key_subject(former.id),),
            data={"by": str(key.id), "ends": ends.isoformat()},
        )
    )
    return issued


async def revoke_key(change: Change, *, name: str) -> ApiKey:
    """End a key, and those that it replaced; whoever presents one is refused within a second.

    Raises:
        NotFoundError: no key of this name is in use.
    """
    ended = await store.revoke(change.conn, name)
    if not ended:
        raise NotFoundError(_NO_KEY.format(name), field="name")
    await record_ends(change, ended)
    return ended[-1]


async def record_ends(change: Change, ended: Iterable[ApiKey]) -> None:
    """Record that keys have ended."""
    await change.record(
        *(
            Event(
                type="api_key.revoked",
                subject=f"api_key/{key.id}",
                version=2,
                subjects=(api_key_subject(key.id),),
                data={"name": key.name},
            )
            for key in ended
        )
    )


async def list_keys(conn: Connection) -> list[ApiKey]:
    """Return every key, revoked ones too, oldest first."""
    return await store.list_all(conn)


async def _issue(change: Change, key: ApiKey) -> IssuedKey:
    secret = new_secret(PREFIX)
    await store.insert(change.conn, key, digest=hash_of(secret))
    await change.record(
        Event(
            type="api_key.created",
            subject=f"api_key/{key.id}",
            version=1,
            data={
                "name": key.name,
                "scopes": sorted(key.scopes),
                "principal": str(key.principal.id),
            },
        )
    )
    return IssuedKey(key=key, secret=secret)


async def _service_named(change: Change, name: str) -> Principal:
    """Return the service of this name, made if there is none.

    Raises:
        ConflictError: it is a service of Vitrine itself.
    """
    found = await principal_store.find_service(change.conn, name)
    if found is None:
        return await create_service(change, name=name)
    if found.id in OWN_SERVICES:
        raise ConflictError(f"{name} is a service of Vitrine: take another name", field="name")
    return found


def _parse(scopes: Iterable[str], *, may_be_none: bool) -> frozenset[Scope]:
    known = {scope.value for scope in Scope}
    wanted = frozenset(scopes)
    if not (wanted or may_be_none) or not wanted <= known:
        allowed = ", ".join(scope.value for scope in Scope)
        raise InvalidInputError(f"scopes are one or more of: {allowed}", field="scopes")
    return frozenset(Scope(scope) for scope in wanted)
