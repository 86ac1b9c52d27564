"""Instants as imports write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from catalog.clock import FAR_FUTURE
from catalog.errors import InvalidInputError
from catalog.rights.stated_instants import parse_stated_instant

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC), None),
        ("2026-05-01T10:00:00+02:00", datetime(2026, 5, 1, 8, tzinfo=UTC), None),
        (
            "2026-03-29",  # the night in which summer begins
            datetime(2026, 3, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 29, 22, tzinfo=UTC),
        ),
        ("2026-05-01t10:00:00.123456789z", datetime(2026, 5, 1, 10, 0, 0, 123456, UTC), None),
        ("now", NOW, None),
        ("now-30d", NOW - timedelta(days=30), None),
        ("now+20m", NOW + timedelta(minutes=20), None),
    ],
)
def test_a_date_ends_at_the_following_midnight_and_an_instant_where_it_is(
    text: str, start: datetime, end: datetime | None
) -> None:
    stated = parse_stated_instant(text)
    assert stated.as_start(NOW, BERLIN) == start
    assert stated.as_end(NOW, BERLIN) == (end or start)


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2026-13-01", "now+1y", "2026-05-01T10:00:00", "5", "None"),
        *(
            "0001-01-01",
            "9001-01-01",
            "9999-12-31T00:00:00",
            "now+999999w",
            "2026-W10-1",
            *("20260501", "2026-W10-1T10:00:00Z", "20260501T100000Z"),
        ),
    ],
)
def test_what_is_no_instant_or_has_no_zone_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_stated_instant(text)


@pytest.mark.parametrize(
    "text", ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-05:00", "9999-01-01"]
)
def test_the_year_9999_is_no_end_and_no_beginning(text: str) -> None:
    stated = parse_stated_instant(text)
    assert stated.as_end(NOW, BERLIN) == FAR_FUTURE
    with pytest.raises(InvalidInputError, match="never"):
        stated.as_start(NOW, BERLIN)
