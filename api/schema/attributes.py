"""Attributes and options of a published document, in the context's locale, market and units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from api.documents.declared import STORED
from api.schema.descriptions import graphql_enum, graphql_field, graphql_type
from api.schema.money import Money, money
from catalog.graph.context import ReadContext
from catalog.graph.published_documents import PublishedDocument
from catalog.graph.values import EffectiveValue, effective, label_locale_of, label_of
from catalog.products.units import Measured, in_system


@graphql_type
class AttributeOption:
    """One of the choices of an attribute."""

    code: str = strawberry.field(description="As it is stored.")
    label: str = strawberry.field(description="As people read it.")
    label_locale: str | None = strawberry.field(
        description="Locale of the label; null: there is none, or it is the code itself."
    )


@graphql_type
class Measurement:
    """An amount in a unit, as the context's market measures and as it was stated."""

    amount: float = strawberry.field(
        description="In the customary unit of the market's unit system, to four significant digits "
        "or as many as were stated; without a market, or without such a unit, as it was stated."
    )
    unit: str = strawberry.field(description="Of the amount: `kg`, `in`.")
    stated_amount: float = strawberry.field(description="As it was stated.")
    stated_unit: str = strawberry.field(description="As it was stated.")


@graphql_type
class TableColumn:
    """A column of an attribute whose values are tables."""

    code: str = strawberry.field(description="The key of its cells in each row of `value`.")
    type: str = strawberry.field(
        description="`text`, `number`, `decimal`, `boolean`, `date` or `measurement`."
    )
    label: str = strawberry.field(description="As people read it; without a label, the code.")
    unit: str | None = strawberry.field(description="Of its numbers.")


@graphql_enum
class ValueLevel(Enum):
    """Which product of a line a value is stored at.

    Attributes:
        OWN: The product itself.
        SUB_MODEL: A model that is below another.
        MODEL: The model on top.
    """

    OWN = "own"
    SUB_MODEL = "sub_model"
    MODEL = "model"


@graphql_type
class ValueSource:
    """Where a value is stored that is shown here."""

    level: ValueLevel = strawberry.field(description="Whether it is inherited, and from how far.")
    owner: str = strawberry.field(description="The sku of the product that it is stored at.")
    locale: str | None = strawberry.field(
        description="That it is stored for, be it a fallback of the context's; null: for none."
    )
    market: str | None = strawberry.field(
        description="That it is stored for, be it a parent of the context's; null: for all."
    )
    channel: str | None = strawberry.field(description="That it is stored for; null: for all.")


