"""`leaver`: how long the api answers somebody whom the identity provider sets inactive."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

import httpx2
from cyclopts import App, Parameter

from api.identity.site import SESSION_COOKIE
from bench.graphql.house import GraphHouse, open_empty_house, run_api
from bench.homes import HOST
from bench.report import Figure, Report
from bench.time_to_dark.client import TimedAnswer, ViewerClient
from bench.time_to_dark.judge import percentile
from catalog.access.assignments import give_role
from catalog.access.commands import create_key
from catalog.access.principals import find
from catalog.access.scim import create_token
from catalog.access.session_model import Login
from catalog.access.sessions import begin_session
from catalog.changes import Changes
from catalog.principal import COMMAND_LINE
from vitrine.database import open_changes

#: What the documentation of people promises; asked for was a minute.
_AIM_MS = 1_000.0
_OK = 200
_REFUSED = frozenset({401, 303})  # a page leads to the login
_GRAPH, _PAGE = "/graphql?query=%7B__typename%7D", "/account"
_BEFORE_S = 0.1
#: As long as a process may go on believing what it knows, and what may come late besides.
_AFTER_S = 1.3
_PAUSE_S = 0.005
_PERCENTS = {"p50": 50, "p99": 99, "max": 100}
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_INACTIVE = {
    "schemas": [_PATCH],
    "Operations": [{"op": "replace", "path": "active", "value": False}],
}

app = App(help="Measure how long somebody who leaves is still answered.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """Somebody who is known by three things.

    Attributes:
        asks: what for and by which header, by what they are known by there: `session`, `own_key`,
            `owned_key`.
    """

    id: UUID
    asks: Mapping[str, tuple[str, Mapping[str, str]]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaverOutcome:
    """How one of them went.

    Attributes:
        scim_ms: from sending the change to its answer.
        sent_ms: from sending it until the last answer to the leaver.
        out_ms: from its answer until the last one to the leaver, of the slowest process, by what
            they were known by.
        answers: all that they were given.
        late: those of them that came after SCIM's.
        faults: answers that neither give nor refuse.
    """

    scim_ms: float
    sent_ms: float
    out_ms: Mapping[str, float]
    answers: int
    late: int
    faults: int


def out_s(answers: Sequence[TimedAnswer], told_at: float) -> float:
    """Return how long after an instant somebody was answered last; 0: not after it.

    Raises:
        RuntimeError: they were never answered, so that nothing is shown.
    """
    given = [each.received_at for each in answers if each.status == _OK]
    if not given:
        raise RuntimeError(f"they were not answered before: {answers[:1]}")
    return max(0.0, max(given) - told_at)


@app.default
def measure(
    *,
    leavers: int = 50,
    processes: int = 2,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Set people inactive by SCIM while they ask all processes, and print milliseconds.

    Each has a session, an API key of their own and one of a service that they own, and asks every
    process with each of these every few milliseconds.

    Args:
        leavers: how many, one after the other.
        processes: of the api.
        quick: one leaver and one process.
        json: print one JSON object.
    """
    if quick:
        leavers = processes = 1
    # who is out is refused very often here
    chosen = {"graphql_rate_per_key": 0, "failed_keys_per_address": 0, "api_base": f"http://{HOST}"}
    with ExitStack() as stack:
        house = stack.enter_context(open_empty_house(**chosen))
        ports = [stack.enter_context(run_api(house)).port for _ in range(processes)]
        outcomes = asyncio.run(_measure(house, ports, leavers))
    figures = _figures(outcomes)
    Report(
        name="leaver",
        settings={"leavers": leavers, "processes": processes, "cores": os.cpu_count()},
        figures=figures,
        at_most={"out_max_ms": _AIM_MS, "faults": 0},
    ).print(as_json=json)


def _figures(outcomes: Sequence[LeaverOutcome]) -> dict[str, Figure]:
    spreads = {
        "scim": [each.scim_ms for each in outcomes],
        "sent": [each.sent_ms for each in outcomes],
        "out": [max(each.out_ms.values()) for each in outcomes],
    }
    slowest = {
        f"out_{known_by}_max_ms": max(each.out_ms[known_by] for each in outcomes)
        for known_by in outcomes[0].out_ms
    }
    counts = {
        "answers": sum(each.answers for each in outcomes),
        "late": sum(each.late for each in outcomes),
        "faults": sum(each.faults for each in outcomes),
    }
    times_ms = {
        f"{name}_{label}_ms": percentile(values, percent)
        for name, values in spreads.items()
        for label, percent in _PERCENTS.items()
    } | slowest
    return {
        name: Figure(values=[round(value, 2)], unit="ms") for name, value in times_ms.items()
    } | {name: Figure(values=[value], unit="answers") for name, value in counts.items()}


