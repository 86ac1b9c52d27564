"""Which required attributes have no value yet. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.products.values import ValueScope


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingValue:
    """A required attribute without a value; of a localizable one, in a locale."""

    attribute: str
    locale: str | None = None

    def __str__(self) -> str:
        return f"{self.attribute} ({self.locale})" if self.locale else self.attribute


def missing_attributes(
    required: Iterable[str],
    localizable: frozenset[str],
    values: Mapping[ValueScope, Any],
    locales: Mapping[str, Sequence[str]],
) -> list[MissingValue]:
    """Return what a channel requires and a product does not have.

    A value for one market is enough. A localizable attribute needs a value in every locale of the
    channel, or in one that the locale falls back to.

    Args:
        required: attribute codes.
        localizable: those that are localizable.
        values: what the channel would show, inheritance and channel settled.
        locales: the channel's locales, each with its fallback chain.
    """
    filled: dict[str, set[str | None]] = {}
    for scope in values:
        filled.setdefault(scope.attribute, set()).add(scope.locale)
    missing: list[MissingValue] = []
    for attribute in required:
        has = filled.get(attribute, set())
        if attribute not in localizable:
            if not has:
                missing.append(MissingValue(attribute=attribute))
            continue
        missing += [
            MissingValue(attribute=attribute, locale=locale)
            for locale, chain in locales.items()
            if has.isdisjoint(chain)
        ]
    return missing
