"""Pages of the list, each begun behind another product, and a look at what comes back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx2
import orjson

from bench.delivery.client import AnswerError
from bench.graphql.catalogue import MEDIA_A_PRODUCT
from bench.graphql.documents import CURSORS
from bench.homes import HOST

CARDS = 24
_TIMEOUT_S = 60


def find_cursors(port: int) -> list[str]:
    """Return a cursor of each product, in the order of the list."""
    cursors: list[str] = []
    after: str | None = None
    while True:
        found = fetch(port, CURSORS, {"after": after})["products"]
        cursors += [edge["cursor"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return cursors


def fetch(port: int, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the data of an answer.

    Raises:
        AnswerError: it has errors.
    """
    url = f"http://{HOST}:{port}/graphql"
    asked = {"query": query, "variables": variables or {}}
    return data_of(httpx2.post(url, json=asked, timeout=_TIMEOUT_S).content)


def data_of(body: bytes) -> dict[str, Any]:
    """Read an answer.

    Raises:
        AnswerError: it has errors.
    """
    answer = orjson.loads(body)
    if answer.get("errors"):
        raise AnswerError(f"{answer['errors']}")
    data: dict[str, Any] = answer["data"]
    return data


def written(query: str, variables: Mapping[str, Any]) -> bytes:
    """Write the body of a POST."""
    return orjson.dumps({"query": query, "variables": variables})


def check_cards(
    nodes: Sequence[Mapping[str, Any]], media_of: Callable[[Mapping[str, Any]], Sequence[object]]
) -> list[str]:
    """See that a page is whole, and return its skus.

    Args:
        nodes: the cards.
        media_of: finds the media of one.

    Raises:
        AnswerError: it is not.
    """
    for node in nodes:
        count = len(media_of(node))
        if count != MEDIA_A_PRODUCT:
            raise AnswerError(f"{node['sku']} has {count} media")
    if len(nodes) != CARDS:
        raise AnswerError(f"a page has {len(nodes)} cards")
    return [node["sku"] for node in nodes]
