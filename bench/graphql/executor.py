"""`graphql-executor`: the compiled executor against Strawberry's own, over loaded data."""

import asyncio
import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Annotated, Any, TypeAlias, cast

import orjson
from cyclopts import App, Parameter
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.answers.cards import Cards
from api.app import open_services
from api.execution import compiled_executor
from api.http.answer import answer_of
from api.request.scene import RequestState
from bench.graphql.catalogue import GALLERY_PX, CatalogueShape
from bench.graphql.documents import CARDS, PDP
from bench.graphql.house import GraphHouse, open_house
from bench.graphql.roots import Executing, Roots
from bench.graphql.samples import Samples
from bench.report import Figure, Report
from serving.logs import configure_logging
from vitrine.settings import load_settings

app = App(help="Measure the compiled executor beside the stock one, over loaded data.")

COMPILED, STOCK = "compiled", "stock"
#: The compiled one again, that has shown these products before.
CARDS_KEPT = "with_cards"
_CARDS_BYTES = 64 * 1_048_576
_AIM = 10.0
_CARDS = 24
_MS = 1_000.0
_SAMPLED_S = 4.0


class _Stock(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's own, which has no use for plans."""

    def __init__(self, *args: object, plans: object = None, **kwargs: object) -> None:
        del plans
        super().__init__(*args, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    """What is executed, and how often in a round by each executor."""

    name: str
    text: str
    variables: Mapping[str, Any]
    times: Mapping[str, int]


#: By operation and executor.
_Samples: TypeAlias = Mapping[tuple[str, str], Samples]


@dataclass(slots=True, kw_only=True)
class OperationTimes:
    """What an operation took, by executor, in each round; and what came out of it.

    Attributes:
        compared: answers that were held against the first one of the stock executor.
        differences: those that were not the same bytes.
    """

    ms: dict[str, list[float]] = field(
        default_factory=lambda: {COMPILED: [], STOCK: [], CARDS_KEPT: []}
    )
    first: bytes = b""
    compared: int = 0
    differences: int = 0

    def compare(self, body: bytes) -> None:
        """Hold an answer against the first."""
        self.first = self.first or body
        self.compared += 1
        self.differences += body != self.first


@app.default
def measure(
    *,
    rounds: int = 15,
    repeats: int = 40,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Execute a product's page and a list of 24 cards by both executors, in turn.

    Args:
        rounds: that count; one more comes first and does not.
        repeats: executions by the compiled executor in a round; the stock one has a fifth of them.
        quick: 2 rounds of 5, of smaller pictures, whose `srcset` has fewer widths.
        json: print one JSON object.
    """
    sampled_s, picture_px = _SAMPLED_S, GALLERY_PX[-1]
    if quick:
        rounds, repeats, sampled_s, picture_px = 2, 5, 0.3, GALLERY_PX[0]
    shape = CatalogueShape(
        products=_CARDS,
        pictures=_CARDS * 4 + 4,
        picture_px=(picture_px, picture_px * 5 // 4),
        varies=True,
    )
    times = {COMPILED: repeats, STOCK: max(1, repeats // 5), CARDS_KEPT: repeats}
    operations = [
        _Operation(name="pdp", text=PDP, variables={"sku": "LAMP-00003"}, times=times),
        _Operation(name="list", text=CARDS, variables={"first": _CARDS}, times=times),
    ]
    configure_logging(load_settings(), process="bench", stream=sys.stderr)
    with open_house(shape) as house:
        measured, samples = asyncio.run(_in_rounds(house, operations, rounds, sampled_s))
    _report(operations, measured, samples, rounds).print(as_json=json)


async def _in_rounds(
    house: GraphHouse, operations: Sequence[_Operation], rounds: int, sampled_s: float
) -> tuple[Mapping[str, OperationTimes], _Samples]:
    """Load once by the real root fields, then execute over that alone."""
    stock, compiled = Executing(_Stock), Executing(compiled_executor())
    schemas = {STOCK: stock, COMPILED: compiled, CARDS_KEPT: compiled}
    cards = {STOCK: None, COMPILED: None, CARDS_KEPT: Cards(_CARDS_BYTES)}
    measured = {each.name: OperationTimes() for each in operations}
    async with open_services(house.settings, {}) as (services, _):
        roots = Roots(services)
        for each in operations:
            await roots.load(stock, each.text, each.variables)
        for schema in schemas.values():
            roots.stand_in(schema)
        for number in range(rounds + 1):
            order = list(schemas) if number % 2 else list(reversed(schemas))
            for each in operations:
                for name in order:
                    state = partial(roots.state, cards[name])
                    ms = await _lap(schemas[name], each, state, name, measured[each.name])
                    if number:
                        measured[each.name].ms[name].append(ms)
        samples = {
            (each.name, name): await _sampled(schemas[name], each, roots, sampled_s)
            for each in operations
            for name in (STOCK, COMPILED)
        }
    return measured, samples


async def _lap(
    schema: Executing,
    operation: _Operation,
    state_of: Callable[[], RequestState],
    name: str,
    measured: OperationTimes,
) -> float:
    """Return the processor time of an execution, in ms; every answer is compared, off the clock."""
    spent_s, times = 0.0, operation.times[name]
    gc.collect()
    for _ in range(times):
        state = state_of()
        began_s = time.process_time()
        result = await schema.execute(operation.text, operation.variables, state)
        spent_s += time.process_time() - began_s
        measured.compare(answer_of(result, state).body)
    return _MS * spent_s / times


async def _sampled(
    schema: Executing, operation: _Operation, roots: Roots, seconds: float
) -> Samples:
    """Execute for so long with a look at the stack now and then."""
    samples = Samples()
    until_s = time.process_time() + seconds
    with samples.taken():
        while time.process_time() < until_s:
            await schema.execute(operation.text, operation.variables, roots.state(None))
    return samples


def _report(
    operations: Sequence[_Operation],
    measured: Mapping[str, OperationTimes],
    samples: _Samples,
    rounds: int,
) -> Report:
    figures: dict[str, Figure] = {}
    ratios: dict[str, Sequence[float]] = {}
    without: dict[str, Sequence[float]] = {}
    with_cards: dict[str, Sequence[float]] = {}
    for each in operations:
        found = measured[each.name]
        figures |= _sizes_and_times(each.name, found)
        alone: dict[str, float] = {}
        for name in (STOCK, COMPILED):
            share = samples[each.name, name].of_resolvers
            alone[name] = statistics.median(found.ms[name]) * (1 - share)
            figures[f"{each.name}_{name}_without_resolvers_ms"] = Figure(
                values=[round(alone[name], 3)], unit="ms of CPU"
            )
        for label, share in samples[each.name, COMPILED].shares().items():
            figures[f"{each.name}_in_{label}"] = Figure(values=[share], unit="of compiled time")
        ratios[f"{STOCK}_{each.name}"] = [
            stock / compiled
            for stock, compiled in zip(found.ms[STOCK], found.ms[COMPILED], strict=True)
        ]
        with_cards[f"{STOCK}_{each.name}_{CARDS_KEPT}"] = [
            stock / kept for stock, kept in zip(found.ms[STOCK], found.ms[CARDS_KEPT], strict=True)
        ]
        without[f"{STOCK}_{each.name}_without_resolvers"] = [alone[STOCK] / alone[COMPILED]]
    worst = [min(each) for each in zip(*ratios.values(), strict=True)]
    compared = sum(each.compared for each in measured.values())
    differences = sum(each.differences for each in measured.values())
    figures["operations_compared"] = Figure(values=[compared], unit="answers")
    figures["differences"] = Figure(values=[differences], unit="answers")
    return Report(
        name="graphql-executor",
        settings={
            "cards": _CARDS,
            "rounds": rounds,
            "executions_each_round": dict(operations[0].times),
            "warm": "document, validation, plan; presets, keys, context; what an asset keeps",
            "cores": os.cpu_count(),
        },
        versions={"strawberry": version("strawberry-graphql"), "graphql": version("graphql-core")},
        figures=figures,
        ratios={STOCK: worst, **ratios, **without, **with_cards},
        at_least={STOCK: _AIM},
        at_most={"differences": 0},
    )


def _sizes_and_times(name: str, found: OperationTimes) -> Mapping[str, Figure]:
    data = orjson.loads(found.first)["data"]
    times = {
        f"{name}_{executor}_ms": Figure(
            values=[round(value, 3) for value in values], unit="ms of CPU"
        )
        for executor, values in found.ms.items()
    }
    return {
        **times,
        f"{name}_leaves": Figure(values=[_leaves(data)], unit="leaves"),
        f"{name}_bytes": Figure(values=[len(found.first)], unit="bytes"),
    }


def _leaves(value: object) -> int:
    """Count scalars and nulls."""
    if isinstance(value, dict):
        return sum(map(_leaves, cast("dict[str, object]", value).values()))
    return sum(map(_leaves, cast("list[object]", value))) if isinstance(value, list) else 1


if __name__ == "__main__":
    app()
