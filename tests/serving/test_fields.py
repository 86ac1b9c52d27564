"""Header lines of one name are one list, and of some names there may be one line only."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serving.etags import is_still
from serving.fields import BadFieldsError, Lines, one_line_each
from serving.middleware import RequestMiddleware
from tests.support.serve import serve

HOST = (b"host", b"media")


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ([HOST], [HOST]),
        ([HOST, (b"accept", b"a"), (b"accept", b"b;q=1, c")], [HOST, (b"accept", b"a, b;q=1, c")]),
        ([(b"x", b"1"), HOST, (b"x", b"2"), (b"x", b"3")], [(b"x", b"1, 2, 3"), HOST]),
        ([HOST, (b"cookie", b"a=1"), (b"cookie", b"b=2")], [HOST, (b"cookie", b"a=1; b=2")]),
    ],
)
def test_lines_of_one_name_are_one_list_in_their_order(lines: Lines, joined: Lines) -> None:
    assert one_line_each(lines) == joined


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [HOST, HOST],
        [HOST, (b"host", b"another")],
        *([HOST, (name, b"a"), (name, b"b")] for name in (b"authorization", b"content-type")),
        *([HOST, (name, b"DE"), (name, b"FR")] for name in (b"cf-ipcountry", b"vitrine-market")),
        [HOST, (b"x-vitrine-leg", b"a"), (b"x-vitrine-leg", b"a")],
    ],
)
def test_two_lines_of_what_is_no_list_and_no_host_are_refused(lines: Lines) -> None:
    with pytest.raises(BadFieldsError):
        one_line_each(lines, single={b"cf-ipcountry"})


def test_a_request_of_http_1_0_needs_no_host() -> None:
    assert one_line_each([], needs_host=False) == []


@pytest.mark.parametrize(
    ("named", "holds"),
    [('"a"', True), ('"b", "a"', True), ("*", True), ('W/"a"', False), ('"b"', False), ("", False)],
)
def test_a_precondition_compares_strongly(named: str, *, holds: bool) -> None:
    assert is_still(named, '"a"') is holds


async def test_every_process_reads_lines_so() -> None:
    async def tell(request: Request) -> Response:
        return JSONResponse(request.headers.getlist("accept"))

    app = Starlette(
        routes=[Route("/", tell)],
        middleware=[Middleware(RequestMiddleware, single=["CF-IPCountry"])],
    )
    async with serve(app) as base, httpx2.AsyncClient(base_url=base) as client:
        joined = await client.get("/", headers=[("Accept", "a"), ("accept", "b")])
        assert joined.json() == ["a, b"]
        refused = await client.get("/", headers=[("CF-IPCountry", "DE"), ("CF-IPCountry", "FR")])
        assert (refused.status_code, refused.json()["code"]) == (400, "BAD_REQUEST")
