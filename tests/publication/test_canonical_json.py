"""Canonical JSON: the vectors of RFC 8785, and what holds of any document."""

import json
import math
import struct
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.publication.canonical_json import canonical_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("bits", "text"),
    [  # RFC 8785, appendix B
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_json(number) == text.encode()


def test_members_and_texts_are_written_as_the_rfc_shows_them() -> None:
    names = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7}
    written = json.loads(canonical_json(names), object_pairs_hook=list)
    assert [value for _, value in written] == [2, 4, 6, 7, 1, 5, 3]  # 3.2.3
    text = '€$\x0f\nA\'B"\\\\"/\x7f'
    assert canonical_json([text, None, True]) == (
        '["€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f",null,true]'.encode()
    )


@pytest.mark.parametrize("value", [math.inf, math.nan, "\ud800"])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever text
        canonical_json({"value": value})


@given(JSON)
def test_what_is_written_reads_as_the_same_and_is_written_the_same_again(value: object) -> None:
    written = canonical_json(value)
    read = json.loads(written, parse_int=float)
    assert read == value
    assert canonical_json(read) == written


@given(st.dictionaries(TEXTS, NUMBERS | TEXTS), st.randoms())
def test_the_order_of_members_and_the_form_of_numbers_say_nothing(
    value: dict[str, Any], random: Random
) -> None:
    members = list(value.items())
    random.shuffle(members)
    other = {key: float(each) if isinstance(each, int) else each for key, each in members}
    assert canonical_json(other) == canonical_json(value)
