"""Numbers, dates and yes or no as people write them, read by a declared format or refused. Pure.

Nothing is guessed: `1.299` is 1299 where the decimal sign is a comma, and no price in euros where
nobody said how numbers are written.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from catalog.errors import InvalidInputError

#: What JSON carries to everyone without loss (RFC 8259, section 6).
LARGEST_NUMBER: Final = 2**53 - 1
_GROUP_DIGITS = 3
_SHOWN = 40  # characters that a message repeats
#: What a space between digits may really be: plain, no-break, narrow no-break, thin.
_SPACES = " \u00a0\u202f\u2009"
_DATE_PARTS = {
    "yyyy": r"(?P<y>[0-9]{4})",
    "mm": r"(?P<m>[0-9]{2})",
    "m": r"(?P<m>[0-9]{1,2})",
    "dd": r"(?P<d>[0-9]{2})",
    "d": r"(?P<d>[0-9]{1,2})",
    "*": r".*",
}
_DATE_PART = re.compile(r"yyyy|mm?|dd?|\*")

_YES = frozenset({"yes", "true", "1", "y"})
_NO = frozenset({"no", "false", "0", "n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """How numbers are written.

    Attributes:
        decimal: the sign before the decimals; None: nobody said, so it is a point and nothing
            separates thousands.
        thousands: the signs that may separate groups of three digits, one kind in a number; None:
            the point where decimals have a comma and the comma where they have a point.
    """

    decimal: str | None = None
    thousands: str | None = None

    @property
    def separators(self) -> str:
        """The signs that separate thousands; empty where none may."""
        if self.thousands is not None:
            return self.thousands
        return {None: "", ",": ".", ".": ","}.get(self.decimal, "")

    def describe(self) -> str:
        """Return an example of what can be read."""
        sign = self.decimal or "."
        return f"1{self.separators[:1]}299{sign}50"


def read_number(text: str, form: NumberFormat) -> int | float:
    """Read a number that is written in a format.

    Raises:
        InvalidInputError: it is written in another one, or would lose digits.
    """
    found = _pattern(form).fullmatch(text)
    if found is None:
        hint = "" if form.decimal else ", or say in [csv] how they are: decimal = ','"
        raise InvalidInputError(
            f"{text!r} is no number as the mapping reads them: write it as {form.describe()}{hint}"
        )
    whole = re.sub(r"[^0-9]", "", found["whole"])
    sign = "-" if found["sign"] in {"-", "\u2212"} else ""
    number = float(f"{sign}{whole or '0'}.{found['decimals'] or '0'}")
    if abs(number) > LARGEST_NUMBER:
        raise InvalidInputError(
            f"{text[:_SHOWN]!r} is larger than {LARGEST_NUMBER:,}, up to which all are exact: if "
            "it is a code, make the attribute a text"
        )
    return int(number) if number.is_integer() else number


def read_amount(text: str, form: NumberFormat, currency: str, decimals: int) -> int | float:
    """Read an amount of money, which has no more decimals than it may.

    Args:
        text: the amount alone, without a sign of the currency.
        form: how numbers are written.
        currency: an ISO 4217 code.
        decimals: the most there may be, as `most_decimals` says.

    Raises:
        InvalidInputError: it is no number of this format, or has too many decimals.
    """
    number = read_number(text, form)
    digits = text.rpartition(form.decimal or ".")[2] if (form.decimal or ".") in text else ""
    if len(digits) != _GROUP_DIGITS:  # zeros alone say nothing: 49.9000
        digits = digits.rstrip("0")
    if len(digits) > decimals:
        raise InvalidInputError(
            f"{text!r} has {len(digits)} decimals, an amount in {currency} has at most {decimals}: "
            "if these are thousands, say in [csv] how numbers are written (decimal, thousands); if "
            "not, allow them with `decimals` of the attribute"
        )
    return number


def read_date(text: str, form: str | None) -> str:
    """Read a date and return it as `2026-05-01`.

    Args:
        text: the date.
        form: `dd.mm.yyyy`, `m/d/yyyy`, with `*` for a rest that does not matter; None:
            `yyyy-mm-dd`.

    Raises:
        InvalidInputError: it is written in another way, or there is no such day.
    """
    found = date_pattern(form or "yyyy-mm-dd").fullmatch(text)
    try:
        if found is not None:
            return date(int(found["y"]), int(found["m"]), int(found["d"])).isoformat()
    except ValueError:
        pass  # no such day: answered below, like any other text
    hint = "" if form else ", or say in [csv] how they are written: date = 'dd.mm.yyyy'"
    raise InvalidInputError(f"{text!r} is no date: write it as {form or 'yyyy-mm-dd'}{hint}")


@lru_cache(maxsize=64)
def date_pattern(form: str) -> re.Pattern[str]:
    """Return what dates of a format match.

    Raises:
        InvalidInputError: the format does not name year, month and day once each.
    """
    places = list(_DATE_PART.finditer(form))
    parts = sorted(place[0][0] for place in places if place[0] != "*")
    if parts != ["d", "m", "y"]:
        raise InvalidInputError(
            f"{form!r} is no format of dates: write yyyy, mm (or m) and dd (or d) once each, such "
            "as dd.mm.yyyy"
        )
    pattern, at = "", 0
    for place in places:
        pattern += re.escape(form[at : place.start()]) + _DATE_PARTS[place[0]]
        at = place.end()
    return re.compile(pattern + re.escape(form[at:]), re.DOTALL)


def read_truth(text: str, yes: Iterable[str], no: Iterable[str]) -> bool:
    """Read yes or no.

    Args:
        text: in upper or lower case.
        yes: further words for it, besides yes, true, y, 1.
        no: further words for it, besides no, false, n, 0.

    Raises:
        InvalidInputError: it is none of these words.
    """
    yes, no = _YES.union(word.lower() for word in yes), _NO.union(word.lower() for word in no)
    if text.lower() in yes:
        return True
    if text.lower() in no:
        return False
    raise InvalidInputError(
        f"{text!r} is neither {'/'.join(sorted(yes))} nor {'/'.join(sorted(no))}: name the words "
        "in [csv], in the lists `yes` and `no`"
    )


@lru_cache(maxsize=64)
def _pattern(form: NumberFormat) -> re.Pattern[str]:
    sign, separators = re.escape(form.decimal or "."), form.separators
    if " " in separators:
        separators += _SPACES
    whole = "[0-9]+"
    if separators:
        kind = f"[{re.escape(separators)}]"
        whole = f"[1-9][0-9]{{0,2}}(?P<kind>{kind})[0-9]{{3}}(?:(?P=kind)[0-9]{{3}})*|{whole}"
    return re.compile(
        rf"(?P<sign>[-+\u2212]?)(?:(?P<whole>{whole}|(?={sign}))(?:{sign}(?P<decimals>[0-9]+))?)"
    )
