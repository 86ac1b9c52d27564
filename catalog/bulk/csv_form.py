"""How a CSV file is written, as its mapping says: delimiter, encoding, numbers, empty cells."""

import codecs
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from catalog.bulk.cells import MappingPart
from catalog.bulk.formats import date_pattern
from catalog.errors import InvalidInputError


def _encoding(given: str) -> str:
    try:
        "".encode(given)
        codec = codecs.lookup(given).name
    except LookupError as error:
        raise ValueError("name an encoding such as utf-8, cp1252, latin-1, utf-16") from error
    return "utf-8-sig" if codec == "utf-8" else given  # a byte order mark is no part of the header


def _date_format(given: str) -> str:
    try:
        date_pattern(given)
    except InvalidInputError as error:
        raise ValueError(error.message) from error
    return given


def _as_list(given: object) -> object:
    return [given] if isinstance(given, str) else given


Separator = Annotated[str, Field(min_length=1)]
Sign = Annotated[str, Field(min_length=1, max_length=1)]
DateFormat = Annotated[str, AfterValidator(_date_format)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class CsvForm(MappingPart):
    """How the file is written.

    Attributes:
        quote: what is around cells that hold delimiters; empty: nothing is.
        entities: whether `&amp;` and the like stand for characters, but for rich text.
        decimal, thousands, date: how numbers and dates are written: `NumberFormat`, `read_date`.
        yes, no: further words of booleans.
        empty: what an empty cell of a mapped column says: there is no value, or nothing.
        null: texts that say that there is no value.
    """

    delimiter: Sign = ","
    quote: Annotated[str, Field(max_length=1)] = '"'
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8-sig"
    entities: bool = False
    decimal: Literal[".", ","] | None = None
    thousands: str | None = None
    date: DateFormat | None = None
    yes: Texts = ()
    no: Texts = ()
    empty: Literal["null", "keep"] = "null"
    null: Texts = ()

    @model_validator(mode="after")
    def _check(self) -> "CsvForm":
        if self.decimal and self.decimal in (self.thousands or ""):
            raise ValueError("decimal and thousands cannot be the same sign")
        if self.thousands is not None and self.decimal is None:
            raise ValueError('say `decimal` along with `thousands`: "." or ","')
        return self
