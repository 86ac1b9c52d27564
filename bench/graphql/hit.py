"""`graphql-hit`: pages of cards that the api has kept, beside a bare response of the same bytes."""

import hashlib
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import orjson
from cyclopts import App, Parameter

from bench.delivery.client import AnswerError, Request, Take, ask, get, post
from bench.graphql.asking import VITRINE, QuerySide, counted, figures_of, in_rounds, ratio
from bench.graphql.catalogue import CatalogueShape
from bench.graphql.documents import LIST
from bench.graphql.house import GraphHouse, open_house, run_api
from bench.graphql.pages import CARDS, check_cards, data_of, find_cursors, written
from bench.homes import free_ports
from bench.peers.bare_starlette import bare_starlette
from bench.report import Figure, Report
from bench.servers import Server, run_server

app = App(help="Measure answers that the api has kept, beside a bare Starlette response.")

_PEER = "starlette"
_ANSWERS_MAX_MIB = 512
_PICTURES, _PICTURE_PX = 104, (400, 500)
_AIM = 0.5
_HASH = hashlib.sha256(LIST.encode()).hexdigest()
_METRIC = "vitrine_graphql_answers_total"


@app.default
def measure(
    *,
    pages: int = 500,
    rounds: int = 7,
    connections: int = 16,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask for kept pages by GET with the document's hash and by POST with its text, in turn.

    Args:
        pages: that are kept; each is asked for once in a round, by both methods.
        rounds: that count; one more comes first and does not.
        connections: with one request in flight on each.
        quick: 20 pages, 2 rounds, 4 connections.
        json: print one JSON object.
    """
    if quick:
        pages, rounds, connections = 20, 2, 4
    shape = CatalogueShape(products=pages + CARDS, pictures=_PICTURES, picture_px=_PICTURE_PX)
    with (
        open_house(shape) as house,
        run_api(house, answers_max_mib=_ANSWERS_MAX_MIB) as api,
    ):
        cursors = find_cursors(api.port)[:pages]
        bodies = _keep(api, cursors)
        with _open_sides(house, api, cursors, bodies) as sides:
            before = counted(api.port, _METRIC)
            laps = in_rounds(
                sides,
                [range(pages)] * (rounds + 1),
                connections=connections,
                checking=lambda _, asked: _comparing(asked, bodies),
                database_pid=house.postgres.process.pid,
            )
            after = counted(api.port, _METRIC)
    ratios = {
        f"{_PEER}_{method}": ratio(laps[f"{VITRINE}_{method}"], laps[f"{_PEER}_{method}"])
        for method in ("get", "post")
    }
    worst = [min(each) for each in zip(*ratios.values(), strict=True)]
    Report(
        name="graphql-hit",
        settings={
            "pages": pages,
            "cards": CARDS,
            "rounds": rounds,
            "connections": connections,
            "answers_max_mib": _ANSWERS_MAX_MIB,
            "get": "by the hash of the document",
            "post": "with the document",
            "processes_each": 1,
            "cores": os.cpu_count(),
        },
        figures={**figures_of(laps, with_database=False), "vitrine_kept": _hits(before, after)},
        ratios={_PEER: worst, **ratios},
        at_least={_PEER: _AIM, "vitrine_kept": 1.0},
    ).print(as_json=json)


def _hits(before: Mapping[str, float], after: Mapping[str, float]) -> Figure:
    answered = {how: count - before.get(how, 0) for how, count in after.items()}
    share = answered["hit"] / sum(answered.values())
    return Figure(values=[round(share, 4)], unit="of the answers")


def _by_post(cursor: str) -> bytes:
    return written(LIST, {"after": cursor})


def _by_get(cursor: str) -> str:
    variables = orjson.dumps({"after": cursor}).decode()
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": _HASH}}
    return urlencode({"variables": variables, "extensions": orjson.dumps(persisted).decode()})


def _keep(api: Server, cursors: Sequence[str]) -> Sequence[bytes]:
    """Have each page made once, and the document known by its hash; return the pages."""
    found: dict[int, bytes] = {}

    def take(index: int, _head: bytes, body: bytes) -> None:
        check_cards(data_of(body)["products"]["nodes"], itemgetter("media"))
        found[index] = body

    requests = [post("/graphql", _by_post(cursor)) for cursor in cursors]
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": _HASH}}
    known = {"query": LIST, "variables": {"after": cursors[0]}, "extensions": persisted}
    ask(api.port, [*requests, post("/graphql", orjson.dumps(known))], connections=4, take=take)
    return [found[index] for index in range(len(cursors))]


@contextmanager
def _open_sides(
    house: GraphHouse, api: Server, cursors: Sequence[str], bodies: Sequence[bytes]
) -> Generator[Mapping[str, QuerySide]]:
    """Start the peer, which is sent the same requests but for the path."""
    files = house.folder / "answers"
    _write(files, bodies)
    port = free_ports(1)[0]
    command = bare_starlette(port, files, 200)

    def by_get(path: str, page: int) -> Request:
        return get(f"{path}?{_by_get(cursors[page])}", size=len(bodies[page]))

    def by_post(path: str, page: int) -> Request:
        return post(path, _by_post(cursors[page]), size=len(bodies[page]))

    with run_server(command, port=port, log=house.folder / "starlette.log") as bare:
        yield {
            f"{VITRINE}_get": QuerySide(
                server=api, request_of=lambda page: by_get("/graphql", page)
            ),
            f"{_PEER}_get": QuerySide(
                server=bare, request_of=lambda page: by_get(_name(page), page)
            ),
            f"{VITRINE}_post": QuerySide(
                server=api, request_of=lambda page: by_post("/graphql", page)
            ),
            f"{_PEER}_post": QuerySide(
                server=bare, request_of=lambda page: by_post(_name(page), page)
            ),
        }


def _name(page: int) -> str:
    return f"/{page}.json"


def _write(files: Path, bodies: Sequence[bytes]) -> None:
    files.mkdir()
    for page, body in enumerate(bodies):
        (files / _name(page).lstrip("/")).write_bytes(body)


def _comparing(pages: Sequence[int], bodies: Sequence[bytes]) -> Take:
    def take(index: int, _head: bytes, body: bytes) -> None:
        if body != bodies[pages[index]]:
            raise AnswerError(f"page {pages[index]} was answered with other bytes")

    return take


if __name__ == "__main__":
    app()
