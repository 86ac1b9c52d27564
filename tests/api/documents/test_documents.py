"""Documents by their hash: automatic ones, and registered ones that are trusted."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from api.documents.trusted import Documents, UntrustedDocumentError
from catalog.changes import Changes
from catalog.db import Pool
from catalog.documents import commands, store
from catalog.documents.model import Document, document_subject, hash_of
from catalog.errors import InvalidInputError, NotFoundError
from tests.api.answering import api_with
from tests.api.shop import Shop
from tests.support.people import TEST
from tests.support.redis_server import needs_redis, run_redis
from tests.support.waiting import eventually
from vitrine.settings import Settings

TEXT = 'query Lamp { product(sku: "LAMP") { sku } }'
HASH = hash_of(TEXT)
LAMP = {"product": {"sku": "LAMP"}}


def by_hash(digest: str = HASH) -> dict[str, Any]:
    """Return what Apollo's clients send."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}


async def get(http: httpx2.AsyncClient, digest: str = HASH) -> httpx2.Response:
    return await http.get(
        "/graphql", params={"extensions": json.dumps(by_hash(digest)["extensions"])}
    )


def code_of(answer: httpx2.Response) -> str:
    (error,) = answer.json()["errors"]
    return error["extensions"]["code"]


async def register(changes: Changes, *texts: str) -> frozenset[str]:
    async with changes.begin(TEST) as change:
        return await commands.register(change, [Document(text=text, name=None) for text in texts])


@pytest.fixture
async def trusting(shop: Shop, settings: Settings) -> AsyncGenerator[httpx2.AsyncClient]:
    """HTTP to an api that executes registered documents alone."""
    assert shop.stage.keys
    async with api_with(settings, trusted_documents_only=True) as client:
        yield client


@pytest.mark.usefixtures("lamp")
async def test_an_unknown_hash_is_asked_for_with_its_text_and_found_by_get_from_then_on(
    http: httpx2.AsyncClient,
) -> None:
    missed = await get(http)
    assert (missed.status_code, code_of(missed)) == (400, "PERSISTED_QUERY_NOT_FOUND")
    assert missed.json()["errors"][0]["message"] == "PersistedQueryNotFound"

    sent = await http.post("/graphql", json={"query": TEXT, **by_hash()})
    assert sent.json()["data"] == LAMP

    found = await get(http)
    assert found.json()["data"] == LAMP
    named = await http.get("/graphql", params={"documentId": f"sha256:{HASH}"})
    assert named.json()["data"] == LAMP


async def test_a_text_is_kept_under_its_own_hash_alone(http: httpx2.AsyncClient) -> None:
    other = hash_of("{ channels { code } }")
    refused = await http.post("/graphql", json={"query": TEXT, **by_hash(other)})
    assert (refused.status_code, code_of(refused)) == (400, "PERSISTED_QUERY_HASH_MISMATCH")
    assert code_of(await get(http, other)) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.usefixtures("lamp")
async def test_a_registered_document_is_found_by_hash_without_having_been_sent(
    http: httpx2.AsyncClient, shop: Shop
) -> None:
    await register(shop.stage.changes, TEXT)
    assert (await get(http)).json()["data"] == LAMP


@pytest.mark.usefixtures("lamp")
async def test_where_only_trusted_documents_are_executed_others_are_refused(
    trusting: httpx2.AsyncClient, shop: Shop
) -> None:
    for request in ({"query": TEXT}, {"query": TEXT, **by_hash()}, by_hash()):
        refused = await trusting.post("/graphql", json=request)
        assert (refused.status_code, code_of(refused)) == (403, "DOCUMENT_NOT_TRUSTED")

    await register(shop.stage.changes, TEXT)  # it is not remembered that it was unknown
    for request in (
        {"query": TEXT},
        {"documentId": f"sha256:{HASH}"},
        by_hash(),
        {"query": TEXT, **by_hash()},
    ):
        assert (await trusting.post("/graphql", json=request)).json()["data"] == LAMP
    assert (await get(trusting)).json()["data"] == LAMP


