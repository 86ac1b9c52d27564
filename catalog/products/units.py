"""Units of measurement: which ones there are, what one amounts to in another, and in a market.

`imperial` is what is customary in the United States: its gallon and fluid ounce.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, cast

# Names and symbols, joined by one sign each: `W/(m**2*K)` and `ft in` are no units here, so that
# none means two things.
_FORM = re.compile(r"[^\W\d]+|[°%]|°[CFK]|[^\W\d]+[²³]|[^\W\d]+[/*·][^\W\d]+[²³]?")
_LEAST_DIGITS = 4  # of a converted amount; more, where it was stated with more

_CUSTOMARY = {
    "imperial": {
        "mm": "in", "cm": "in", "m": "ft", "km": "mi",
        "mm²": "in²", "cm²": "in²", "m²": "ft²", "km²": "mi²",
        "cm³": "in³", "m³": "ft³",
        "mg": "oz", "g": "oz", "kg": "lb", "t": "lb", "g/m²": "oz/yd²",
        "ml": "fl oz", "cl": "fl oz", "dl": "fl oz", "l": "gal",
        "°C": "°F", "km/h": "mph", "bar": "psi", "kPa": "psi",
    },
    "metric": {
        "in": "cm", "ft": "m", "yd": "m", "mi": "km",
        "in²": "cm²", "ft²": "m²", "yd²": "m²", "mi²": "km²",
        "in³": "cm³", "ft³": "m³",
        "oz": "g", "lb": "kg", "oz/yd²": "g/m²",
        "fl oz": "ml", "pt": "ml", "qt": "l", "gal": "l",
        "°F": "°C", "mph": "km/h", "psi": "bar",
    },
}  # fmt: skip
_WRITTEN = {"fl oz": "fluid_ounce", "fl_oz": "fluid_ounce", "floz": "fluid_ounce", "°": "degree"}


class Measured(NamedTuple):
    """An amount in a unit."""

    amount: float
    unit: str


def is_unit(unit: str) -> bool:
    """Tell whether this is a unit that can be converted."""
    return _read(unit) is not None


def is_comparable(unit: str, other: str) -> bool:
    """Tell whether two units measure the same: of lengths, or of masses."""
    if unit == other:
        return True
    first, second = _read(unit), _read(other)
    return first is not None and second is not None and first[1] == second[1]


def convert(amount: float, unit: str, into: str) -> float:
    """Return an amount in another unit of the same dimension, unrounded."""
    if unit == into:
        return amount
    offset, factor = _line(unit, into)
    return offset + factor * amount


def in_system(amount: float, unit: str, system: str) -> Measured:
    """Return a measurement as a market reads it.

    It has four significant digits, or as many as it was stated with. What is in the market's
    system already, or customary in both, stays as it is.
    """
    into = _customary(unit, system)
    if into is None:
        return Measured(amount, unit)
    digits = len(Decimal(repr(amount)).normalize().as_tuple().digits)
    rounded = float(f"{convert(amount, unit, into):.{max(digits, _LEAST_DIGITS)}g}")
    return Measured(int(rounded) if rounded.is_integer() else rounded, into)


@lru_cache(maxsize=1)
def _registry() -> Any:  # noqa: ANN401 - pint's own types are partly unknown
    """Load pint when the first measurement is judged: it takes a third of a second."""
    from pint import UnitRegistry  # noqa: PLC0415

    return cast("Any", UnitRegistry)()


@lru_cache(maxsize=512)
def _read(unit: str) -> tuple[Any, Any] | None:
    """Return a unit, and the units of its dimension's root; None: it is none.

    The root tells a byte from a percentage and a radian, which are all without a dimension.
    """
    written = _WRITTEN.get(unit, unit)
    if not _FORM.fullmatch(written) and written not in _WRITTEN.values():
        return None
    registry = _registry()
    plain = written.replace("²", "**2").replace("³", "**3").replace("·", "*")
    try:
        parsed = registry.parse_units(plain)
        line = (registry.convert(each, parsed, registry.get_root_units(parsed)[1]) for each in _AT)
        nothing, one, two = line
        if abs((two - one) - (one - nothing)) > _STRAIGHT * abs(one - nothing):
            return None  # decibels and the like
        return parsed, registry.get_root_units(parsed)[1]
    except Exception:  # noqa: BLE001 - whatever pint cannot read is no unit
        return None


_AT = (0.0, 1.0, 2.0)
_STRAIGHT = 1e-9


@lru_cache(maxsize=4096)
def _line(unit: str, into: str) -> tuple[float, float]:
    """Return the offset and the factor from one unit to another.

    Raises:
        ValueError: they do not measure the same.
    """
    first, second = _read(unit), _read(into)
    if first is None or second is None or first[1] != second[1]:
        raise ValueError(f"{unit} is not measured in {into}")
    registry = _registry()
    offset = float(registry.convert(0.0, first[0], second[0]))
    return offset, float(registry.convert(1.0, first[0], second[0])) - offset


@lru_cache(maxsize=512)
def _customary(unit: str, system: str) -> str | None:
    """Return the unit in which a system measures this; None: this one, or it is not known.

    A unit may be written in several ways: `cm`, `centimeter`.
    """
    table = _CUSTOMARY[system]
    if unit in table:
        return table[unit]
    parsed = _read(unit)
    if parsed is None:
        return None
    for name, into in table.items():
        known = _read(name)
        if known is not None and known[0] == parsed[0]:
            return into
    return None
