"""Damage, by a seed: the same number always makes the same file of the same files."""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeAlias

from bench.hostile.pieces import pieces_of, with_true_checksums

Mutation: TypeAlias = Callable[[bytes, Random], bytes]

_EXTREMES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
_LENGTHS = (0, 1, 2, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
_NUMBERS = (b"0", b"-1", b"1e9", b"1e38", b"-1e308", b"NaN", b"99999999999999999999", b"0.0000001")
_HEAD_BYTES = 400
_HOW_MANY = (1, 1, 1, 2, 3)


def mutated(files: Mapping[str, bytes], seed: int, number: int) -> tuple[str, bytes]:
    """Return the `number`th damaged file with its name; each kind of file has its turn."""
    chance = Random(f"{seed}/{number}")  # noqa: S311 - repeatable on purpose
    names = sorted(files)
    name = names[number % len(names)]
    body = files[name]
    for _ in range(chance.choice(_HOW_MANY)):
        body = chance.choice(_MUTATIONS)(body, chance)
    if chance.random() < 1 / 8:
        body = _spliced(body, files[chance.choice(names)], chance)
    if chance.random() < 3 / 4:
        body = with_true_checksums(body)
    return f"{number}-{name}", body


def _bits_flipped(body: bytes, chance: Random) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 8, 64)) if body else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _head_overwritten(body: bytes, chance: Random) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.randint(1, 4) if body else 0):
        changed[chance.randrange(min(len(changed), _HEAD_BYTES))] = chance.choice(_EXTREMES)
    return bytes(changed)


def _truncated(body: bytes, chance: Random) -> bytes:
    return body[: chance.randint(0, len(body))]


def _cut_out(body: bytes, chance: Random) -> bytes:
    left, right = _span(body, chance)
    return body[:left] + body[right:]


def _repeated(body: bytes, chance: Random) -> bytes:
    left, right = _span(body, chance)
    return body[:right] + body[left:right] * chance.choice((1, 2, 50)) + body[right:]


def _length_edited(body: bytes, chance: Random) -> bytes:
    """Set a length that the format states; in a drawing, a number; elsewhere any four bytes."""
    pieces = pieces_of(body)
    parts = list(pieces.parts)
    if body.lstrip().startswith(b"<"):
        return _number_edited(body, chance)
    if pieces.length_at is None or len(parts) < 2:  # noqa: PLR2004 - a head and one more
        return _word_edited(body, chance)
    which = chance.randrange(1, len(parts))
    at, size = pieces.length_at, pieces.length_bytes
    stated = int.from_bytes(parts[which][at : at + size], pieces.order)
    value = chance.choice((*_LENGTHS, stated + 1, max(0, stated - 1), stated * 2))
    value &= 2 ** (8 * size) - 1
    parts[which] = (
        parts[which][:at] + value.to_bytes(size, pieces.order) + parts[which][at + size :]
    )
    return b"".join(parts)


def _word_edited(body: bytes, chance: Random) -> bytes:
    at = chance.randint(0, max(0, len(body) - 4))
    value = chance.choice(_LENGTHS).to_bytes(4, chance.choice(("big", "little")))
    return body[:at] + value + body[at + 4 :]


def _number_edited(body: bytes, chance: Random) -> bytes:
    numbers = list(re.finditer(rb"\d+(\.\d+)?", body))
    if not numbers:
        return body
    found = chance.choice(numbers)
    return body[: found.start()] + chance.choice(_NUMBERS) + body[found.end() :]


def _pieces_moved(body: bytes, chance: Random) -> bytes:
    """Drop, double, exchange or multiply whole pieces."""
    parts = list(pieces_of(body).parts) or [b""]
    left, right = chance.randrange(len(parts)), chance.randrange(len(parts))
    match chance.choice(("drop", "double", "swap", "many")):
        case "drop":
            del parts[left]
        case "double":
            parts.insert(right, parts[left])
        case "swap":
            parts[left], parts[right] = parts[right], parts[left]
        case _:
            parts[left:left] = [parts[left]] * 40
    return b"".join(parts)


def _piece_damaged(body: bytes, chance: Random) -> bytes:
    """Flip bits in one piece that is short: there stand sizes, tables and profiles."""
    parts = list(pieces_of(body).parts) or [b""]
    short = sorted(range(len(parts)), key=lambda at: len(parts[at]))[: max(1, len(parts) * 3 // 4)]
    which = chance.choice(short)
    parts[which] = _bits_flipped(parts[which], chance)
    return b"".join(parts)


def _spliced(body: bytes, other: bytes, chance: Random) -> bytes:
    if chance.random() < 1 / 2:
        return _truncated(body, chance) + other[chance.randint(0, len(other)) :]
    at = chance.randint(0, len(body))
    left, right = _span(other, chance)
    return body[:at] + other[left:right] + body[at:]


def _span(body: bytes, chance: Random) -> tuple[int, int]:
    left = chance.randint(0, len(body))
    return left, min(len(body), left + chance.choice((1, 4, 16, 256, 4096)))


_MUTATIONS: Sequence[Mutation] = (
    _bits_flipped,
    _head_overwritten,
    _truncated,
    _cut_out,
    _repeated,
    _length_edited,
    _length_edited,
    _pieces_moved,
    _pieces_moved,
    _piece_damaged,
    _piece_damaged,
)
