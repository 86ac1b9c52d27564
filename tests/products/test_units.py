"""Units: what is one, what compares, and what a market reads."""

import pytest

from catalog.products.units import convert, in_system, is_comparable, is_unit


@pytest.mark.parametrize("unit", ["cm", "in", "kg", "fl oz", "°C", "%", "m²", "g/m²", "km/h", "GB"])
def test_what_is_a_unit(unit: str) -> None:
    assert is_unit(unit)


@pytest.mark.parametrize("unit", ["", "1", "5", "nan", "ft in", "kg**9", "__class__", "(m)", "dB"])
def test_what_is_none(unit: str) -> None:
    assert not is_unit(unit)


def test_units_of_one_dimension_compare() -> None:
    assert is_comparable("cm", "in")
    assert is_comparable("pieces", "pieces")  # a unit of one's own, with itself
    assert not is_comparable("kg", "cm")
    assert not is_comparable("GB", "%")  # both without a dimension
    assert not is_comparable("pieces", "cm")
    assert convert(10, "in", "cm") == pytest.approx(25.4)


@pytest.mark.parametrize(
    ("amount", "unit", "system", "read"),
    [
        (30, "cm", "imperial", (11.81, "in")),
        (1.5, "kilogram", "imperial", (3.307, "lb")),
        (20, "°C", "imperial", (68, "°F")),
        (5, "lb", "metric", (2.268, "kg")),
        (10000.5, "g", "imperial", (352.757, "oz")),  # no more is lost than was stated
        (30, "cm", "metric", (30, "cm")),
        (5, "W", "imperial", (5, "W")),
        (5, "pieces", "imperial", (5, "pieces")),
    ],
)
def test_a_market_reads_its_own_units(
    amount: float, unit: str, system: str, read: tuple[float, str]
) -> None:
    assert in_system(amount, unit, system) == read
