"""Cursors are read back as they were written, and anything else is refused: pure."""

import base64
import uuid
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.graph.cursors import InvalidCursorError, read_instant, write_cursor
from catalog.graph.listing import OrderField, decode_cursor, encode_cursor

ORDERS = st.sampled_from(OrderField)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
INSTANTS = st.datetimes(timezones=st.just(UTC))
HOSTILE_INSTANTS = st.one_of(
    st.text(), st.datetimes().map(str), INSTANTS.map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}+23:59")
)
CURSORS = st.one_of(
    st.text(),
    st.binary().map(lambda body: base64.urlsafe_b64encode(body).decode().rstrip("=")),
    st.lists(TEXTS, max_size=3).map(lambda keys: write_cursor("PUBLISHED_AT", *keys)),
    st.tuples(HOSTILE_INSTANTS.filter(lambda text: text.isascii()), st.uuids()).map(
        lambda keys: write_cursor("PUBLISHED_AT", keys[0], keys[1].hex)
    ),
)


@given(st.sampled_from([OrderField.NAME, OrderField.SKU]), TEXTS, st.uuids())
def test_a_text_comes_back(order: OrderField, key: str, product: uuid.UUID) -> None:
    bound = decode_cursor(order, encode_cursor(order, key, product), field="after")
    assert (bound.key, bound.product) == (key, product)


@given(INSTANTS, st.uuids())
def test_an_instant_comes_back(key: datetime, product: uuid.UUID) -> None:
    order = OrderField.PUBLISHED_AT
    bound = decode_cursor(order, encode_cursor(order, key, product), field="after")
    assert (bound.key, bound.product) == (key, product)


BEFORE_ALL_TIME = write_cursor("PUBLISHED_AT", "0001-01-01T00:00:00+23:59", uuid.uuid4().hex)


@given(ORDERS, CURSORS)
@example(OrderField.PUBLISHED_AT, BEFORE_ALL_TIME)
def test_whatever_is_sent_is_a_bound_or_refused(order: OrderField, cursor: str) -> None:
    with suppress(InvalidCursorError):
        key = decode_cursor(order, cursor, field="after").key
        assert isinstance(key, str) or key.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01-01T00:00:00",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_instant_of_a_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursorError):
        read_instant(text, field="after")


def test_an_instant_before_all_time_is_refused() -> None:
    with pytest.raises(InvalidCursorError):
        decode_cursor(OrderField.PUBLISHED_AT, BEFORE_ALL_TIME, field="after")
