"""The Cloudflare driver against a server that enforces Cloudflare's contract."""

from collections.abc import AsyncGenerator

import httpx2
import pytest

from catalog.ids import new_id
from edge.purge_drivers import CloudflarePlan
from purger.drivers.cloudflare import Cloudflare
from purger.drivers.model import PurgeRejectedError, PurgeUnavailableError
from tests.purger.cdns import settings
from tests.purger.cdns.cloudflare_api import TOKEN, ZONE, CloudflareApi
from tests.purger.cdns.contract import answering, running, saying


@pytest.fixture
async def api() -> AsyncGenerator[CloudflareApi]:
    api = CloudflareApi()
    async with running(api):
        yield api


async def test_tags_are_purged_in_one_request(
    api: CloudflareApi, client: httpx2.AsyncClient
) -> None:
    await Cloudflare(settings.cloudflare(api.url), client).purge(["a-aaaa", "p-bbbb"], new_id())
    assert api.purged == [["a-aaaa", "p-bbbb"]]


async def test_the_largest_batch_is_the_largest_that_cloudflare_takes(
    api: CloudflareApi, client: httpx2.AsyncClient
) -> None:
    cloudflare = Cloudflare(settings.cloudflare(api.url), client)
    tags = [f"a-{n:0>120}" for n in range(Cloudflare.max_batch + 1)]
    await cloudflare.purge(tags[:-1], new_id())
    with pytest.raises(PurgeRejectedError):
        await cloudflare.purge(tags, new_id())
    assert [len(each) for each in api.purged] == [100]


@pytest.mark.parametrize(
    ("token", "zone", "status"),
    [("wrong-token-0123456789", ZONE, 403), (TOKEN, "0" * 32, 404)],
)
async def test_a_wrong_token_or_zone_is_a_rejection_that_repeats_no_secret(
    api: CloudflareApi, client: httpx2.AsyncClient, token: str, zone: str, status: int
) -> None:
    wrong = settings.cloudflare(api.url, token=token, zone=zone)
    with pytest.raises(PurgeRejectedError) as raised:
        await Cloudflare(wrong, client).purge(["a-aa"], new_id())
    assert raised.value.message == f"cloudflare answered {status}"


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ('{"success": false, "errors": [{"code": 1012, "message": "tok_en"}]}', "1012"),
        ('{"success": false, "errors": [{"code": 1}, {"code": 2}, "odd"]}', "1, 2"),
        ('{"success": "true", "errors": null}', "none named"),
        ("{}", "none named"),
    ],
)
async def test_a_200_that_does_not_say_success_is_a_rejection_with_its_codes_only(
    api: CloudflareApi, client: httpx2.AsyncClient, body: str, codes: str
) -> None:
    api.instead.append(saying(body))
    with pytest.raises(PurgeRejectedError) as raised:
        await Cloudflare(settings.cloudflare(api.url), client).purge(["a-aaaa"], new_id())
    assert raised.value.message == f"cloudflare answered 200 without success (errors: {codes})"


@pytest.mark.parametrize("body", ["<html>Sign in to this network</html>", "[]", ""])
async def test_a_200_that_is_not_cloudflares_is_unavailable(
    api: CloudflareApi, client: httpx2.AsyncClient, body: str
) -> None:
    api.instead.append(saying(body))
    with pytest.raises(PurgeUnavailableError):
        await Cloudflare(settings.cloudflare(api.url), client).purge(["a-aaaa"], new_id())


@pytest.mark.parametrize(("status", "seconds"), [(429, 7), (500, None), (524, None)])
async def test_what_may_work_later_is_unavailable(
    api: CloudflareApi, client: httpx2.AsyncClient, status: int, seconds: float | None
) -> None:
    api.instead.append(answering(status, **({"Retry_After": "7"} if seconds else {})))
    with pytest.raises(PurgeUnavailableError) as raised:
        await Cloudflare(settings.cloudflare(api.url), client).purge(["a-aaaa"], new_id())
    assert raised.value.retry_after_s == seconds


@pytest.mark.parametrize(
    ("plan", "a_minute", "burst"),
    [("free", 5, 25), ("pro", 300, 25), ("business", 600, 50), ("enterprise", 3000, 500)],
)
def test_each_plan_has_its_own_limit(
    plan: CloudflarePlan, a_minute: float, burst: int, client: httpx2.AsyncClient
) -> None:
    limit = Cloudflare(settings.cloudflare("https://api.example", plan=plan), client).limit
    assert (limit.per_s * 60, limit.burst) == (pytest.approx(a_minute), burst)
