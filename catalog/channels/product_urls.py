"""Where people see a product of a channel: a URL with placeholders, filled in for each. Pure."""

import re
from urllib.parse import quote, urlsplit

from catalog.errors import InvalidInputError

#: What a URL of products may hold in braces.
PLACEHOLDERS = ("sku", "id", "locale", "market")

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_IN_A_URL = re.compile(r"[!-~]{1,1000}")  # visible ASCII (RFC 3986, 2), so one line


def check_product_url(url: str, *, field: str) -> None:
    """Refuse what is no http(s) URL of each product.

    Raises:
        InvalidInputError: another scheme, a character that no URL has, an unknown placeholder, or
            none of `{sku}` and `{id}`, so that all products would have one URL.
    """
    if not _IN_A_URL.fullmatch(url):
        raise InvalidInputError("write a URL of at most 1,000 ASCII characters", field=field)
    named = set(_PLACEHOLDER.findall(url))
    unknown = sorted(named.difference(PLACEHOLDERS))
    if unknown or re.search(r"[{}]", _PLACEHOLDER.sub("", url)):
        known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
        raise InvalidInputError(f"write only the placeholders {known}", field=field)
    if not named & {"sku", "id"}:
        raise InvalidInputError("name the product by {sku} or {id}", field=field)
    _check_address(_PLACEHOLDER.sub("x", url), field=field)


def product_url(
    url: str, *, sku: str, public_id: str, locale: str, market: str | None
) -> str | None:
    """Fill in the placeholders, each value percent-encoded (RFC 3986, 2.1).

    Returns:
        None where the URL names the market and there is none.
    """
    values = {"sku": sku, "id": public_id, "locale": locale, "market": market}
    named = _PLACEHOLDER.findall(url)
    if any(values[each] is None for each in named):
        return None
    return _PLACEHOLDER.sub(lambda found: quote(str(values[found[1]]), safe=""), url)


def _check_address(url: str, *, field: str) -> None:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise InvalidInputError(
            "begin with https:// or http:// and a host, such as https://shop.example/p/{sku}",
            field=field,
        )
