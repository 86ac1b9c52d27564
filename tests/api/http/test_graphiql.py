"""GraphiQL at `/graphql`: where it is wanted, by our own files alone, with examples that work."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest
from graphql import build_schema, parse, validate

from api.app import create_app
from tests.api.shop import Product, Shop
from tests.support.serve import serve
from vitrine.settings import Settings

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "api/http/graphiql/examples").glob("*.graphql"))
ACCEPT = {"Accept": "text/html,application/xhtml+xml;q=0.9"}


@pytest.fixture
async def browser(shop: Shop, settings: Settings) -> AsyncGenerator[httpx2.AsyncClient]:
    assert shop.stage.keys
    app = create_app(settings.model_copy(update={"graphql_ide": True}))
    async with serve(app) as url, httpx2.AsyncClient(base_url=url, headers=ACCEPT) as client:
        yield client


async def test_it_is_shown_only_where_it_is_wanted(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/graphql", headers=ACCEPT)).status_code == 400
    assert (await http.get("/graphql/ide/setup.js")).status_code == 404


async def test_all_that_it_loads_is_ours_and_is_kept(browser: httpx2.AsyncClient) -> None:
    page = await browser.get("/graphql")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "https://media.test" in policy
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) > 6
    for address in addresses:
        if address == "data:,":
            continue
        file = await browser.get(address)
        assert file.status_code == 200
        assert file.headers["content-type"].split(";")[0] in ("text/javascript", "text/css")
        assert "immutable" in file.headers["cache-control"]
        again = await browser.get(address, headers={"If-None-Match": file.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        of_another_version = await browser.get(f"{address}0")
        assert of_another_version.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["page.html", "page.py", "../endpoint.py", "vendor/react.LICENSE"])
async def test_nothing_else_of_its_folder_is_served(browser: httpx2.AsyncClient, path: str) -> None:
    assert (await browser.get(f"/graphql/ide/{path}")).status_code == 404


async def test_whoever_asks_for_json_gets_no_page(
    browser: httpx2.AsyncClient, lamp: Product
) -> None:
    assert lamp
    answer = await browser.get(
        "/graphql", params={"query": "{ __typename }"}, headers={"Accept": "application/json"}
    )
    assert answer.json() == {"data": {"__typename": "Query"}}


def test_each_example_is_of_the_schema_and_is_shown() -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())
    setup = (ROOT / "api/http/graphiql/setup.js").read_text()
    assert len(EXAMPLES) == 3
    for example in EXAMPLES:
        assert validate(schema, parse(example.read_text())) == []
        assert f'file: "{example.name}"' in setup
