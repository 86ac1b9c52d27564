"""Which value holds, and which data a type takes: rules without a database."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidInputError
from catalog.products.broken_rules import ValueRuleError, shortened
from catalog.products.model import Attribute, AttributeType, ValueKey
from catalog.products.rules import gtin_problem
from catalog.products.value_types import accepted
from catalog.products.values import ValueScope, effective_values, resolve


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
        ("measurement", {"amount": 1, "unit": "fl oz"}),
        ("decimal", "12.5"),
    ],
)
def test_each_type_takes_its_own_data(kind: AttributeType, data: object) -> None:
    accepted(Attribute(code="a", attribute_type=kind), data, {"red"}, field="data")


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
        ("text", "a\ud800b", {}),
        ("number", 10**400, {}),
        ("number", 1e999, {}),
        ("number", "٣", {}),
        ("decimal", "٣", {}),
        ("decimal", "1e999", {}),
        ("decimal", "1e-999", {}),
        ("decimal", "NaN", {}),
        ("decimal", "1_000", {}),
        ("decimal", " 1", {}),
        ("decimal", float("nan"), {}),
        ("decimal", "1" * 31, {}),
        ("decimal", True, {}),
        ("date", "٢٠٢٦-05-01", {}),
        ("measurement", {"amount": 5, "unit": "ft in"}, {}),
        ("measurement", {"amount": 5, "unit": "kg**999999999"}, {}),
        ("measurement", {"amount": 5, "unit": "dB"}, {}),
        ("measurement", {"amount": 5, "unit": "k" * 25}, {}),
        ("measurement", {"amount": float("nan"), "unit": "kg"}, {}),
    ],
)
def test_and_no_other(kind: AttributeType, data: object, validation: Mapping[str, Any]) -> None:
    attribute = Attribute(code="a", attribute_type=kind, validation=validation)
    with pytest.raises(InvalidInputError):
        accepted(attribute, data, {"red"}, field="data")


def test_an_attribute_may_allow_more_decimals_than_its_currency_has() -> None:
    price = Attribute(code="a", attribute_type="price", validation={"decimals": 4})
    accepted(price, {"EUR": 1.2999, "JPY": 0.0001}, set(), field="data")


WIDE = {"columns": [{"code": "size", "type": "text"}, {"code": "chest", "type": "number"}]}


@pytest.mark.parametrize(
    ("kind", "validation", "data", "rule"),
    [
        ("text", {"min_length": 3}, "ab", "min_length"),
        ("text", {"max_length": 3}, "abcd", "max_length"),
        ("text", {"pattern": "[A-Z]+"}, "a", "pattern"),
        ("text", {"pattern": r"\d"}, "٣", "pattern"),
        ("text", {"pattern": "(?=a)a"}, "a", "pattern"),  # stored before patterns were RE2's
        ("text", {}, " ", "type"),
        ("rich_text", {}, "<script>alert(1)</script>", "html"),
        ("number", {"min": 1}, 0, "min"),
        ("number", {"max": 1}, 1.5, "max"),
        ("number", {"decimals": 1}, 1.25, "decimals"),
        ("decimal", {"max": 1}, "1.0000000000000000000001", "max"),
        ("decimal", {"decimals": 2}, "0.125", "decimals"),
        ("decimal", {"decimals": 2}, "123456789012345678901234567.125", "decimals"),
        ("decimal", {"decimals": 2}, "12345678901234567890123456.1999", "decimals"),
        ("date", {"min": "2026-01-01"}, "2025-12-31", "min"),
        ("date", {"max": "2026-01-01"}, "2026-01-02", "max"),
        ("select", {}, "blue", "options"),
        ("multiselect", {}, ["red", "red"], "options"),
        ("measurement", {"max": 1}, {"amount": 40, "unit": "in"}, "max"),
        ("measurement", {}, {"amount": 1, "unit": "kg"}, "unit"),
        ("price", {}, {"XXY": 1}, "currency"),
        ("product", {}, "NONE", "product"),
        ("table", WIDE, [], "type"),
        ("table", WIDE, [{"size": "S"}] * 501, "max_rows"),
        ("table", WIDE, [{"waist": 1}], "columns"),
        ("table", WIDE, [{"size": "S"}, {"chest": "96"}], "type"),
        ("table", WIDE, [{"size": "S" * 1001}], "max_length"),
    ],
)
def test_a_broken_rule_names_its_value_and_what_was_given(
    kind: AttributeType, validation: Mapping[str, Any], data: object, rule: str
) -> None:
    attribute = Attribute(code="a", attribute_type=kind, validation=validation, unit="m")
    key = ValueKey("a", "de", "DACH", "d2c")
    with pytest.raises(ValueRuleError) as refused:
        accepted(attribute, data, {"red"}, key=key, field="data")
    broken = refused.value.broken
    assert broken is not None
    assert (broken.attribute, broken.locale, broken.market, broken.channel) == key
    assert (broken.rule, broken.given) == (rule, shortened(data))
    assert len(broken.given) <= 200


def test_a_broken_cell_is_named_by_its_row_and_column() -> None:
    sizes = Attribute(code="a", attribute_type="table", validation=WIDE)
    with pytest.raises(ValueRuleError, match="chest: write a number") as refused:
        accepted(sizes, [{"size": "S"}, {"chest": "96"}], set(), field="values[0].data")
    assert refused.value.field == "values[0].data[1].chest"


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("decimal", "012.50", "12.5"),
        ("decimal", -0.0, "0"),
        ("decimal", 1e3, "1000"),
        ("decimal", "0.00", "0"),
        ("rich_text", "<p onclick='x()'>a & b", "<p>a &amp; b</p>"),
        ("rich_text", "<a href='javascript:x'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("rich_text", "b<svg><style><img src=x onerror=x()>", "b"),
        ("rich_text", "<!--a-->b<iframe src=x></iframe>", "b"),
    ],
)
def test_one_form_is_stored(kind: AttributeType, given: object, stored: object) -> None:
    attribute = Attribute(code="a", attribute_type=kind)
    assert accepted(attribute, given, set(), field="data") == stored
    assert accepted(attribute, stored, set(), field="data") == stored


def test_a_pattern_that_explodes_elsewhere_is_matched_in_linear_time() -> None:
    attribute = Attribute(code="a", attribute_type="text", validation={"pattern": "(a+)+$"})
    with pytest.raises(ValueRuleError, match="matches"):
        accepted(attribute, "a" * 100_000 + "b", set(), field="data")


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
