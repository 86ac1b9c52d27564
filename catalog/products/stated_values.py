"""Values as a record states them, put beside and into those that are stored. Pure.

A value is stated by attribute, locale, market, channel and, for prices, currency. What a record
does not name stays; null takes a value away.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, cast

from babel.numbers import is_currency

from catalog.batches import check_known, check_text
from catalog.channels.model import Scopes
from catalog.errors import Faults, InvalidInputError, UnknownNameError
from catalog.products.model import (
    Attribute,
    Family,
    ProductRecord,
    Structure,
    ValueKey,
    ValueRecord,
)
from catalog.products.value_types import accepted

_ALL = frozenset({""})  # what a value that is no price has in the place of its currencies


def merge_values(
    record: ProductRecord,
    stored: Mapping[ValueKey, Any],
    family: Family | None,
    structure: Structure,
    faults: Faults,
) -> Mapping[ValueKey, Any]:
    """Return the values of a product as they are after a record.

    Args:
        record: what is stated of them.
        stored: as they are.
        family: of the product, after the record; None: it is refused for it already.
        structure: all else that values may name.
        faults: take in what is wrong with any of the values.
    """
    if record.values is None:
        return stored
    values = {} if record.replace_values else dict(stored)
    stated: dict[ValueKey, AbstractSet[str]] = {}
    for place, value in enumerate(record.values):
        at = f"values[{place}]"
        key = ValueKey(value.attribute, value.locale, value.market, value.channel)
        with faults:
            attribute = _attribute_of(value, family, structure, at)
            _check_scope(value, attribute, structure.scopes, at)
            _check_stated_once(key, _currencies(attribute, value.data), stated, at)
            options = structure.options.get(value.attribute, frozenset())
            data = _merged(attribute, value.data, values.get(key), options, (key, f"{at}.data"))
            if data is None:
                values.pop(key, None)
            else:
                values[key] = data
    return values


def _check_stated_once(
    key: ValueKey,
    currencies: AbstractSet[str],
    stated: dict[ValueKey, AbstractSet[str]],
    at: str,
) -> None:
    before = stated.get(key, frozenset())
    if before & currencies or (before and _ALL in (before, currencies)):
        raise InvalidInputError("there is a value for the same scope before it", field=at)
    stated[key] = before | currencies


def _attribute_of(
    value: ValueRecord, family: Family | None, structure: Structure, at: str
) -> Attribute:
    """Return the attribute; what is taken away may be of one that the family no longer has.

    Raises:
        UnknownNameError: there is none, or the family lacks it.
    """
    attribute = structure.attributes.get(value.attribute)
    is_lacking = (
        family is not None and value.data is not None and value.attribute not in family.attributes
    )
    if attribute is None or is_lacking:
        whose = f"the family {family.code!r} has" if family is not None else "there is"
        families = (("family", family.code),) if family is not None else ()
        raise UnknownNameError(
            f"{whose} no attribute {value.attribute!r}: add it first",
            field=f"{at}.attribute",
            named=(("attribute", value.attribute), *families),
        )
    return attribute


def _check_scope(value: ValueRecord, attribute: Attribute, scopes: Scopes, at: str) -> None:
    if attribute.localizable and value.locale is None:
        raise InvalidInputError(
            f"{attribute.code} is localizable: name a locale", field=f"{at}.locale"
        )
    for noun, code, is_scoped, known in (
        ("locale", value.locale, attribute.localizable, scopes.locales),
        ("market", value.market, attribute.market_scoped, scopes.markets),
        ("channel", value.channel, attribute.scopable, scopes.channels),
    ):
        if code is None:
            continue
        if not is_scoped:
            raise InvalidInputError(
                f"{attribute.code} is the same for every {noun}: leave it out",
                field=f"{at}.{noun}",
            )
        check_text(code, field=f"{at}.{noun}")
        check_known([code], known, noun=noun, field=f"{at}.{noun}")


def _currencies(attribute: Attribute, data: object) -> AbstractSet[str]:
    """Return what of a value is stated: some currencies of a price, or all of it."""
    if attribute.attribute_type == "price" and isinstance(data, dict):
        return cast("dict[str, object]", data).keys()
    return _ALL


def _merged(
    attribute: Attribute,
    data: object,
    stored: object,
    options: AbstractSet[str],
    where: tuple[ValueKey, str],
) -> object:
    """Return the data that are to be stored; None: no value is left.

    Raises:
        InvalidInputError: a currency that is none is to be taken away.
        ValueRuleError: the attribute does not take them.
    """
    key, field = where
    if data is None:
        return None
    if attribute.attribute_type != "price" or not isinstance(data, dict):
        return accepted(attribute, data, options, key=key, field=field)
    stated = cast("dict[str, object]", data)
    gone = {currency for currency, amount in stated.items() if amount is None}
    for currency in sorted(gone):
        if not is_currency(currency):
            raise InvalidInputError(
                f"{attribute.code}: {currency!r} is no ISO 4217 code such as EUR", field=field
            )
    given = {currency: amount for currency, amount in stated.items() if currency not in gone}
    if given or not gone:
        accepted(attribute, given, options, key=key, field=field)
    kept = cast("dict[str, object]", stored or {})
    left = {currency: amount for currency, amount in kept.items() if currency not in gone}
    return {**left, **given} or None
