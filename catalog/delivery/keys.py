"""Signing keys in use: loaded, unsealed, rotated with overlap, revoked in an emergency."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.changes import Change
from catalog.db import Connection
from catalog.delivery import store
from catalog.delivery.tokens import SigningKey
from catalog.errors import ConflictError, InvalidInputError, NotFoundError, SettingsError
from catalog.events.model import Event
from catalog.events.sealing_key import sealing_key
from catalog.sealing import MasterKeys, Sealed, seal, unseal
from catalog.subjects import signing_key_subject

_SECRET_BYTES = 32
_KID = re.compile(r"[a-z0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """The keys that verify, and the one that signs."""

    active: SigningKey
    by_kid: Mapping[str, SigningKey]


async def load_signing_keys(conn: Connection, master_keys: MasterKeys) -> SigningKeys:
    """Load and unseal every key that is not revoked.

    Raises:
        SettingsError: there is no active key, or a master key that opens one is missing.
    """
    stored = [key for key in await store.signing_keys(conn) if key.state != "revoked"]
    by_kid = {key.kid: SigningKey(key.kid, _unsealed(key, master_keys)) for key in stored}
    active = next((key.kid for key in stored if key.state == "active"), None)
    if active is None:
        raise SettingsError("there is no active signing key: run `vitrine key signing create`")
    return SigningKeys(active=by_kid[active], by_kid=by_kid)


async def list_signing_keys(conn: Connection) -> Sequence[store.StoredKey]:
    """Return every key, the oldest first; their secrets stay sealed."""
    return await store.signing_keys(conn)


async def create_signing_key(
    change: Change, *, master_keys: MasterKeys, kid: str | None = None, signs_here: bool = True
) -> str:
    """Make a new active key; the one before it goes on verifying until it is revoked.

    Args:
        change: the transaction.
        master_keys: the one that is stated seals the secret.
        kid: its id; None: the next number.
        signs_here: False for a key that only others sign with: it verifies, and the active one
            stays as it is.

    Returns:
        The id of the new key.

    Raises:
        InvalidInputError: the id is not of `[a-z0-9]{1,12}`.
        ConflictError: there is a key with this id.
        SettingsError: the master key that seals is not among these.
    """
    states = await store.lock_signing_keys(change.conn)
    kid = kid or _free_kid(states)
    if not _KID.fullmatch(kid):
        raise InvalidInputError("a key id has 1 to 12 of a-z and 0-9", field="kid")
    if kid in states:
        raise ConflictError(f"there is a signing key {kid} already", field="kid")
    for former, state in states.items():
        if state == "active" and signs_here:
            await _set_state(change, former, "retiring")
    key = await sealing_key(change.conn, master_keys)
    bound_to = Sealed.SIGNING_KEY.of(kid)
    sealed = seal(secrets.token_bytes(_SECRET_BYTES), key=key, bound_to=bound_to)
    state = "active" if signs_here else "retiring"
    await store.add_signing_key(change.conn, kid, sealed, state)
    await change.record(_event("signing_key.created", kid))
    return kid


async def retire_signing_key(change: Change, kid: str, *, master_keys: MasterKeys) -> str | None:
    """Let a key sign no more; it goes on verifying.

    Returns:
        The id of the key that was made in its place; None where it was retiring already.

    Raises:
        NotFoundError: there is no such key.
        ConflictError: it is revoked.
    """
    state = await _state(change, kid)
    if state == "revoked":
        raise ConflictError(f"signing key {kid} is revoked", field="kid")
    if state == "retiring":
        return None
    return await create_signing_key(change, master_keys=master_keys)


async def revoke_signing_key(change: Change, kid: str, *, master_keys: MasterKeys) -> str | None:
    """Let a key verify nothing from now on, and purge whatever was delivered under it.

    Returns:
        The id of the key that was made in its place, if it was the active one.

    Raises:
        NotFoundError: there is no such key.
    """
    state = await _state(change, kid)
    if state == "revoked":
        return None
    successor = None
    if state == "active":
        successor = await create_signing_key(change, master_keys=master_keys)
    await _set_state(change, kid, "revoked")
    return successor


async def reveal_signing_key(change: Change, kid: str, *, master_keys: MasterKeys) -> bytes:
    """Return the secret of a key for a signer elsewhere, and record who asked for it.

    Raises:
        NotFoundError: there is no such key.
        ConflictError: it is revoked.
        SettingsError: the master key that opens it is missing.
    """
    if await _state(change, kid) == "revoked":
        raise ConflictError(f"signing key {kid} is revoked: it verifies nothing", field="kid")
    stored = await store.signing_keys(change.conn)
    secret = _unsealed(next(key for key in stored if key.kid == kid), master_keys)
    # nothing that anybody holds has become untrue: no subjects
    await change.record(
        Event(
            type="signing_key.revealed",
            subject=f"signing_key/{kid}",
            version=1,
            data={"kid": kid},
        )
    )
    return secret


def _unsealed(key: store.StoredKey, master_keys: MasterKeys) -> bytes:
    return unseal(key.secret_sealed, keys=master_keys, bound_to=Sealed.SIGNING_KEY.of(key.kid))


async def _state(change: Change, kid: str) -> store.KeyState:
    states = await store.lock_signing_keys(change.conn)
    if kid not in states:
        raise NotFoundError(f"there is no signing key {kid}", field="kid")
    return states[kid]


async def _set_state(change: Change, kid: str, state: store.KeyState) -> None:
    await store.set_signing_key_state(change.conn, kid, state)
    await change.record(_event(f"signing_key.{'retired' if state == 'retiring' else state}", kid))


def _event(event_type: str, kid: str) -> Event:
    return Event(
        type=event_type,
        subject=f"signing_key/{kid}",
        version=1,
        subjects=(signing_key_subject(kid),),
        data={"kid": kid},
    )


def _free_kid(taken: Mapping[str, object]) -> str:
    number = len(taken) + 1
    while f"k{number}" in taken:
        number += 1
    return f"k{number}"