@pytest.mark.usefixtures("lamp")
async def test_an_api_key_may_ask_for_any_document(
    trusting: httpx2.AsyncClient, shop: Shop
) -> None:
    headers = await shop.key("read")
    answer = await trusting.post("/graphql", json={"query": TEXT}, headers=headers)
    assert answer.json()["data"] == LAMP


@pytest.mark.usefixtures("lamp")
async def test_a_removed_document_is_refused_by_whoever_had_executed_it(
    trusting: httpx2.AsyncClient, shop: Shop
) -> None:
    await register(shop.stage.changes, TEXT)
    assert (await get(trusting)).json()["data"] == LAMP
    async with shop.stage.changes.begin(TEST) as change:
        await commands.remove(change, [f"sha256:{HASH}"])

    async def is_refused() -> bool:
        return (await get(trusting)).status_code == 403

    await eventually(is_refused)
    assert code_of(await get(trusting)) == "DOCUMENT_NOT_TRUSTED"


async def test_a_document_that_is_removed_while_it_is_read_is_not_trusted() -> None:
    kept: dict[str, str] = {HASH: TEXT}

    async def find(digest: str) -> str | None:
        found = kept.pop(digest, None)
        documents.registered.drop([document_subject(digest)])  # the event arrives before the row
        return found

    documents = Documents(find, redis=None, trusted_only=True)
    for _ in range(2):
        with pytest.raises(UntrustedDocumentError):
            await documents.text_of(None, HASH, has_key=False)


@needs_redis
@pytest.mark.usefixtures("lamp")
async def test_processes_share_automatic_documents_through_redis(
    settings: Settings, tmp_path: Path
) -> None:
    with run_redis(tmp_path) as redis:
        shared = {"redis_url": SecretStr(redis.url)}
        async with api_with(settings, **shared) as one, api_with(settings, **shared) as other:
            await one.post("/graphql", json={"query": TEXT, **by_hash()})
            assert (await get(other)).json()["data"] == LAMP
            redis.stop()  # what a process has seen it knows itself, and it needs no Redis to go on
            assert (await get(other)).json()["data"] == LAMP
            channels = "{ channels { code } }"
            assert code_of(await get(other, hash_of(channels))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_processes_without_redis_know_what_they_were_sent_themselves(
    shop: Shop, settings: Settings
) -> None:
    assert shop.stage.keys
    async with api_with(settings) as one, api_with(settings) as other:
        await one.post("/graphql", json={"query": TEXT, **by_hash()})
        assert code_of(await get(other)) == "PERSISTED_QUERY_NOT_FOUND"


async def test_to_register_again_changes_nothing_and_tells_nobody(pool: Pool) -> None:
    changes = Changes(pool=pool)
    assert await register(changes, TEXT, "{ channels { code } }", TEXT) == {
        HASH,
        hash_of("{ channels { code } }"),
    }
    assert await register(changes, TEXT) == frozenset()
    async with pool.acquire() as conn:
        assert await store.find(conn, HASH) == TEXT
        events = await conn.fetch("SELECT type, subjects FROM event WHERE type LIKE 'document.%'")
    assert [(each["type"], each["subjects"]) for each in events] == [
        ("document.registered", [])
    ] * 2


async def test_of_several_that_are_removed_none_is_where_one_is_unknown(pool: Pool) -> None:
    changes = Changes(pool=pool)
    await register(changes, TEXT)
    with pytest.raises(NotFoundError):
        async with changes.begin(TEST) as change:
            await commands.remove(change, [HASH, hash_of("other")])
    async with pool.acquire() as conn:
        assert [each.hash for each in await commands.list_documents(conn)] == [HASH]


@pytest.mark.parametrize("given", ["", "sha1:x", HASH[:-1], HASH + "0"])
async def test_what_is_no_hash_names_no_document(pool: Pool, given: str) -> None:
    with pytest.raises(InvalidInputError):
        async with Changes(pool=pool).begin(TEST) as change:
            await commands.remove(change, [given])
