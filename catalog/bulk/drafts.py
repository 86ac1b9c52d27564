"""A product as the rows of a CSV state it: one row or several, which may not contradict."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from catalog.bulk.cell_values import CellValue, CellValueKey
from catalog.bulk.model import LineRefusal
from catalog.errors import InvalidInputError, VitrineError
from catalog.products.model import ProductKind

Record = dict[str, Any]


class MediaPlace(NamedTuple):
    """What a product's pictures are for."""

    role: str
    locale: str | None
    market: str | None
    channel: str | None


def scope_of(place: CellValueKey | MediaPlace) -> Record:
    """Return the locale, market and channel that a place has, as records name them."""
    scopes = {"locale": place.locale, "market": place.market, "channel": place.channel}
    return {name: code for name, code in scopes.items() if code}


@dataclass(slots=True, kw_only=True)
class Pictures:
    """The files that a product has in one place, in the order of the rows.

    Attributes:
        removed: files that are taken away.
        stated: whether any row says what each of the image columns of this place holds.
    """

    files: dict[str, int] = field(default_factory=dict[str, int])
    removed: dict[str, int] = field(default_factory=dict[str, int])
    stated: dict[int, bool] = field(default_factory=dict[int, bool])

    @property
    def is_whole(self) -> bool:
        """Whether what is not among the files is no longer shown."""
        return all(self.stated.values())


@dataclass(slots=True, kw_only=True)
class Draft:
    """What is known of a product until its last row was read.

    Attributes:
        line: of its first row.
        texts: of fields that have one text, by their names.
        categories: None: no row speaks of them.
        faults: what cannot be read; a product with any is refused.
    """

    sku: str
    line: int
    kind: ProductKind | str
    parent: str | None = None
    texts: dict[str, CellValue] = field(default_factory=dict[str, CellValue])
    values: dict[CellValueKey, CellValue] = field(default_factory=dict[CellValueKey, CellValue])
    categories: list[str] | None = None
    media: dict[MediaPlace, Pictures] = field(default_factory=dict[MediaPlace, Pictures])
    assets: dict[str, Record] = field(default_factory=dict[str, Record])
    faults: list[LineRefusal] = field(default_factory=list[LineRefusal])

    def fault(self, line: int, error: VitrineError) -> None:
        """Note why a cell cannot be read."""
        self.faults.append(LineRefusal.of(line, error))

    def state(self, name: str, said: CellValue) -> None:
        """Take in a field that has one text: an empty one takes it away."""
        before = self.texts.get(name)
        if before is None or not before.data:
            self.texts[name] = said
        elif said.data:
            self._agree(before, said)

    def take(self, said: CellValue) -> None:
        """Take in a value: rows that say nothing give way, lists of several rows are joined."""
        before = self.values.get(said.place)
        if before is None or before.data is None:
            self.values[said.place] = said
        elif isinstance(before.data, list) and isinstance(said.data, list):
            joined = [*cast("list[str]", before.data), *cast("list[str]", said.data)]
            said = CellValue(
                place=said.place,
                data=list(dict.fromkeys(joined)),
                line=before.line,
                column=before.column,
            )
            self.values[said.place] = said
        elif said.data is not None:
            self._agree(before, said)

    def _agree(self, before: CellValue, said: CellValue) -> None:
        if before.data != said.data:
            message = (
                f"line {before.line} says {before.data!r} of {self.sku!r}, this row {said.data!r}: "
                "rows of one product have to say the same"
            )
            self.fault(said.line, InvalidInputError(message, field=said.column))

    def text(self, name: str) -> str:
        """Return what its rows say of a field; empty: nothing."""
        return self.texts[name].data if name in self.texts else ""

    def values_record(self, *, is_whole: bool) -> Iterator[Record]:
        """Yield its values as the bulk format has them, amounts of one price together.

        Args:
            is_whole: values that are taken away need no mention.
        """
        merged: dict[tuple[str | None, ...], Record] = {}
        for place, said in self.values.items():
            if said.data is None and is_whole:
                continue
            key = (place.attribute, place.locale, place.market, place.channel)
            named = {"attribute": place.attribute, **scope_of(place), "data": None}
            record = merged.setdefault(key, named)
            if place.currency is None:
                record["data"] = said.data
            else:
                record["data"] = {**(record["data"] or {}), place.currency: said.data}
        yield from merged.values()
