"""Changes of what people log in with: each ends the sessions that there are."""

import uuid

from catalog.access import credential_store as store
from catalog.access.sessions import end_sessions_of
from catalog.changes import Change
from catalog.events.model import Event


async def store_password(change: Change, principal_id: uuid.UUID, stored: str) -> None:
    """Store the hash of a person's new password."""
    await store.set_password(change.conn, principal_id, stored)
    await _changed(change, principal_id, "password.changed")


async def store_codes(change: Change, principal_id: uuid.UUID, sealed: bytes, step: int) -> None:
    """Store a person's sealed secret of one-time codes, and the step of the code that proved it."""
    await store.set_totp(change.conn, principal_id, sealed, step)
    await _changed(change, principal_id, "one_time_codes.changed")


async def remove_codes(change: Change, principal_id: uuid.UUID) -> None:
    """Remove a person's one-time codes: behind https a password alone lets nobody in."""
    await store.clear_totp(change.conn, principal_id)
    await _changed(change, principal_id, "one_time_codes.removed")


async def _changed(change: Change, principal_id: uuid.UUID, event_type: str) -> None:
    await end_sessions_of(change, principal_id)
    await change.record(Event(type=event_type, subject=f"principal/{principal_id}", version=1))
