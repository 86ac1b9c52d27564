"""The Fastly driver against a server that enforces Fastly's contract."""

from collections.abc import AsyncGenerator

import httpx2
import pytest
from starlette.responses import Response

from catalog.ids import new_id
from purger.drivers.fastly import Fastly
from purger.drivers.model import PurgeRejectedError, PurgeUnavailableError
from tests.purger.cdns import settings
from tests.purger.cdns.contract import answering, running
from tests.purger.cdns.fastly_api import FastlyApi
from tests.support.ports import free_port


@pytest.fixture
async def api() -> AsyncGenerator[FastlyApi]:
    api = FastlyApi()
    async with running(api):
        yield api


async def test_keys_are_purged_hard_in_one_request(
    api: FastlyApi, client: httpx2.AsyncClient
) -> None:
    await Fastly(settings.fastly(api.url), client).purge(["a-aaaa", "l-bbbb"], new_id())
    assert api.purged == [["a-aaaa", "l-bbbb"]]


async def test_the_largest_batch_is_the_largest_that_fastly_takes(
    api: FastlyApi, client: httpx2.AsyncClient
) -> None:
    fastly = Fastly(settings.fastly(api.url), client)
    tags = [f"a-{n:0>120}" for n in range(Fastly.max_batch + 1)]
    await fastly.purge(tags[:-1], new_id())
    with pytest.raises(PurgeRejectedError):
        await fastly.purge(tags, new_id())
    assert [len(each) for each in api.purged] == [256]


@pytest.mark.parametrize(
    ("wrong", "status"), [({"token": "wrong-token-0123456789"}, 401), ({"service": "other"}, 404)]
)
async def test_a_wrong_token_or_service_is_a_rejection_that_repeats_no_secret(
    api: FastlyApi, client: httpx2.AsyncClient, wrong: dict[str, str], status: int
) -> None:
    with pytest.raises(PurgeRejectedError) as raised:
        await Fastly(settings.fastly(api.url, **wrong), client).purge(["a-aaaa"], new_id())
    assert raised.value.message == f"fastly answered {status}"


async def test_too_many_purges_are_unavailable_until_the_time_that_fastly_names(
    api: FastlyApi, client: httpx2.AsyncClient
) -> None:
    api.instead.append(answering(429, Retry_After="90"))
    with pytest.raises(PurgeUnavailableError) as raised:
        await Fastly(settings.fastly(api.url), client).purge(["a-aaaa"], new_id())
    assert raised.value.retry_after_s == 90


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_failing_api_is_unavailable(
    api: FastlyApi, client: httpx2.AsyncClient, status: int
) -> None:
    api.instead.append(answering(status))
    with pytest.raises(PurgeUnavailableError):
        await Fastly(settings.fastly(api.url), client).purge(["a-aaaa"], new_id())


async def test_an_api_that_is_not_there_is_unavailable(client: httpx2.AsyncClient) -> None:
    nowhere = settings.fastly(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(PurgeUnavailableError, match=r"^fastly: ConnectError$"):
        await Fastly(nowhere, client).purge(["a-aaaa"], new_id())


async def test_an_answer_that_cannot_be_read_is_unavailable(
    api: FastlyApi, client: httpx2.AsyncClient
) -> None:
    async def garble() -> Response:
        return Response(b"no gzip", headers={"Content-Encoding": "gzip"})

    api.instead.append(garble)
    with pytest.raises(PurgeUnavailableError, match=r"^fastly: DecodingError$"):
        await Fastly(settings.fastly(api.url), client).purge(["a-aaaa"], new_id())


def test_no_hour_holds_more_purges_than_fastly_allows() -> None:
    assert Fastly.limit.burst + 3600 * Fastly.limit.per_s <= 100_000
