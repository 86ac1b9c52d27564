"""Territories as bit sets: one bit a country of ISO 3166-1, and one for the unknown country."""

from collections.abc import Iterable
from functools import cache
from types import MappingProxyType

import pycountry

from catalog.errors import Faults, InvalidInputError

WORLD = "WORLD"

#: The bit of a viewer whose country is not known.
UNKNOWN = 1


@cache
def country_bits() -> MappingProxyType[str, int]:
    """Return the bit of each ISO 3166-1 alpha-2 code."""
    codes = sorted(country.alpha_2 for country in pycountry.countries)
    return MappingProxyType({code: 1 << place for place, code in enumerate(codes, start=1)})


@cache
def whole_world() -> int:
    """Return the bits of every country, without the unknown one."""
    return sum(country_bits().values())


def is_country(code: str) -> bool:
    """Return whether the code is one of ISO 3166-1 alpha-2."""
    return code in country_bits()


def check_countries(countries: Iterable[str], *, field: str) -> None:
    """Refuse what is no ISO 3166-1 alpha-2 code.

    Raises:
        InvalidInputError: one is none.
        SeveralFaultsError: several are none.
    """
    Faults(
        InvalidInputError(f"{country!r} is no ISO 3166-1 alpha-2 code", field=field)
        for country in dict.fromkeys(countries)
        if not is_country(country)
    ).refuse_any()


def bit_of(code: str | None) -> int:
    """Return the bit of a viewer's country; whatever is no country counts as unknown."""
    return UNKNOWN if code is None else country_bits().get(code, UNKNOWN)


def bits_of(codes: Iterable[str]) -> int:
    """Return the bits of countries and `WORLD`, without the unknown country."""
    bits = 0
    for code in codes:
        bits |= whole_world() if code == WORLD else country_bits().get(code, 0)
    return bits


def granted_bits(include: Iterable[str], exclude: Iterable[str]) -> int:
    """Return where a grant covers: an unknown country only by the whole world without exclusion."""
    bits = bits_of(include) & ~bits_of(exclude)
    return bits | UNKNOWN if bits == whole_world() else bits


def restricted_bits(include: Iterable[str], exclude: Iterable[str]) -> int:
    """Return where a restriction matches: an unknown country always."""
    return bits_of(include) & ~bits_of(exclude) | UNKNOWN


def countries_of(bits: int) -> tuple[str, ...]:
    """Return the countries of a set, by code; the unknown one has none."""
    return tuple(code for code, bit in country_bits().items() if bits & bit)
