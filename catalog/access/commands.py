"""Making and revoking API keys."""

import secrets
from collections.abc import Iterable

from catalog.access import store
from catalog.access.model import ApiKey, IssuedKey, Scope, api_key_subject, hash_of
from catalog.changes import Change
from catalog.clock import utc_now
from catalog.db import Connection
from catalog.errors import InvalidInputError, NotFoundError
from catalog.events.model import Event
from catalog.ids import new_id

#: Lets scanners for leaked secrets recognise one.
PREFIX = "vtr_"
_SECRET_BYTES = 32
_LONGEST_NAME = 100


async def create_key(change: Change, *, name: str, scopes: Iterable[str]) -> IssuedKey:
    """Make a key and return it with its secret, which cannot be read again.

    Raises:
        InvalidInputError: no scope, an unknown one, or a name that is empty or too long.
        ConflictError: a key of this name is in use.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"a name has 1 to {_LONGEST_NAME} characters", field="name")
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey(id=new_id(), name=name, scopes=_parse(scopes), created_at=utc_now())
    await store.insert(change.conn, key, digest=hash_of(secret))
    await change.record(
        Event(
            type="api_key.created",
            subject=f"api_key/{key.id}",
            version=1,
            data={"name": key.name, "scopes": sorted(key.scopes)},
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


def _parse(scopes: Iterable[str]) -> frozenset[Scope]:
    known = {scope.value for scope in Scope}
    wanted = frozenset(scopes)
    if not wanted or not wanted <= known:
        allowed = ", ".join(scope.value for scope in Scope)
        raise InvalidInputError(f"scopes are one or more of: {allowed}", field="scopes")
    return frozenset(Scope(scope) for scope in wanted)
