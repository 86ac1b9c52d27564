"""Words of pages in the languages of their readers, with plurals, dates and numbers as they write.

Words stand in `words.toml` beside the templates that show them, each in every language:

    [waiting]
    en = { one = "{count} task waits", other = "{count} tasks wait" }
    de = { one = "{count} Aufgabe wartet", other = "{count} Aufgaben warten" }
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

#: The text of a word in a language, or its plural forms by CLDR's categories.
Text: TypeAlias = str | Mapping[str, str]

#: Keeps the language that a reader has chosen.
LANGUAGE_COOKIE: Final = "vitrine_language"
#: By the code that browsers ask for, with the name that its speakers give it.
LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({"en": "English", "de": "Deutsch"})
_UNITS = ("B", "kB", "MB", "GB", "TB")
_LOCALES = {"en": Locale("en", "GB"), "de": Locale("de", "DE")}


class NoWordError(LookupError):
    """A page shows a word that no message file has."""


@cache
def words_in(folder: Path) -> Mapping[str, Mapping[str, Text]]:
    """Return the words of all message files of a folder, by key and language."""
    words: dict[str, Mapping[str, Text]] = {}
    for file in sorted(folder.glob("*.toml")):
        words |= tomllib.loads(file.read_text(encoding="utf-8"))
    return words


def language_of(chosen: str | None, accepted: str) -> str:
    """Return the language to show: the one that was chosen, else the browser's first that is here.

    Args:
        chosen: by the reader; None, or one that is not here: none was.
        accepted: `Accept-Language` (RFC 9110, 12.5.4); its order is taken, its weights are not.
    """
    asked = (each.split(";")[0].strip().lower()[:2] for each in accepted.split(","))
    return next((each for each in (chosen or "", *asked) if each in LANGUAGES), "en")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a page in one language.

    Attributes:
        language: one of `LANGUAGES`.
        folder: of the page.
        common: has what the page does not have; None: there is no such folder.
    """

    language: str
    folder: Path
    common: Path | None = None

    def __call__(self, key: str, **values: object) -> str:
        """Return a word, with its values put in; `count` chooses its plural form.

        Raises:
            NoWordError: there is none.
        """
        text = self.found(key)
        if text is None:
            raise NoWordError(f"no word {key!r} in {self.folder} or {self.common}")
        if not isinstance(text, str):
            count: Any = values["count"]
            form = self._locale.plural_form(count)
            text = text.get(form) or text["other"]
        if "count" in values:
            values = {**values, "count": self.number(values["count"])}
        return text.format(**values) if values else text

    def found(self, key: str) -> Text | None:
        """Return a word as its file has it; None: there is none."""
        for folder in (self.folder, self.common):
            if folder is not None and (text := words_in(folder).get(key)):
                return text[self.language]
        return None

    def or_code(self, prefix: str, code: str) -> str:
        """Return the word for a code of the graph; one that has none is shown as it is."""
        text = self.found(f"{prefix}_{code}")
        return text if isinstance(text, str) else code

    def pairs(self, prefix: str, codes: Iterable[str]) -> list[tuple[str, str]]:
        """Return codes of the graph with their words, to be chosen from."""
        return [(each, self.or_code(prefix, each)) for each in codes]

    def number(self, value: Any) -> str:  # noqa: ANN401 - as JSON has numbers
        """Write a number."""
        return format_decimal(value, locale=self._locale)

    def date(self, instant: str | datetime | None) -> str:
        """Write the day of an instant, UTC."""
        return "" if instant is None else format_date(_instant(instant), locale=self._locale)

    @staticmethod
    def is_over(instant: str | datetime, now: datetime) -> bool:
        """Return whether an instant lies behind."""
        return _instant(instant) <= now

    def until(self, instant: str | datetime, now: datetime) -> str:
        """Write the day of an instant, and its time too where it is nearer than two days."""
        is_near = abs(_instant(instant) - now) < timedelta(days=2)
        return self.instant(instant) if is_near else self.date(instant)

    def instant(self, instant: str | datetime | None) -> str:
        """Write an instant to the second, UTC; a script shows it in the reader's own zone."""
        if instant is None:
            return ""
        written = format_datetime(_instant(instant), "medium", tzinfo=UTC, locale=self._locale)
        return f"{written} UTC"

    def ago(self, instant: str | datetime, now: datetime) -> str:
        """Write how far an instant is from now: `3 days ago`, `in 2 hours`."""
        return format_timedelta(
            _instant(instant) - now, add_direction=True, threshold=1.2, locale=self._locale
        )

    def size(self, count: int) -> str:
        """Write a count of bytes, in SI units."""
        power = min(max(len(f"{count}") - 1, 0) // 3, len(_UNITS) - 1)
        return f"{self.number(round(count / 1000**power, 1))} {_UNITS[power]}"

    @property
    def _locale(self) -> Locale:
        return _LOCALES[self.language]


def _instant(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
