"""`console`: each page of the console over 100,000 products and assets, as an administrator."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from typing import Annotated

import httpx2
from cyclopts import App, Parameter

from bench.console.enlarge import enlarge
from bench.graphql.catalogue import CatalogueShape
from bench.graphql.house import GraphHouse, open_house, run_api
from bench.homes import free_ports
from bench.report import Figure, Report
from catalog.access.assignments import give_role
from catalog.access.principals import create_person
from catalog.access.session_model import Login
from catalog.access.sessions import begin_session
from catalog.db import connect
from catalog.principal import COMMAND_LINE
from console.frame.under_way import UNDER_WAY
from console.menu import PAGES
from vitrine.database import open_changes

app = App(help="Measure how long each page of the console takes, over a large catalogue.")

_AIM_MS = 1_000
_TIMEOUT_S = 60
_ASKED = {"/products": "?text=P-00001", "/search": "?q=P-00001", "/tasks": "?state=ANY"}


@app.default
def measure(
    *,
    products: int = 100_000,
    rounds: int = 5,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask for each page in each round, the first of which does not count, and print milliseconds.

    Args:
        products: and as many assets, and tasks.
        rounds: that count.
        quick: 400 products, 1 round.
        json: print one JSON object.
    """
    if quick:
        products, rounds = 400, 1
    originals = min(200, products // 4)
    shape = CatalogueShape(products=originals, pictures=originals, picture_px=(400, 500))
    base = f"http://127.0.0.1:{free_ports(1)[0]}"
    with open_house(shape) as house:
        secret = asyncio.run(_prepare(house, products // originals - 1, products))
        with run_api(house, api_base=base, graphql_rate_per_key=0) as api:
            measured = _rounds(f"http://127.0.0.1:{api.port}", secret, rounds)
    Report(
        name="console",
        settings={"products": products, "rounds": rounds, "cores": os.cpu_count()},
        figures={name: Figure(values=values, unit="ms") for name, values in measured.items()},
        at_most={"slowest_page_ms": _AIM_MS},
    ).print(as_json=json)


async def _prepare(house: GraphHouse, copies: int, tasks: int) -> str:
    """Enlarge the catalogue, and log an administrator in; return the secret of the session."""
    settings, url = house.settings, house.postgres.url()
    conn = await connect(url, application="vitrine-bench")
    try:
        await enlarge(conn, copies, tasks)
    finally:
        await conn.close()
    async with open_changes(settings, url) as changes, changes.begin(COMMAND_LINE) as change:
        person = await create_person(change, name="Ada", email="ada@shop.example")
        await give_role(change, person.id, "administrator")
        issued = await begin_session(
            change, person.id, login=Login.LINK, times=settings.session_times
        )
    return issued.secret


def _rounds(base: str, secret: str, rounds: int) -> Mapping[str, Sequence[float]]:
    """Return the milliseconds of each page by its path, and those of the slowest of each round."""
    paths = [each.path for each in PAGES if "{" not in each.path and each is not UNDER_WAY]
    found: dict[str, list[float]] = {}
    with httpx2.Client(
        base_url=base, cookies={"vitrine_session": secret}, timeout=_TIMEOUT_S
    ) as http:
        for number in range(rounds + 1):
            took = {path or "/": _milliseconds(http, path) for path in paths}
            if number:
                for path, milliseconds in took.items():
                    found.setdefault(path, []).append(milliseconds)
                found.setdefault("slowest_page_ms", []).append(max(took.values()))
    return found


def _milliseconds(http: httpx2.Client, path: str) -> float:
    began = time.perf_counter()
    answer = http.get(f"/console{path}{_ASKED.get(path, '')}")
    took = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    if not answer.is_success:
        raise RuntimeError(f"/console{path} led to {answer.headers.get('location')}")
    return took


if __name__ == "__main__":
    app()
