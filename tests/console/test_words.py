"""Every word that a page shows is there in every language."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.menu import PAGES
from console.rendering import HOME
from console.words import FRAME, ConsoleWords
from serving.words import LANGUAGES, NoWordError, language_of, words_in

ROOT = HOME.parent
FOLDERS = [*sorted({each.parent for each in HOME.rglob("*.html")}), ROOT / "api" / "identity"]
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_word_is_there_in_each_language(folder: Path) -> None:
    for key, texts in words_in(folder).items():
        assert set(texts) == set(LANGUAGES), f"{folder / 'words.toml'}: [{key}]"
        english, german = texts["en"], texts["de"]
        assert isinstance(english, str) == isinstance(german, str), key
        assert _placeholders(english) == _placeholders(german), key


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_word_that_a_template_names_is_there(folder: Path) -> None:
    known = {**words_in(FRAME), **words_in(folder)}
    for template in folder.glob("*.html"):
        for key in re.findall(r"\bt\(['\"](\w+)['\"][,)]", template.read_text(encoding="utf-8")):
            assert key in known, f"{template}: {key}"


def test_what_happened_is_said_in_words() -> None:
    known = words_in(FRAME)
    sources = (ROOT / each for each in ("catalog", "api", "relay", "vitrine"))
    code = "".join(
        file.read_text(encoding="utf-8") for each in sources for file in each.rglob("*.py")
    )
    types = {*re.findall(r"type=\"([a-z_]+\.[a-z_]+)\"", code)}
    types |= {*re.findall(r"_record\([^\"()]*\"([a-z_]+\.[a-z_]+)\"", code)}
    kinds = {*re.findall(r"subject=f\"([a-z_]+)/", code)}
    assert "login_link.created" in types
    assert "asset.held" in types
    assert {each for each in types if f"type_{each}" not in known} == set()
    assert {each for each in kinds if f"subject_{each}" not in known} == set()


def test_each_page_has_a_name() -> None:
    for page in PAGES:
        for language in LANGUAGES:
            assert ConsoleWords(language, page.folder)(page.title)


def test_a_key_leads_to_one_page() -> None:
    keys = ["h", *(page.shortcut for page in PAGES if page.shortcut is not None)]
    assert sorted({*keys}) == sorted(keys)


def test_plurals_numbers_and_dates_are_those_of_the_language() -> None:
    english, german = ConsoleWords("en", FRAME), ConsoleWords("de", FRAME)
    assert english("selected", count=1200) == "1,200 selected"
    assert german("selected", count=1200) == "1.200 ausgewählt"
    assert english.ago(NOW - timedelta(days=3), NOW) == "3 days ago"
    assert german.ago(NOW + timedelta(hours=2), NOW) == "in 2 Stunden"
    assert english.instant(NOW) == "1 May 2026, 12:00:00 UTC"
    assert german.instant(NOW) == "01.05.2026, 12:00:00 UTC"
    assert english.until(NOW + timedelta(minutes=16), NOW) == "1 May 2026, 12:16:00 UTC"
    assert english.until(NOW + timedelta(days=3), NOW) == "4 May 2026"
    assert german.date("2026-05-01T12:00:00+00:00") == "01.05.2026"
    assert [english.size(each) for each in (0, 999, 1000, 1_234_567)] == [
        "0 B",
        "999 B",
        "1 kB",
        "1.2 MB",
    ]
    with pytest.raises(NoWordError):
        english("no_such_word")


@pytest.mark.parametrize(
    ("chosen", "accepted", "shown"),
    [
        (None, "", "en"),
        (None, "fr,de;q=0.8", "de"),
        ("en", "de", "en"),
        ("xx", "de-CH", "de"),
        (None, "*", "en"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_first_that_is_here(
    chosen: str | None, accepted: str, shown: str
) -> None:
    assert language_of(chosen, accepted) == shown


def _placeholders(text: object) -> set[str]:
    return set(re.findall(r"{(\w+)}", f"{text}"))
