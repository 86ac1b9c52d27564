"""Seals of the audit: what one holds, and what it is made of. Pure.

A row's mark is the HMAC-SHA-256 (RFC 2104) of all its columns but its id, cut to 16 bytes; a seal's
MAC is that of the ids and marks of its rows and of the seal before. So a row that was changed,
removed or moved is named, and no seal can be taken out or made by whoever lacks the key.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import orjson

from catalog.sealing import MasterKey

MARK_BYTES = 16
#: Less than every id, be it forged.
BEFORE_ALL = -(2**63)
_PURPOSE = b"vitrine audit seal 1"
_ID_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKey:
    """A key that seals, and verifies what it sealed.

    Attributes:
        id: what tells it from others.
    """

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, master_key: MasterKey) -> "SealingKey":
        """Derive the key that belongs to a master key."""
        secret = hmac.digest(master_key.secret, _PURPOSE, "sha256")
        return cls(id=hashlib.sha256(secret).hexdigest()[:16], secret=secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What vouches for a batch of rows.

    Attributes:
        number: from 1, without gaps.
        ids: of its rows, ascending.
        marks: of its rows, in their order.
        before: MAC of the seal before; empty for the first.
        key: id of the key that made it.
    """

    number: int
    ids: tuple[int, ...]
    marks: bytes = field(repr=False)
    before: bytes
    key: str
    mac: bytes

    @property
    def head(self) -> "Head":
        """Return what others keep of it."""
        return Head(
            seal=self.number,
            first=self.ids[0],
            last=self.ids[-1],
            count=len(self.ids),
            mac=self.mac.hex(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is kept of a seal outside the database.

    Attributes:
        seal: its number.
        first, last: ids of its rows.
        mac: in hexadecimal.
    """

    seal: int
    first: int
    last: int
    count: int
    mac: str


def read_head(text: bytes) -> Head | None:
    """Read a head from a JSON object that has its fields, and perhaps others; None: it has not."""
    try:
        told: Any = orjson.loads(text)
        head = Head(**{each.name: told[each.name] for each in fields(Head)})
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    kinds = {each.name: str if each.name == "mac" else int for each in fields(Head)}
    is_whole = all(type(told[name]) is kind for name, kind in kinds.items())
    return head if is_whole and head.seal > 0 else None


def mark_of(text: str, key: SealingKey) -> bytes:
    """Return the mark of a row.

    Args:
        text: all its columns but its id, as the database writes them as JSON.
        key: that seals it.
    """
    return hmac.digest(key.secret, text.encode(), "sha256")[:MARK_BYTES]


def seal_rows(rows: Sequence[tuple[int, str]], key: SealingKey, former: Seal | None) -> Seal:
    """Seal rows.

    Args:
        rows: id and text of each, ascending; at least one.
        key: that seals them.
        former: the seal before; None: this is the first.
    """
    number = former.number + 1 if former else 1
    before = former.mac if former else b""
    ids = tuple(row_id for row_id, _ in rows)
    marks = b"".join(mark_of(text, key) for _, text in rows)
    mac = _mac(number, ids, marks, before, key)
    return Seal(number=number, ids=ids, marks=marks, before=before, key=key.id, mac=mac)


def is_made_by(seal: Seal, key: SealingKey) -> bool:
    """Return whether a seal is as this key made it."""
    made = _mac(seal.number, seal.ids, seal.marks, seal.before, key)
    return hmac.compare_digest(made, seal.mac)


def _mac(number: int, ids: Sequence[int], marks: bytes, before: bytes, key: SealingKey) -> bytes:
    written = b"".join(each.to_bytes(_ID_BYTES, signed=True) for each in (number, len(ids), *ids))
    return hmac.digest(key.secret, written + marks + before, "sha256")
