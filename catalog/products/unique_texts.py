"""Texts that only one product may have, in the course of a batch. Pure."""

import uuid
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from catalog.errors import Faults
from catalog.products.broken_rules import ValueRuleError
from catalog.products.model import Attribute, Product, ValueKey


class UniqueText(NamedTuple):
    """A text of an attribute that says `unique`."""

    attribute: str
    text: str


def is_unique(attribute: Attribute) -> bool:
    """Tell whether no two products may have the same value of it."""
    return bool(attribute.validation.get("unique"))


def is_storable(data: object) -> bool:
    """Tell whether this is a text that PostgreSQL can hold."""
    return (
        isinstance(data, str)
        and "\0" not in data
        and data.encode(errors="ignore").decode() == data  # no half of a character
    )


class UniqueTexts:
    """Which product has which text; those that the batch accepts are counted in as it goes on."""

    def __init__(self) -> None:
        self._owners: dict[UniqueText, uuid.UUID] = {}

    def note(self, text: UniqueText, owner: uuid.UUID) -> None:
        """Count a stored text in."""
        self._owners[text] = owner

    def check(self, product: Product, attributes: Mapping[str, Attribute]) -> None:
        """Refuse texts that another product has.

        Raises:
            ValueRuleError: for each of them.
        """
        Faults(
            ValueRuleError(
                "another product has it: write another",
                field="values",
                key=key,
                rule="unique",
                given=text.text,
            )
            for key, text in _unique_in(product, attributes)
            if self._owners.get(text, product.id) != product.id
        ).refuse_any()

    def accept(
        self, product: Product, before: Product | None, attributes: Mapping[str, Attribute]
    ) -> None:
        """Count the texts of a product in, and those out that it had before."""
        for _, text in _unique_in(before, attributes) if before is not None else ():
            self._owners.pop(text, None)
        for _, text in _unique_in(product, attributes):
            self._owners[text] = product.id


def _unique_in(
    product: Product, attributes: Mapping[str, Attribute]
) -> Iterator[tuple[ValueKey, UniqueText]]:
    codes = {code for code, attribute in attributes.items() if is_unique(attribute)}
    for key, data in product.values.items() if codes else ():
        if key.attribute in codes:
            yield key, UniqueText(key.attribute, data)
