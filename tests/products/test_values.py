"""Which value holds, and which data a type takes: rules without a database."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidInputError
from catalog.products.model import Attribute, AttributeType, ValueKey
from catalog.products.rules import gtin_problem
from catalog.products.values import ValueScope, check_data, effective_values, resolve


def own(
    data: object, locale: str | None = None, market: str | None = None, channel: str | None = None
) -> Mapping[ValueKey, Any]:
    return {ValueKey("name", locale, market, channel): data}


def test_the_nearest_product_with_a_value_for_a_scope_wins() -> None:
    chain = [own("variant"), own("colour", "de"), {**own("model"), **own("modell", "de")}]
    assert effective_values(chain, "d2c") == {
        ValueScope("name", None, None): "variant",
        ValueScope("name", "de", None): "colour",
    }


def test_a_value_of_the_channel_beats_the_general_one_of_the_same_product_only() -> None:
    general, scoped = own("general"), own("scoped", channel="d2c")
    name = ValueScope("name", None, None)
    assert effective_values([{**scoped, **general}], "d2c")[name] == "scoped"
    assert effective_values([general, scoped], "d2c")[name] == "general"
    assert effective_values([{**scoped, **general}], "print")[name] == "general"


def test_a_market_comes_before_its_parents_and_a_locale_before_its_fallbacks() -> None:
    values = {
        ValueScope("name", "de", "DACH"): "dach de",
        ValueScope("name", "de-CH", None): "de-CH",
        ValueScope("name", "en", None): "en",
        ValueScope("size", None, None): "m",
    }
    assert resolve(values, "name", ("de-CH", "de"), ("CH", "DACH")) == "dach de"
    assert resolve(values, "name", ("de-CH", "de", "en"), ()) == "de-CH"
    assert resolve(values, "name", ("fr", "en"), ("CH",)) == "en"
    assert resolve(values, "name", ("fr",), ()) is None
    assert resolve(values, "size", ("fr",), ("CH",)) == "m"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("text", "a"),
        ("rich_text", "<p>a</p>"),
        ("term", "t"),
        ("number", 1.5),
        ("boolean", False),
        ("date", "2028-02-29"),
        ("select", "red"),
        ("multiselect", ["red"]),
        ("measurement", {"amount": 1, "unit": "kg"}),
        ("price", {"EUR": 0, "JPY": 100}),
        ("price", {"EUR": 49.9, "KWD": 1.299}),
    ],
)
def test_each_type_takes_its_own_data(kind: AttributeType, data: object) -> None:
    check_data(Attribute(code="a", attribute_type=kind), data, {"red"}, field="data")


@pytest.mark.parametrize(
    ("kind", "data", "validation"),
    [
        ("text", "long", {"max_length": 3}),
        ("text", "abc", {"pattern": "[0-9]+"}),
        ("number", float("nan"), {}),
        ("number", 10**15, {}),
        ("number", 5, {"max": 4}),
        ("measurement", {"amount": 5, "unit": "kg"}, {"max": 4}),
        ("measurement", {"amount": "5", "unit": "kg"}, {}),
        ("measurement", {"amount": 5, "unit": ""}, {}),
        ("measurement", [1], {}),
        ("date", "20260501", {}),
        ("date", "2026-W10-1", {}),
        ("date", "2026-02-30", {}),
        ("multiselect", [], {}),
        ("multiselect", "red", {}),
        ("price", {}, {}),
        ("price", {"EUR": -1}, {}),
        ("price", {"EUR": "1"}, {}),
        ("price", {"EUR": 1.299}, {}),
        ("price", {"USD": 1, "JPY": 12.5}, {}),
        ("price", {"EUR": 0.1 + 0.2}, {}),
        ("price", {"EUR": 1e-7}, {"decimals": 4}),
        ("price", {"EUR": 1.5}, {"decimals": 0}),
        ("boolean", "true", {}),
    ],
)
def test_and_no_other(kind: AttributeType, data: object, validation: Mapping[str, Any]) -> None:
    attribute = Attribute(code="a", attribute_type=kind, validation=validation)
    with pytest.raises(InvalidInputError):
        check_data(attribute, data, {"red"}, field="data")


def test_an_attribute_may_allow_more_decimals_than_its_currency_has() -> None:
    price = Attribute(code="a", attribute_type="price", validation={"decimals": 4})
    check_data(price, {"EUR": 1.2999, "JPY": 0.0001}, set(), field="data")


@given(st.sampled_from([8, 12, 13, 14]), st.data())
def test_of_ten_check_digits_one_is_right(length: int, data: st.DataObject) -> None:
    digits = st.text("0123456789", min_size=length - 1, max_size=length - 1)
    body, right = data.draw(digits), 0
    for digit in "0123456789":
        right += gtin_problem(body + digit) is None
    assert right == 1


@pytest.mark.parametrize("gtin", ["4006381333931", "96385074", "036000291452", "10614141000415"])
def test_gtins_of_every_length_are_taken(gtin: str) -> None:
    assert gtin_problem(gtin) is None