@graphql_type
class Attribute:
    """An attribute that has a value here."""

    code: str = strawberry.field(description="Natural key, such as `material`.")
    type: str = strawberry.field(description="`text`, `number`, `select` and so on.")
    label: str = strawberry.field(description="As people read it.")
    label_locale: str | None = strawberry.field(
        description="Locale of the label; null: there is none, or it is the code itself."
    )
    group: str | None = strawberry.field(description="Where product pages put it.")
    value: JSON = strawberry.field(
        description="As people read it: text, number, boolean, label or labels, amount; a decimal "
        "as an exact text; a table as rows of cells by column, where a cell may be left out."
    )
    locale: str | None = strawberry.field(
        description="That the value is written in, for `lang`; null: it is of no language."
    )
    unit: str | None = strawberry.field(description="Of an amount: `kg`, `EUR`.")
    money: Money | None = strawberry.field(description="A price, exact.")
    options: list[AttributeOption] = strawberry.field(
        description="The choices that were made.", metadata=STORED.metadata
    )
    columns: list[TableColumn] = strawberry.field(
        description="Of a table, in their order; of all else none.", metadata=STORED.metadata
    )
    stored: strawberry.Private[Mapping[str, Any]]
    line: strawberry.Private[Sequence[str] | None]

    @graphql_field
    def measurement(self) -> Measurement | None:
        """Return a measurement as it is read here and as it was stated; null: it is none."""
        if self.type != "measurement" or self.unit is None:
            return None
        stated = self.stored["data"]
        return Measurement(
            amount=float(cast("float", self.value)),
            unit=self.unit,
            stated_amount=float(stated["amount"]),
            stated_unit=stated["unit"],
        )

    @graphql_field
    def source(self) -> ValueSource | None:
        """Return where the value is stored; null: it was published before that was kept."""
        return None if self.line is None else source_of(self.stored, self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownValue:
    """A value as it is shown, and the locale that it was found in."""

    value: Any
    unit: str | None
    locale: str | None = None
    codes: tuple[str, ...] = ()


def source_of(stored: Mapping[str, Any], line: Sequence[str]) -> ValueSource:
    """Return where a value of a document is stored.

    Args:
        stored: the value; `from` is its place in the line, where it is inherited.
        line: the skus of the product and its models, nearest first.
    """
    place: int = stored.get("from", 0)
    inherited = ValueLevel.MODEL if place == len(line) - 1 else ValueLevel.SUB_MODEL
    return ValueSource(
        level=inherited if place else ValueLevel.OWN,
        owner=line[place],
        locale=stored["locale"],
        market=stored["market"],
        channel=stored.get("channel"),
    )


def attributes_of(document: PublishedDocument, context: ReadContext) -> Sequence[Attribute]:
    """Make the attributes that have a value in the context, once, in the document's order."""
    key = context.reading
    attributes: Sequence[Attribute] | None = document.read.get(key)
    if attributes is None:
        attributes = document.read[key] = _attributes_of(document, context)
    return attributes


def _attributes_of(document: PublishedDocument, context: ReadContext) -> Sequence[Attribute]:
    attributes: list[Attribute] = []
    models: Sequence[str] | None = document.get("models")
    line = None if models is None else (document["sku"], *models)
    for stored in document["attributes"]:
        found = effective(stored["values"], context)
        reading = _shown(stored, found, context)
        if found is not None and reading is not None:
            attributes.append(
                Attribute(
                    code=stored["code"],
                    type=stored["type"],
                    label=label_of(stored["label"], context) or stored["code"],
                    label_locale=label_locale_of(stored["label"], context),
                    group=stored["group"],
                    value=reading.value,
                    locale=reading.locale,
                    unit=reading.unit,
                    money=_money(stored, reading),
                    options=[
                        AttributeOption(
                            code=code,
                            label=option_label(stored, code, context),
                            label_locale=option_label_locale(stored, code, context),
                        )
                        for code in reading.codes
                    ],
                    columns=_columns(stored, context),
                    stored=found.stored,
                    line=line,
                )
            )
    return attributes


def _money(stored: Mapping[str, Any], reading: ShownValue) -> Money | None:
    if stored["type"] != "price" or reading.unit is None:
        return None
    return money(reading.value, reading.unit)


def find_attribute(document: Mapping[str, Any], code: str) -> Mapping[str, Any] | None:
    """Return a stored attribute of the document."""
    return next((each for each in document["attributes"] if each["code"] == code), None)


def text_attribute(document: Mapping[str, Any], code: str, context: ReadContext) -> str | None:
    """Return a text attribute as it is shown; None: it has none here, or is no text."""
    stored = find_attribute(document, code)
    reading = read_value(stored, context) if stored else None
    return reading.value if reading and isinstance(reading.value, str) else None


def read_value(stored: Mapping[str, Any], context: ReadContext) -> ShownValue | None:
    """Return the value that counts in the context as it is shown; None: there is none."""
    return _shown(stored, effective(stored["values"], context), context)


def _shown(  # noqa: PLR0911 - one line a type
    stored: Mapping[str, Any], found: EffectiveValue | None, context: ReadContext
) -> ShownValue | None:
    if found is None or found.data is None:
        return None
    data = found.data
    match stored["type"]:
        case "select" | "term" if stored["options"]:
            return ShownValue(value=option_label(stored, data, context), unit=None, codes=(data,))
        case "multiselect":
            codes = tuple(cast("Sequence[str]", data))
            labels = [option_label(stored, code, context) for code in codes]
            return ShownValue(value=labels, unit=None, codes=codes)
        case "measurement":
            amount, unit = _measured(data, context)
            return ShownValue(value=amount, unit=unit)
        case "table":
            return ShownValue(value=_rows(stored, data, context), unit=None)
        case "price":
            return _price(data, context)
        case _:
            return ShownValue(value=data, unit=stored["unit"], locale=found.locale)


def option_label(stored: Mapping[str, Any], code: str, context: ReadContext) -> str:
    """Return what people read for an option; without a label, its code."""
    option = stored["options"].get(code)
    return (option and label_of(option["label"], context)) or code


def option_label_locale(stored: Mapping[str, Any], code: str, context: ReadContext) -> str | None:
    """Return the locale of an option's label; None: it has none."""
    option = stored["options"].get(code)
    return option and label_locale_of(option["label"], context)


def _measured(data: Mapping[str, Any], context: ReadContext) -> Measured:
    stated = Measured(data["amount"], data["unit"])
    return stated if context.market is None else in_system(*stated, context.market.unit_system)


def _columns(stored: Mapping[str, Any], context: ReadContext) -> list[TableColumn]:
    return [
        TableColumn(
            code=each["code"],
            type=each["type"],
            label=label_of(each.get("label", {}), context) or each["code"],
            unit=each.get("unit"),
        )
        for each in stored.get("columns", ())
    ]


def _rows(
    stored: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], context: ReadContext
) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a table, their measurements as the market measures."""
    measured = {each["code"] for each in stored["columns"] if each["type"] == "measurement"}
    if not measured:
        return rows
    return [
        {
            code: _measured(cell, context)._asdict() if code in measured else cell
            for code, cell in row.items()
        }
        for row in rows
    ]


def _price(amounts: Mapping[str, Any], context: ReadContext) -> ShownValue | None:
    """Choose the market's currency; without a market a price is shown if there is only one."""
    if context.market is not None:
        currency = context.market.currency
    elif len(amounts) == 1:
        currency = next(iter(amounts))
    else:
        return None
    amount = amounts.get(currency)
    return None if amount is None else ShownValue(value=amount, unit=currency)
