"""What the data files say, parsed once into frozen values; no bulk format here."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]
"""One line of the bulk format, or one table of a data file."""

DATA = Path(__file__).parent / "data"
LOCALES = {"en": "en-US", "de": "de-DE", "ja": "ja-JP"}
FAMILIES = ("lamps", "chairs", "ceramics", "bags", "knitwear")
CURRENCIES = ("USD", "GBP", "EUR", "JPY")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductTexts:
    """What is said of one thing in one language; an empty text is not translated yet."""

    name: str
    description: str = ""
    alt: str = ""
    story: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card of the shop: a model with its variants, or a simple product.

    Attributes:
        number: its place in the family, from 1; part of its GTINs.
        drawing: the name of its illustration in `drawing/`.
        colours: option codes; one variant, or one model of the second level, each.
        sizes: option codes of the second axis; empty where there is none.
        size_axis: the attribute that `sizes` are options of.
        price: amount per currency.
        surcharge: amount per currency that a size adds.
        words: per locale.
        facts: further values by attribute code, as bare as the data file has them.
        also: channels beside `d2c`.
        visible_from: when `d2c` shows it; None: at once.
        draft: published nowhere.
        detail: has a close-up of its first colour.
    """

    sku: str
    family: str
    gtin_prefix: str
    number: int
    drawing: str
    category: str
    colours: tuple[str, ...]
    price: Mapping[str, int]
    words: Mapping[str, ProductTexts]
    facts: Mapping[str, Any]
    sizes: tuple[str, ...] = ()
    surcharge: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    also: tuple[str, ...] = ()
    visible_from: str | None = None
    draft: bool = False
    detail: bool = False

    @property
    def is_simple(self) -> bool:
        """Whether it has no variants."""
        return self.family == "ceramics"

    @property
    def size_axis(self) -> str:
        """Return the attribute of the second axis."""
        return "volume" if self.family == "bags" else "size"

    def colour_sku(self, colour: str) -> str:
        """Return the sku of what owns the pictures of a colour."""
        return self.sku if self.is_simple else f"{self.sku}-{colour.upper()}"

    def picture(self, colour: str) -> str:
        """Return the code of the asset that shows a colour."""
        return f"{self.sku}-{colour}".lower()


def read_records(name: str) -> list[Record]:
    """Read a data file that is already in the bulk format."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def read_table(name: str) -> Record:
    """Read one TOML data file."""
    return tomllib.loads((DATA / name).read_text("utf-8"))


def read_words(table: Record) -> dict[str, ProductTexts]:
    """Collect `en`, `de` and `ja` of a table: [name, description, alt]."""
    stories = dict(zip(LOCALES, table.get("story", ()), strict=False))
    return {
        locale: ProductTexts(
            name=table[short][0],
            description=table[short][1],
            alt=table[short][-1],
            story=stories.get(short, ""),
        )
        for short, locale in LOCALES.items()
        if short in table
    }


def read_cards() -> Iterator[Card]:
    """Read every card of every family, in shop order."""
    for family in FAMILIES:
        table = read_table(f"{family}.toml")
        for number, row in enumerate(table["product"], start=1):
            yield Card(
                sku=row["sku"],
                family=family,
                gtin_prefix=table["gtin_prefix"],
                number=number,
                drawing=row["drawing"],
                category=row["category"],
                colours=tuple(row["colours"]),
                sizes=tuple(row.get("sizes", ())),
                price=money(row["price"]),
                surcharge={
                    size: money(amounts) for size, amounts in row.get("surcharge", {}).items()
                },
                words=read_words(row),
                facts=row["facts"],
                also=tuple(row.get("also", ())),
                visible_from=row.get("visible_from"),
                draft=row.get("draft", False),
                detail=row.get("detail", False),
            )


def money(amounts: list[int]) -> dict[str, int]:
    """Name the amounts of a data file: USD, GBP, EUR, JPY."""
    return dict(zip(CURRENCIES, amounts, strict=True))
