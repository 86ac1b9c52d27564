"""Each driver against a server that enforces what its API documents."""

import uuid
from datetime import UTC, datetime

import httpx2
import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook as Verifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from catalog.ids import new_id
from edge.purge_drivers import VarnishDriver, WebhookDriver
from purger.drivers.answers import raise_unless_done
from purger.drivers.model import PurgeRejectedError, PurgeUnavailableError
from purger.drivers.varnish import Varnish
from purger.drivers.webhook import Webhook
from tests.purger.conftest import PurgeApi
from tests.support.ports import free_port
from tests.support.serve import serve

SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgcHVyZ2UgQVBJ"
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def varnish(client: httpx2.AsyncClient, *nodes: str) -> Varnish:
    secret = SecretStr("0123456789abcdef")
    return Varnish(VarnishDriver(name="edge", kind="varnish", nodes=nodes, secret=secret), client)


async def test_varnish_is_asked_at_every_node_with_all_tags_in_one_header(
    client: httpx2.AsyncClient,
) -> None:
    seen: list[tuple[str, str, str]] = []

    async def purge(request: Request) -> Response:
        headers = request.headers
        seen.append((request.url.path, headers["xkey"], headers["x-purge-secret"]))
        return Response()

    app = Starlette(routes=[Route("/", purge, methods=["PURGE"])])
    async with serve(app) as one, serve(app) as two:
        receipt = await varnish(client, one, two).purge(["a-aaaa", "l-bbbb"], new_id())
    assert receipt.nodes == 2
    assert seen == [("/", "a-aaaa l-bbbb", "0123456789abcdef")] * 2


async def test_varnish_is_not_done_while_one_node_is_away_and_the_others_are_purged(
    client: httpx2.AsyncClient,
) -> None:
    seen: list[str] = []

    async def purge(request: Request) -> Response:
        seen.append(request.headers["xkey"])
        return Response()

    app = Starlette(routes=[Route("/", purge, methods=["PURGE"])])
    async with serve(app) as here:
        driver = varnish(client, f"http://127.0.0.1:{free_port()}", here)
        with pytest.raises(PurgeUnavailableError):
            await driver.purge(["a-aaaa"], new_id())
    assert seen == ["a-aaaa"]


async def test_a_node_that_refuses_the_secret_is_a_rejection(client: httpx2.AsyncClient) -> None:
    async def refuse(_: Request) -> Response:
        return Response(status_code=403)

    app = Starlette(routes=[Route("/", refuse, methods=["PURGE"])])
    async with serve(app) as node:
        with pytest.raises(PurgeRejectedError):
            await varnish(client, node).purge(["a-aaaa"], new_id())


def test_the_longest_batch_for_varnish_fits_its_header_line() -> None:
    longest_tag = "a-" + "x" * 120  # the constraint of the purge table
    line = "xkey: " + " ".join([longest_tag] * Varnish.max_batch)
    assert len(line) < 8 * 1024


async def test_the_webhook_is_signed_and_carries_id_and_tags(
    client: httpx2.AsyncClient, purge_api: PurgeApi
) -> None:
    config = WebhookDriver(name="cdn", kind="webhook", url=purge_api.url, secret=SecretStr(SECRET))
    asked = uuid.uuid4()
    await Webhook(config, client).purge(["a-aaaa", "p-bbbb"], asked)
    verified = Verifier(SECRET).verify(purge_api.bodies[0], purge_api.headers[0])
    assert verified == {"id": str(asked), "tags": ["a-aaaa", "p-bbbb"]}
    assert purge_api.headers[0]["webhook-id"] == str(asked)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_is_done(status: int) -> None:
    raise_unless_done(httpx2.Response(status), who="cdn", now=NOW)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410])
def test_a_refusal_is_a_rejection(status: int) -> None:
    with pytest.raises(PurgeRejectedError):
        raise_unless_done(httpx2.Response(status), who="cdn", now=NOW)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_work_later_says_when(
    status: int, header: str | None, seconds: float | None
) -> None:
    headers = {} if header is None else {"Retry-After": header}
    with pytest.raises(PurgeUnavailableError) as raised:
        raise_unless_done(httpx2.Response(status, headers=headers), who="cdn", now=NOW)
    assert raised.value.retry_after_s == seconds
