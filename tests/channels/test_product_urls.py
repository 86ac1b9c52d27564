"""Where people see a product: placeholders of a channel's URL."""

import pytest

from catalog.channels.product_urls import check_product_url, product_url
from catalog.errors import InvalidInputError


def filled(url: str, market: str | None = "DE") -> str | None:
    return product_url(url, sku="A/B ü", public_id="7f3k", locale="de-DE", market=market)


def test_every_placeholder_is_filled_in_and_encoded() -> None:
    assert filled("https://shop.test/{market}/{locale}/p/{sku}?id={id}") == (
        "https://shop.test/DE/de-DE/p/A%2FB%20%C3%BC?id=7f3k"
    )


def test_a_url_of_markets_is_none_without_a_market() -> None:
    assert filled("https://shop.test/{market}/{sku}", market=None) is None
    assert filled("https://shop.test/{sku}", market=None) == "https://shop.test/A%2FB%20%C3%BC"


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.test/p/{sku}",
        "http://127.0.0.1:3000/{locale}/{id}",
        "https://{locale}.shop.test/{sku}",
    ],
)
def test_urls_of_products_are_taken(url: str) -> None:
    check_product_url(url, field="product_url")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert({sku})",
        "//shop.test/{sku}",
        "https:///{sku}",
        "https://shop.test/p",
        "https://shop.test/{locale}",
        "https://shop.test/{slug}/{sku}",
        "https://shop.test/{sku",
        "https://shop.test/{{sku}}",
        "https://shop.test/{sku}\nX: y",
        "https://shop.test/{sku} ",
        "https://[shop.test/{sku}",
        "",
    ],
)
def test_what_is_no_url_of_each_product_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_product_url(url, field="product_url")
    assert refused.value.field == "product_url"
