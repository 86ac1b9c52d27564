"""`graphql-list`: pages of cards, each asked for once, of products shown before or not at all."""

import asyncio
import math
import os
import random
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from operator import itemgetter
from typing import Annotated, Any

from cyclopts import App, Parameter

from bench.delivery.client import AnswerError, Request, Take, post
from bench.graphql.asking import VITRINE, Laps, QuerySide, figures_of, in_rounds, ratio
from bench.graphql.catalogue import CatalogueShape
from bench.graphql.documents import LIST
from bench.graphql.house import GraphHouse, open_house, run_api
from bench.graphql.pages import CARDS, check_cards, data_of, fetch, find_cursors, written
from bench.homes import free_ports
from bench.peers import postgraphile as peer
from bench.peers.postgraphile import POSTGRAPHILE, make_views, postgraphile
from bench.report import Report
from bench.servers import Server, run_server

app = App(help="Measure pages of products from PostgreSQL, beside PostGraphile.")

_PEER = "postgraphile"
_PUSHED_OUT, _NOTHING_KEPT = "vitrine_pushed_out", "vitrine_nothing_kept"
_UNKNOWN = "vitrine_unknown_document"
_MEMORIES = ("published_documents_max_mib", "live_media_max_mib", "cards_max_mib")
#: What documents of publications, live media and cards of 1,000 products take, in MiB.
_MIB_OF_A_THOUSAND = (17, 21, 5)
_SEED = 20_261_127
_DATABASE_CONNECTIONS = 16
_PICTURES = 404
_PICTURE_PX = (400, 500)
_AIM = 2.0


@app.default
def measure(
    *,
    products: int = 3_000,
    pages: int = 150,
    rounds: int = 7,
    connections: int = 16,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask the api, which keeps no answers, and PostGraphile for pages of 24 cards, in turn.

    First every product is shown once, which does not count. Then pages begin anywhere, and all
    that they are made of is kept; or what a third of the products take, so that they push each
    other out; or nothing.

    Args:
        products: in the catalogue; there is a page behind each.
        pages: in a round; none is asked for in two rounds.
        rounds: that count.
        connections: with one request in flight on each.
        quick: 60 products, 10 pages, 2 rounds, 4 connections, PostGraphile only if installed.
        json: print one JSON object.

    Raises:
        ValueError: there are not so many pages.
    """
    if quick:
        products, pages, rounds, connections = 60, 10, 2, 4
    else:
        POSTGRAPHILE.install()
    shape = CatalogueShape(products=products, pictures=_pictures(products), picture_px=_PICTURE_PX)
    numbers = list(range(products - CARDS))
    if pages * rounds > len(numbers):
        raise ValueError(f"{products} products have no {pages * rounds} pages")
    everything = numbers[::CARDS]
    random.Random(_SEED).shuffle(numbers)  # noqa: S311 - of pages
    parts = [everything] + [numbers[start * pages : (start + 1) * pages] for start in range(rounds)]
    with open_house(shape) as house, _open_sides(house, products) as sides:
        laps = in_rounds(
            sides,
            parts,
            connections=connections,
            checking=_checking,
            database_pid=house.postgres.process.pid,
        )
    ratios = _ratios(laps)
    Report(
        name="graphql-list",
        settings={
            "products": products,
            "cards": CARDS,
            "pages_each_round": pages,
            "rounds": rounds,
            "connections": connections,
            "order": "by sku",
            "answers_kept": 0,
            "processes_each": 1,
            "database_connections_each": _DATABASE_CONNECTIONS,
            "peers": [_PEER] if ratios else [],
            "cores": os.cpu_count(),
        },
        versions=POSTGRAPHILE.versions if ratios else {},
        figures=figures_of(laps, with_database=True),
        ratios=ratios,
        at_least={_PEER: _AIM} if ratios else {},
    ).print(as_json=json)


def _ratios(laps: Laps) -> dict[str, list[float]]:
    if _PEER not in laps:
        return {}
    found = {_PEER: ratio(laps[VITRINE], laps[_PEER])}
    for name, state in ((_PUSHED_OUT, "pushed_out"), (_NOTHING_KEPT, "nothing_kept")):
        found[f"{_PEER}_{state}"] = ratio(laps[name], laps[_PEER])
    return found


def _pictures(products: int) -> int:
    """Return how many are needed: fewer than 96 besides the swatches' would repeat on a page."""
    return min(_PICTURES, products * 4 + 4)


@contextmanager
def _open_sides(house: GraphHouse, products: int) -> Generator[Mapping[str, QuerySide]]:
    with ExitStack() as stack:
        server = stack.enter_context(run_api(house, answers_max_mib=0))
        third = math.ceil(products / 3)
        crowded = stack.enter_context(_run_keeping(house, third))
        forgetful = stack.enter_context(_run_keeping(house, 0))
        cursors = find_cursors(server.port)

        def known(page: int) -> Request:
            return post("/graphql", written(LIST, {"after": cursors[page]}))

        def unknown(page: int) -> Request:
            return post("/graphql", written(f"{LIST}# {page}", {"after": cursors[page]}))

        sides = {
            VITRINE: QuerySide(server=server, request_of=known),
            _PUSHED_OUT: QuerySide(server=crowded, request_of=known),
            _NOTHING_KEPT: QuerySide(server=forgetful, request_of=known),
            _UNKNOWN: QuerySide(server=server, request_of=unknown),
        }
        if POSTGRAPHILE.is_installed:
            sides[_PEER] = stack.enter_context(_open_peer(house))
        yield sides


def _run_keeping(house: GraphHouse, products: int) -> AbstractContextManager[Server]:
    """Run an api with room for about so many products, in whole MiB."""
    bounds = (math.ceil(products * each / 1_000) for each in _MIB_OF_A_THOUSAND)
    return run_api(house, answers_max_mib=0, **dict(zip(_MEMORIES, bounds, strict=True)))


@contextmanager
def _open_peer(house: GraphHouse) -> Generator[QuerySide]:
    url = house.postgres.url()
    asyncio.run(make_views(url))
    port = free_ports(1)[0]
    command = postgraphile(port, url, connections=_DATABASE_CONNECTIONS)
    with run_server(command, port=port, log=house.folder / "postgraphile.log") as server:
        edges = fetch(port, peer.CURSORS)["allCards"]["edges"]

        def request(page: int) -> Request:
            return post("/graphql", written(peer.LIST, {"after": edges[page]["cursor"]}))

        yield QuerySide(server=server, request_of=request)


def _checking(name: str, pages: Sequence[int]) -> Take:
    """See that every page has its cards, the ones behind the product that it begins behind."""

    def take(index: int, _head: bytes, body: bytes) -> None:
        data: dict[str, Any] = data_of(body)
        if name == _PEER:
            skus = check_cards(
                data["allCards"]["nodes"], lambda card: card["mediaByProduct"]["nodes"]
            )
        else:
            skus = check_cards(data["products"]["nodes"], itemgetter("media"))
        first = pages[index] + 1
        if skus != [f"LAMP-{number:05}" for number in range(first, first + CARDS)]:
            raise AnswerError(f"page {pages[index]} of {name} begins with {skus[0]}")

    return take


if __name__ == "__main__":
    app()
