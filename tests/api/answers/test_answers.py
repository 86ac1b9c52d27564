"""Answers are kept, and never outlive what they rest on.

`ANSWER_ROUNDS=10000 pytest -s tests/api/answers/test_answers.py` looks longer.
"""

import asyncio

import httpx2
import orjson
from starlette.applications import Starlette
from starlette.types import Scope

from api.answers.answer_memory import Answer, Answers
from api.answers.cdn_headers import CachingHops
from api.http.repeated_answers import RepeatedAnswers
from api.request.rates import Rates
from catalog.clock import utc_now
from catalog.memory.lease import Lease
from catalog.rights.model import NEVER
from catalog.subjects import Subject
from serving.at_once import PlainRequest
from tests.api.answering import (
    LISTED,
    READERS,
    ROUNDS,
    SHOWN,
    WITHDRAW,
    Window,
    counted,
    how,
    in_process,
)
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.support.stage import StagedAsset


async def test_the_same_question_is_answered_from_what_is_kept(
    http: httpx2.AsyncClient, vase: StagedAsset
) -> None:
    assert vase
    first, made = await counted(http, LISTED)
    again, hit = await counted(http, LISTED)
    assert again == first
    assert (made, hit) == ({"made": 1}, {"hit": 1})


async def test_who_has_a_key_is_answered_anew_each_time(
    http: httpx2.AsyncClient, shop: Shop, vase: StagedAsset
) -> None:
    assert vase
    headers = await shop.key("read")
    for _ in range(2):
        _, came = await counted(http, LISTED, headers=headers)
        assert came == {}


async def test_an_error_is_not_kept(http: httpx2.AsyncClient, vase: StagedAsset) -> None:
    assert vase
    for _ in range(2):
        before = await how(http)
        code = await Client(http).code(LISTED.replace("card", "none"))
        assert code == "UNKNOWN_PRESET"
        assert (await how(http))["made"] == before.get("made", 0) + 1


async def test_a_get_is_revalidated_by_the_tag_of_its_bytes(
    http: httpx2.AsyncClient, shop: Shop, vase: StagedAsset
) -> None:
    params = {"query": SHOWN}
    first = await http.get("/graphql", params=params)
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["vary"].startswith("Accept, Authorization")
    held = {"If-None-Match": first.headers["etag"]}
    again = await http.get("/graphql", params=params, headers=held)
    assert (again.status_code, again.content) == (304, b"")
    two_lines = [("If-None-Match", '"other"'), *held.items()]
    assert (await http.get("/graphql", params=params, headers=two_lines)).status_code == 304
    for named, status in (('"other"', 412), (first.headers["etag"], 200)):
        conditional = await http.get("/graphql", params=params, headers={"If-Match": named})
        assert conditional.status_code == status
    rights = await shop.key("manage.rights")
    await Client(http).data(WITHDRAW, {"id": vase.public_id}, headers=rights)
    changed = await http.get("/graphql", params=params, headers=held)
    assert changed.status_code == 200
    assert changed.json()["data"]["product"]["hero"] is None


async def test_no_reader_sees_the_old_answer_once_a_change_has_returned(
    shop: Shop, app: Starlette, vase: StagedAsset
) -> None:
    rights = await shop.key("manage.rights")
    window, closed = Window(), asyncio.Event()
    async with in_process(app) as http, asyncio.TaskGroup() as group:
        client = Client(http)
        for _ in range(READERS):
            group.create_task(window.read(client, closed))
        for _ in range(ROUNDS):
            await window.change(client, vase.public_id, rights)
        closed.set()
    print(f"{ROUNDS} changes, {window.asked} answers to {READERS} readers")  # noqa: T201 - the figure
    assert window.stale == []
    assert window.asked > ROUNDS


async def test_a_kept_answer_to_get_is_the_same_at_once(
    http: httpx2.AsyncClient, shop: Shop, vase: StagedAsset
) -> None:
    params = {"query": SHOWN}
    first = await http.get("/graphql", params=params)
    again = await http.get("/graphql", params=params)
    apart = {"date", "x-request-id", "ratelimit"}
    assert again.content == first.content
    assert _besides(again, apart) == _besides(first, apart)
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    left = [int(each.headers["ratelimit"].split("r=")[1].split(";")[0]) for each in (first, again)]
    assert left[1] == left[0] - 1
    held = {"If-None-Match": first.headers["etag"]}
    assert (await http.get("/graphql", params=params, headers=held)).status_code == 304
    elsewhere = await http.get("/graphql", params=params, headers={"Origin": "https://shop.test"})
    assert elsewhere.headers["access-control-allow-origin"] == "https://shop.test"
    key = await http.get("/graphql", params=params, headers=await shop.key("read"))
    assert key.headers["cache-control"] == "private, no-store"
    rights = await shop.key("manage.rights")
    await Client(http).data(WITHDRAW, {"id": vase.public_id}, headers=rights)
    assert (await http.get("/graphql", params=params)).json()["data"]["product"]["hero"] is None


def _besides(answer: httpx2.Response, apart: set[str]) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in apart}


async def test_more_requests_at_once_than_there_are_connections_are_all_answered(
    http: httpx2.AsyncClient, vase: StagedAsset
) -> None:
    assert vase
    client = Client(http)
    answers = await asyncio.gather(
        *(client.ask(f"query Q{number} {LISTED}") for number in range(48))
    )
    assert [answer for answer in answers if "errors" in answer] == []


