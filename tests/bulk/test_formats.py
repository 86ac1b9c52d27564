"""Numbers, dates and yes or no are read by a declared format, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bulk.formats import NumberFormat, read_amount, read_date, read_number, read_truth
from catalog.errors import InvalidInputError
from catalog.products.value_types import most_decimals

PLAIN = NumberFormat()
GERMAN = NumberFormat(decimal=",")
ENGLISH = NumberFormat(decimal=".")
SWISS = NumberFormat(decimal=".", thousands="'\u2019 ")


@pytest.mark.parametrize(
    ("text", "form", "number"),
    [
        ("1299.5", PLAIN, 1299.5),
        ("-3", PLAIN, -3),
        ("\u22123", PLAIN, -3),
        (".5", PLAIN, 0.5),
        ("9007199254740991", PLAIN, 9_007_199_254_740_991),
        ("1.299", PLAIN, 1.299),  # no amount of money
        ("1.299", GERMAN, 1299),
        ("1.299,00", GERMAN, 1299),
        ("1299,5", GERMAN, 1299.5),
        ("0,5", GERMAN, 0.5),
        (",5", GERMAN, 0.5),
        ("1,234,567.8", ENGLISH, 1234567.8),
        ("1'299.50", SWISS, 1299.5),
        ("1\u2019299", SWISS, 1299),
        ("1\u202f299", SWISS, 1299),
        ("1\u00a0299.5", SWISS, 1299.5),
    ],
)
def test_a_number_is_read_by_its_format(text: str, form: NumberFormat, number: float) -> None:
    assert read_number(text, form) == number


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1,5", PLAIN),
        ("1,299.00", PLAIN),
        ("1_000", PLAIN),
        ("1e3", PLAIN),
        ("12345678901234567", PLAIN),  # would be stored as another number
        ("1" + 30 * "0", PLAIN),
        (400 * "9", PLAIN),
        ("nan", PLAIN),
        ("inf", PLAIN),
        ("\uff11", PLAIN),
        ("5.", PLAIN),
        ("", PLAIN),
        (".", PLAIN),
        ("9.95 EUR", PLAIN),
        ("1.29", GERMAN),  # two digits are no group
        ("0.299", GERMAN),
        ("1.2999", GERMAN),
        ("12.34.567", GERMAN),
        ("1 299", GERMAN),
        ("1'299 000", SWISS),  # one kind of sign a number
        ("5-", GERMAN),
    ],
)
def test_a_number_of_another_format_is_refused(text: str, form: NumberFormat) -> None:
    with pytest.raises(InvalidInputError):
        read_number(text, form)


@given(number=st.integers(-(10**12), 10**12), cents=st.integers(0, 99))
def test_what_is_written_with_groups_is_read_as_without(number: int, cents: int) -> None:
    grouped = f"{number:,}".replace(",", ".") + f",{cents:02}"
    assert read_number(grouped, GERMAN) == read_number(f"{number},{cents:02}", GERMAN)


@pytest.mark.parametrize(
    ("text", "form", "currency", "amount"),
    [
        ("1.299", GERMAN, "EUR", 1299),
        ("34.0000", PLAIN, "EUR", 34),  # four zeros are no thousands
        ("1299.00", PLAIN, "JPY", 1299),
        ("1.299", PLAIN, "KWD", 1.299),  # a dinar has a thousand fils
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(
    text: str, form: NumberFormat, currency: str, amount: float
) -> None:
    assert read_amount(text, form, currency, most_decimals(currency, {})) == amount


@pytest.mark.parametrize(
    ("text", "form", "currency"),
    [
        ("1.299", PLAIN, "EUR"),
        ("1.000", PLAIN, "EUR"),
        ("1,299", GERMAN, "EUR"),  # an English thousand in a German list
        ("1.2345", PLAIN, "USD"),
        ("1299.50", PLAIN, "JPY"),
    ],
)
def test_an_amount_with_more_decimals_is_refused(
    text: str, form: NumberFormat, currency: str
) -> None:
    with pytest.raises(InvalidInputError, match="decimals"):
        read_amount(text, form, currency, most_decimals(currency, {}))


def test_more_decimals_can_be_allowed() -> None:
    assert read_amount("1.299", PLAIN, "EUR", most_decimals("EUR", {"decimals": 4})) == 1.299


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2026-05-01", None),
        ("01.05.2026", "dd.mm.yyyy"),
        ("1.5.2026", "d.m.yyyy"),
        ("5/1/2026", "m/d/yyyy"),
        ("20260501", "yyyymmdd"),
        ("2026-05-01T00:00:00Z", "yyyy-mm-dd*"),
    ],
)
def test_a_date_is_read_by_its_format(text: str, form: str | None) -> None:
    assert read_date(text, form) == "2026-05-01"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("01.05.2026", None),
        ("2026-W18-5", None),
        ("5.1.2026", "dd.mm.yyyy"),
        ("31.02.2026", "dd.mm.yyyy"),
        ("2026-05-01 00:00", "yyyy-mm-dd"),
        ("1.5.26", "d.m.yy"),
        ("1.5.2026", "d.m.yyyy d"),
    ],
)
def test_a_date_of_another_format_is_refused(text: str, form: str | None) -> None:
    with pytest.raises(InvalidInputError):
        read_date(text, form)


def test_yes_and_no_are_the_words_that_are_named() -> None:
    assert read_truth("Ja", ["ja"], ["nein"]) is True
    assert read_truth("nein", ["ja"], ["nein"]) is False
    assert read_truth("Y", [], []) is True
    with pytest.raises(InvalidInputError, match="neither"):
        read_truth("vielleicht", ["ja"], ["nein"])
