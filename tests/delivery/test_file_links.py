"""Links to files: of one purpose, one id, for a day."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from catalog.delivery.file_links import FileLink, read_link, write_link
from catalog.delivery.tokens import SigningKey

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = SigningKey("1", b"k" * 32)
KEYS = {"1": KEY}
LEADS_TO = FileLink("8kq2m0w4zt", UUID(int=7))
LINK = write_link(KEY, "put", LEADS_TO, until=NOW)


def test_a_link_is_good_for_its_purpose_until_it_ends() -> None:
    before = NOW - timedelta(microseconds=1)
    assert read_link(LINK, "put", KEYS, now=before) == LEADS_TO
    assert read_link(LINK, "get", KEYS, now=before) is None
    assert read_link(LINK, "put", KEYS, now=NOW) is None
    assert read_link(LINK, "put", {}, now=before) is None
    assert read_link(LINK, "put", {"1": SigningKey("1", b"x" * 32)}, now=before) is None


def test_a_token_of_a_picture_is_no_link() -> None:
    payload = LINK.rpartition(".")[0]
    assert read_link(f"{payload}.{KEY.mac(payload)}", "put", KEYS, now=NOW - timedelta(1)) is None


@given(place=st.integers(0, len(LINK) - 1), letter=st.characters())
def test_no_other_text_is_the_link(place: int, letter: str) -> None:
    other = LINK[:place] + letter + LINK[place + 1 :]
    found = read_link(other, "put", KEYS, now=NOW - timedelta(1))
    assert (found is not None) == (other == LINK)