async def test_an_answer_that_shows_a_product_outlives_the_publication_of_another(
    http: httpx2.AsyncClient, shop: Shop, vase: StagedAsset
) -> None:
    assert vase.public_id
    client, headers = Client(http), await shop.key("manage.products")
    await shop.put(Product("OTHER", "SIMPLE"))
    missing = '{ product(sku: "MISSING") { sku } }'
    for query in (SHOWN, LISTED, missing):
        await client.data(query)
    take = """mutation { unpublishProducts(skus: ["OTHER"], channel: "d2c") {
      errors { code message } } }"""
    data = await client.data(take, headers=headers)
    assert data["unpublishProducts"]["errors"] == []
    for query, came in ((SHOWN, {"hit": 1}), (LISTED, {"made": 1}), (missing, {"made": 1})):
        assert (await counted(http, query))[1] == came


async def exchanged(http: httpx2.AsyncClient, *parts: bytes, answers: int = 1) -> list[bytes]:
    """Send the parts of requests a moment apart, and return the answers."""
    reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05)
        return [await one_answer(reader) for _ in range(answers)]
    finally:
        writer.close()
        await writer.wait_closed()


async def hits(http: httpx2.AsyncClient, *parts: bytes, answers: int) -> list[bytes]:
    """Send the parts of requests until all are answered from what is kept.

    An event of another test may fall between two requests: what is kept is then made anew, once.
    """
    for _ in range(10):
        before = (await how(http)).get("hit", 0)
        received = await exchanged(http, *parts, answers=answers)
        if (await how(http)).get("hit", 0) == before + answers:
            return received
    raise AssertionError(parts)


async def one_answer(reader: asyncio.StreamReader) -> bytes:
    """Read an answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().splitlines()
    lengths = [line.partition(b":")[2] for line in lines if line.startswith(b"content-length")]
    return head + await reader.readexactly(int(lengths[0]) if lengths else 0)


def steady(answer: bytes) -> list[bytes]:
    """Return an answer without what is of one request."""
    once = (b"x-request-id", b"date", b"ratelimit")
    return [line for line in answer.splitlines() if not line.lower().startswith(once)]


def posted(query: str) -> tuple[bytes, bytes]:
    """Write a POST: its head without the empty line, and its body."""
    body = orjson.dumps({"query": query})
    head = (
        b"POST /graphql HTTP/1.1\r\nHost: api.test\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n" % len(body)
    )
    return head, body


async def test_a_post_that_was_answered_before_is_answered_the_same_however_it_comes(
    http: httpx2.AsyncClient, vase: StagedAsset
) -> None:
    assert vase.public_id
    head, body = posted(LISTED)
    whole = head + b"\r\n" + body
    (first,) = await exchanged(http, whole)
    assert b"no-store" in first
    assert b"VASE" in first
    chunked = head.replace(b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked")
    chunks = b"\r\n5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (body[:5], len(body) - 5, body[5:])
    for parts in (
        (whole,),
        (head + b"\r\n", body[:9], body[9:]),
        (whole + whole,),
        (chunked + chunks,),
    ):
        for answer in await hits(http, *parts, answers=2 if parts == (whole + whole,) else 1):
            assert steady(answer) == steady(first)
    (awaited,) = await exchanged(http, head + b"Expect: 100-continue\r\n\r\n")
    assert awaited.startswith(b"HTTP/1.1 100 ")


async def test_posts_that_are_sent_ahead_are_answered_in_turn(
    http: httpx2.AsyncClient, vase: StagedAsset
) -> None:
    assert vase.public_id
    known, new = (b"\r\n".join(posted(query)) for query in (LISTED, "{ channels { code } }"))
    await exchanged(http, known)
    first, second, third = await exchanged(http, known + new + known, answers=3)
    assert steady(first) == steady(third)
    assert b"channels" in second


async def test_another_body_is_another_question(
    http: httpx2.AsyncClient, vase: StagedAsset
) -> None:
    assert vase.public_id
    client = Client(http)
    for _ in range(2):
        for first in (1, 2, 0):
            data = await client.data(f"{{ products(first: {first}) {{ nodes {{ sku }} }} }}")
            assert len(data["products"]["nodes"]) == min(first, 1)
            error = await client.code(f"{{ products(first: {first}) {{ nodes {{ no }} }} }}")
            assert error == "GRAPHQL_VALIDATION_FAILED"


async def test_what_a_request_means_is_not_learnt_once_its_document_is_trusted_no_more() -> None:
    answers = Answers(now=utc_now, lease=Lease(left_s=lambda: 1.0), max_bytes=100_000)
    edges = CachingHops((), (), max_age_s=0, overdue_drivers=frozenset)
    at_once = RepeatedAnswers(
        answers, edges, Rates(None), limit=0, now=utc_now, varies_by_origin=False
    )
    key = ("{ a }", None, b"{}", b"")

    async def make() -> Answer:
        kept = frozenset([Subject("product:aaaa")])
        return Answer(body=b"{}", is_refused=False, rests_on=kept, good_until=NEVER)

    await answers.made(key, make)
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "raw_path": b"/graphql",
        "query_string": b"query={a}",
        "headers": [(b"host", b"api")],
    }
    asked = PlainRequest("GET", b"/graphql?query={a}", {b"host": b"api"}, address="")
    with at_once.kept.reading() as reading:
        at_once.kept.drop([Subject("document:00")])
        at_once.remember(scope, b"", key, reading)
    assert at_once.answer(asked) is None
    with at_once.kept.reading() as reading:
        at_once.remember(scope, b"", key, reading)
    assert at_once.answer(asked) is not None
