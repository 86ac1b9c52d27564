"""Asks a running api for products in two contexts, by gql; prints the names by locale."""

# pyright: basic, reportMissingImports=false
# what is imported here is in the client's own environment

import json
import sys
from typing import Any

from gql import Client, gql
from gql.transport.httpx import HTTPXTransport

url, key = sys.argv[1:]
PRODUCTS = """
query Products($after: String) {
  products(first: 2, after: $after) {
    edges { node { name } }
    pageInfo { endCursor }
  }
}
"""


def names_in(data: dict[str, Any]) -> list[str]:
    """Return the names on a page."""
    return [edge["node"]["name"] for edge in data["products"]["edges"]]


seen: dict[str, dict[str, list[str]]] = {}
for market, locale in (("US", "en-US"), ("DE", "de-DE")):
    context = {"Vitrine-Market": market, "Vitrine-Locale": locale}
    headers = {"Authorization": f"Bearer {key}", **context}
    with Client(transport=HTTPXTransport(url=url, headers=headers)) as session:
        query = gql(PRODUCTS)
        first = session.execute(query)
        query.variable_values = {"after": first["products"]["pageInfo"]["endCursor"]}
        second = session.execute(query)
        again = session.execute(gql(PRODUCTS))
    seen[locale] = {
        "first": names_in(first),
        "second": names_in(second),
        "refetched": names_in(again),
    }
sys.stdout.write(json.dumps(seen))
