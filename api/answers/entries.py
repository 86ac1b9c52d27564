"""An answer as it lies in Redis: sealed, so that nothing is believed but what an api wrote there.

The seal covers the name that the entry lies under, so it counts under no other.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from api.answers.answer_memory import Answer
from catalog.events.snapshot import Snapshot
from catalog.subjects import Subject

_SEAL_BYTES: Final = 16
_PURPOSE: Final = b"shared answer 1"
_END_OF_HEAD: Final = b"\n"  # orjson writes none


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedEntry:
    """An answer with what decides whether it is still true.

    Attributes:
        answer: one that may be kept.
        rests_on: its subjects.
        snapshot: every change that is visible in it is in the answer.
    """

    answer: Answer
    rests_on: frozenset[Subject]
    snapshot: Snapshot


def write_entry(entry: SharedEntry, name: str, *, master_key: bytes) -> bytes:
    """Write an entry: the seal, a line of JSON, the body."""
    head = [entry.snapshot.text, entry.answer.good_until.isoformat(), sorted(entry.rests_on)]
    content = orjson.dumps(head) + _END_OF_HEAD + entry.answer.body
    return _seal(content, name, master_key) + content


def read_entry(written: object, name: str, *, master_key: bytes) -> SharedEntry | None:
    """Read what lies under a name; None: nothing, or nothing that was written by us for it."""
    if not isinstance(written, bytes):
        return None
    seal, content = written[:_SEAL_BYTES], written[_SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(content, name, master_key)):
        return None
    head, _, body = content.partition(_END_OF_HEAD)
    fields: list[Any] = orjson.loads(head)
    snapshot, good_until, subjects = fields
    rests_on = frozenset(map(Subject, subjects))
    answer = Answer(
        body=body,
        is_refused=False,
        rests_on=rests_on,
        good_until=datetime.fromisoformat(good_until),
    )
    return SharedEntry(answer=answer, rests_on=rests_on, snapshot=Snapshot.read(snapshot))


def _seal(content: bytes, name: str, master_key: bytes) -> bytes:
    sealing = hashlib.blake2b(key=master_key, digest_size=_SEAL_BYTES, person=_PURPOSE)
    sealing.update(name.encode() + _END_OF_HEAD)
    sealing.update(content)
    return sealing.digest()
