"""How values, names and windows are written: rules without a database."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from catalog.clock import FAR_FUTURE
from catalog.errors import InvalidInputError
from catalog.publication.collation import sort_key
from catalog.publication.model import CurrentPublication, RequestedWindow
from catalog.publication.rules import text_of, window_of
from catalog.rights.model import Window

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("red", "red"),
        (True, "true"),
        (2, "2"),
        (2.0, "2"),
        (1.5, "1.5"),
        ({"amount": 1.5, "unit": "kg"}, "1.5 kg"),
    ],
)
def test_values_are_written_one_way(data: object, text: str) -> None:
    assert text_of(data) == text


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("pl-PL", ["Lampa", "Łóżko", "Zegar"]),
        ("sv-SE", ["Apa", "Zebra", "Ål", "Ära", "Öl"]),
        ("da-DK", ["Abe", "Zebra", "Æble", "Øl", "Ål"]),
        ("es-ES", ["nzema", "ñandú", "oca"]),
        ("cs-CZ", ["cukr", "hora", "chata", "ikona"]),
        ("de-DE", ["affe", "Affe", "ärmel", "Straße", "Zebra"]),
        ("de-DE-u-co-phonebk", ["Ad", "Ä", "Af"]),
    ],
)
def test_names_sort_as_each_language_has_it(locale: str, names: list[str]) -> None:
    assert sorted(set(names), key=lambda name: sort_key(name, locale)) == names


def test_keys_fit_an_index() -> None:
    assert len(sort_key("ﷺ" * 1000, "ar")) <= 1200


def stored(window: Window, *, is_live: bool = True) -> CurrentPublication:
    return CurrentPublication(
        product=uuid.uuid4(),
        version=1,
        checksum="",
        content_digest="",
        window=window,
        is_live=is_live,
        first_published_at=NOW,
        ancestors={},
    )


def test_a_stored_window_is_kept_unless_it_is_over_or_was_taken_back() -> None:
    nothing, ahead = RequestedWindow(), Window(start=NOW + DAY, end=NOW + 2 * DAY)
    over = Window(start=NOW - 2 * DAY, end=NOW - DAY)
    assert window_of(nothing, stored(ahead), None, NOW) == ahead
    assert window_of(nothing, stored(over), None, NOW) == Window(start=NOW)
    assert window_of(nothing, stored(ahead, is_live=False), None, NOW) == Window(start=NOW)


def test_a_new_publication_follows_its_model_and_what_is_asked_beats_both() -> None:
    above = Window(start=NOW + DAY, end=NOW + 3 * DAY)
    asked = RequestedWindow(end=NOW + 2 * DAY)
    assert window_of(RequestedWindow(), None, above, NOW) == above
    assert window_of(asked, None, above, NOW) == Window(start=NOW + DAY, end=NOW + 2 * DAY)
    assert window_of(RequestedWindow(end=FAR_FUTURE), stored(above), None, NOW).end == FAR_FUTURE


def test_a_window_does_not_end_before_it_begins() -> None:
    with pytest.raises(InvalidInputError):
        window_of(RequestedWindow(end=NOW), None, None, NOW)