async def _measure(house: GraphHouse, ports: Sequence[int], leavers: int) -> list[LeaverOutcome]:
    async with open_changes(house.settings, house.postgres.url()) as changes:
        async with changes.begin(COMMAND_LINE) as change:
            token = await create_token(change)
        async with AsyncExitStack() as stack:
            scims = [
                await stack.enter_async_context(
                    httpx2.AsyncClient(
                        base_url=f"http://{HOST}:{port}/scim/v2",
                        headers={"Authorization": f"Bearer {token}"},
                    )
                )
                for port in ports
            ]
            return [
                await _leave(await _arrive(house, changes, scims[0], number), scims, ports, number)
                for number in range(leavers)
            ]


async def _arrive(
    house: GraphHouse, changes: Changes, scim: httpx2.AsyncClient, number: int
) -> Leaver:
    """Let the identity provider make a person, and give them what they are known by."""
    address = f"person-{number}@shop.example"
    user = {"schemas": [_USER], "userName": address, "emails": [{"value": address}]}
    made = (await scim.post("/Users", json=user)).raise_for_status().json()
    person_id = UUID(made["id"])
    async with changes.begin(COMMAND_LINE) as change:
        await give_role(change, person_id, "reader")
        person = (await find(change.conn, [person_id]))[person_id]
        own = await create_key(change, name=f"own-{number}", scopes=[], principal=person)
        owned = await create_key(change, name=f"owned-{number}", scopes=["read"], owner=person)
        times = house.settings.session_times
        session = await begin_session(change, person_id, login=Login.OIDC, times=times)
    return Leaver(
        id=person_id,
        asks={
            "session": (_PAGE, {"Cookie": f"{SESSION_COOKIE}={session.secret}"}),
            "own_key": (_GRAPH, {"Authorization": f"Bearer {own.secret}"}),
            "owned_key": (_GRAPH, {"Authorization": f"Bearer {owned.secret}"}),
        },
    )


async def _leave(
    leaver: Leaver, scims: Sequence[httpx2.AsyncClient], ports: Sequence[int], number: int
) -> LeaverOutcome:
    """Set a person inactive at one of the processes, while they ask all of them."""
    is_over = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        asking = {
            (known_by, port): tasks.create_task(
                _ask(ViewerClient(port, headers=headers), path, is_over)
            )
            for known_by, (path, headers) in leaver.asks.items()
            for port in ports
        }
        await asyncio.sleep(_BEFORE_S)
        sent_at = time.monotonic()
        answer = await scims[number % len(scims)].patch(f"/Users/{leaver.id}", json=_INACTIVE)
        told_at = time.monotonic()
        answer.raise_for_status()
        await asyncio.sleep(_AFTER_S)
        is_over.set()
    seen = {key: task.result() for key, task in asking.items()}
    out = {key: out_s(answers, told_at) for key, answers in seen.items()}
    answers = [each for of_one in seen.values() for each in of_one]
    return LeaverOutcome(
        scim_ms=1000 * (told_at - sent_at),
        sent_ms=1000 * max(out_s(each, sent_at) for each in seen.values()),
        out_ms={
            known_by: 1000 * max(out[known_by, port] for port in ports) for known_by in leaver.asks
        },
        answers=sum(each.status == _OK for each in answers),
        late=sum(each.status == _OK and each.received_at > told_at for each in answers),
        faults=sum(each.status not in _REFUSED | {_OK} for each in answers),
    )


async def _ask(client: ViewerClient, path: str, is_over: asyncio.Event) -> list[TimedAnswer]:
    """Ask until it is over, and keep every answer."""
    answers: list[TimedAnswer] = []
    while not is_over.is_set():
        answers.append(await client.get(path))
        await asyncio.sleep(_PAUSE_S)
    client.close()
    return answers


if __name__ == "__main__":
    app()
