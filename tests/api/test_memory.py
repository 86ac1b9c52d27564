"""What clients choose is kept by its weight, however hostile: driven far beyond each bound."""

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from itertools import takewhile
from types import SimpleNamespace
from typing import Any, cast
from weakref import ref

import httpx2
import prometheus_client
import pytest
from graphql import parse

from api.answers.cards import Cards
from api.documents.limits import Allowed
from api.documents.preparation import Preparation, Prepared
from api.documents.trusted import MAX_KEPT_BYTES, Documents
from api.execution import Plans, compiled_executor
from api.http import repeated_answers
from api.request.operations import Operations
from api.request.rates import MAX_CLIENTS, Rates
from api.schema.build import SCHEMA, core_of
from catalog.documents.model import hash_of
from catalog.graph.findings import Findings
from catalog.settings import MIB
from tests.api.answering import api_with
from tests.api.shop import Shop
from tests.support.stage import LONG_AGO
from vitrine.settings import Settings


@pytest.fixture
def traced() -> Iterator[Callable[[], int]]:
    """Return how many bytes are held more than at the beginning."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]

    def held() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    yield held
    tracemalloc.stop()


@pytest.mark.parametrize("shape", ["a ", "a:b ", "a(b:1)", "a(b:$c)", "...A ", '"x" ', "#\n"])
def test_a_document_weighs_what_it_takes(shape: str, traced: Callable[[], int]) -> None:
    inside = shape if shape[0] != '"' else "a"
    preparation = Preparation(core_of(SCHEMA), ())
    before = traced()
    prepared = preparation.prepare("query ($c: [Int]) {" + inside * 500 + " a}")
    assert (traced() - before) / 2.5 < prepared.weight < (traced() - before) * 4


def test_documents_are_kept_by_their_weight(traced: Callable[[], int]) -> None:
    preparation = Preparation(core_of(SCHEMA), (), max_bytes=2 * MIB)
    for number in range(15):
        preparation.prepare("{" + f"a{number} " * 1_500 + "}")
    assert traced() < 4 * MIB


def test_a_document_weighs_with_all_that_hangs_on_it() -> None:
    """What it was planned for is forgotten with it, and counts though it is asked for once."""
    preparation = Preparation(core_of(SCHEMA), (), max_bytes=4 * MIB)
    operations = Operations(core_of(SCHEMA), preparation, compiled_executor())
    known: list[Prepared] = []
    for number in range(30):
        names = " ".join(f"a{number}_{n}: __typename" for n in range(200))
        prepared = preparation.prepare(f"{{ {names} }}")
        parsed = prepared.weight
        run(operations, prepared)
        assert prepared.weight >= parsed + 200 * 2_400
        known.append(prepared)
    kept = takewhile(lambda each: preparation.prepare(each.text) is each, reversed(known))
    assert 3 * MIB < sum(each.weight for each in kept) <= 4 * MIB


def test_a_document_is_planned_once_and_not_without_end() -> None:
    preparation = Preparation(core_of(SCHEMA), ())
    operations = Operations(core_of(SCHEMA), preparation, compiled_executor())
    prepared = preparation.prepare("{ a: __typename }")
    run(operations, prepared)
    weight = prepared.weight
    run(operations, prepared)
    assert prepared.weight == weight
    plans, build = Plans(max_fields=20), cast("Any", compiled_executor()).build
    for number in range(30):
        executor = build(core_of(SCHEMA), parse(f"{{ a{number}: __typename }}"), plans=plans)
        assert executor.execute_operation().data == {f"a{number}": "Query"}
    assert 20 * 2_400 < plans.weight < 24 * 2_400


def run(operations: Operations, prepared: Prepared) -> None:
    """Execute what waits for nothing."""
    state: Any = SimpleNamespace(prepared=None, allowed=Allowed(aliases=1_000), report=lambda: None)
    result = asyncio.run(operations.execute(prepared, {}, state))
    assert result.errors is None


async def test_texts_of_documents_are_kept_by_their_weight(traced: Callable[[], int]) -> None:
    async def nothing(_: str) -> None:
        return None

    documents = Documents(nothing, redis=None, trusted_only=False)
    for number in range(200):
        text = "\U0001f300" * 60_000 + str(number)
        await documents.text_of(text, hash_of(text), has_key=False)
    assert traced() < 1.5 * MAX_KEPT_BYTES


async def test_clients_that_are_counted_are_bounded() -> None:
    rates = Rates(None)
    for number in range(MAX_CLIENTS + 100):
        rates.spend_at_once(f"address:{number}", 1, limit=10)
    assert rates.clients <= MAX_CLIENTS


async def test_what_clients_choose_is_not_kept_unweighed(
    shop: Shop,
    settings: Settings,
    traced: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shop.pool
    monkeypatch.setattr(repeated_answers, "MAX_KEPT_BYTES", MIB)
    async with api_with(settings, answers_max_mib=1) as http:
        await _ask(http, 0)
        before = traced()
        for number in range(1, 20):
            await _ask(http, number)
        assert traced() - before < 8 * MIB


async def _ask(http: httpx2.AsyncClient, number: int) -> None:
    """Ask for next to nothing, with as much as may be sent beside it."""
    ask: Callable[..., Awaitable[httpx2.Response]] = http.post
    query = f"""query Q{number}($c: [String!]) {{ a{number}: product(sku: "nope") {{
        attributes(codes: $c) {{ code }} }} }}"""
    many = [f"{number}-{n}".ljust(250, "x") for n in range(100)]
    none: list[str] = []
    asked: list[dict[str, Any]] = [{"c": many}, {"c": none, "junk": "x" * 200_000 + str(number)}]
    for variables in asked:
        answer = await ask("/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200
    accept = {"Accept": "application/json, " + f"x{number}/y," * 500}
    await ask("/graphql", json={"query": "{ __typename }"}, headers=accept)
    await ask("/graphql", json={"query": "{ __typename }", "operationName": f"{number}" * 50_000})


def test_cards_are_kept_by_their_weight() -> None:
    cards = Cards(MIB)
    for number in range(200):
        made: dict[str, Any] = {"description": f"{number}" * 20_000}
        asked_at = LONG_AGO + timedelta(seconds=number)
        cards.completed(
            (ref(Preparation), number), (), asked_at, Findings(), lambda made=made: made
        )
    kept = prometheus_client.REGISTRY.get_sample_value("vitrine_graphql_cards_bytes")
    assert kept is not None
    assert MIB / 2 < kept <= MIB


def test_a_cost_is_kept_by_what_it_depends_on_alone() -> None:
    query = """query ($c: [String!], $n: Int, $s: String!) {
        a(codes: $c) b(first: $n) product(sku: $s) }"""
    outline = Preparation(core_of(SCHEMA), ()).prepare(query).outline
    for number in range(-500, 500):
        sent = {"c": ["x" * 100], "n": number, "s": str(number), "junk": "x" * number}
        assert outline.cost(sent) == 4
        assert len(outline.costs) <= 16
    assert outline.cost({"c": [1, 2], "n": 5, "s": ["x"] * 9}) == 5
