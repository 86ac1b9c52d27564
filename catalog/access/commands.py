"""Making and revoking API keys."""

import secrets
from collections.abc import Iterable

from catalog.access import principal_store, store
from catalog.access.model import ApiKey, IssuedKey, Scope, api_key_subject, hash_of
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
_SECRET_BYTES = 32


async def create_key(
    change: Change, *, name: str, scopes: Iterable[str], principal: Principal | None = None
) -> IssuedKey:
    """Make a key and return it with its secret, which cannot be read again.

    Args:
        change: this is a part of.
        name: of the key.
        scopes: one or more.
        principal: who acts with it; None: the service of its name, which is made if there is none.

    Raises:
        InvalidInputError: no scope, an unknown one, or a name that is empty or too long.
        ConflictError: a key of this name is in use.
    """
    check_name(name)
    wanted = _parse(scopes)
    principal = principal or await _service_named(change, name)
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey(id=new_id(), name=name, scopes=wanted, principal=principal, created_at=utc_now())
    await store.insert(change.conn, key, digest=hash_of(secret))
    await change.record(
        Event(
            type="api_key.created",
            subject=f"api_key/{key.id}",
            version=1,
            data={"name": key.name, "scopes": sorted(key.scopes), "principal": str(principal.id)},
        )
    )
    return IssuedKey(key=key, secret=secret)


async def revoke_key(change: Change, *, name: str) -> ApiKey:
    """End a key; whoever still presents it is refused within a second.

    Raises:
        NotFoundError: no key of this name is in use.
    """
    key = await store.revoke(change.conn, name)
    if key is None:
        raise NotFoundError(f"no API key named {name!r} is in use", field="name")
    await change.record(
        Event(
            type="api_key.revoked",
            subject=f"api_key/{key.id}",
            version=2,
            subjects=(api_key_subject(key.id),),
            data={"name": key.name},
        )
    )
    return key


async def list_keys(conn: Connection) -> list[ApiKey]:
    """Return every key, revoked ones too, oldest first."""
    return await store.list_all(conn)


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


def _parse(scopes: Iterable[str]) -> frozenset[Scope]:
    known = {scope.value for scope in Scope}
    wanted = frozenset(scopes)
    if not wanted or not wanted <= known:
        allowed = ", ".join(scope.value for scope in Scope)
        raise InvalidInputError(f"scopes are one or more of: {allowed}", field="scopes")
    return frozenset(Scope(scope) for scope in wanted)
