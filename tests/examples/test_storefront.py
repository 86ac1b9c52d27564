"""The shop of `examples/storefront`: pages from the public graph alone, and pages when it fails."""

import itertools
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest
from graphql import build_schema, parse, validate

from catalog.db import Pool
from tests.api.shop import Product
from tests.support.ports import free_port
from tests.support.serve import serve
from tests.support.stage import StagedAsset
from vitrine.demo_shop import load_example, storefront
from vitrine.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
HERE = ROOT / "examples/storefront"


async def test_the_entrance_leads_to_the_market_of_ones_language(
    visitor: httpx2.AsyncClient,
) -> None:
    markets = {"de,en;q=0.8": "DE/de-DE", "en-GB": "US/en-US", "fr": "DE/de-DE"}
    for language, where in markets.items():
        answer = await visitor.get("/", headers={"Accept-Language": language})
        assert answer.status_code == 307
        assert answer.headers["location"] == f"/demo/{where}/"


async def test_a_shop_that_sells_nothing_yet_says_so(
    visitor: httpx2.AsyncClient, pool: Pool
) -> None:
    await pool.execute("DELETE FROM market")
    page = await visitor.get("/")
    assert page.status_code == 200
    assert "Nothing is in this window at the moment." in page.text


async def test_a_list_shows_products_with_pictures_that_move_nothing(
    visitor: httpx2.AsyncClient, vase: StagedAsset, lamp: Product
) -> None:
    assert lamp
    page = await visitor.get("/DE/de-DE/c/table-lamps")
    assert page.status_code == 200
    assert "Tischleuchten</h1>" in page.text
    assert 'href="/demo/DE/de-DE/p/VASE"' in page.text
    assert "Die Vase" in page.text
    types = re.findall(r'<source type="([^"]+)"', page.text)
    assert types == ["image/avif", "image/webp", "image/jpeg", "image/png"]
    (picture,) = re.findall(r'<img src="[^"]+" alt="Eine Vase"[^>]*>', page.text)
    assert f"/demo/seen-from/DE/{vase.public_id}/" in picture
    assert re.search(r'width="\d+" height="\d+"', picture)
    assert "unsafe" not in page.headers["content-security-policy"]


async def test_a_category_without_products_says_so(visitor: httpx2.AsyncClient) -> None:
    page = await visitor.get("/US/en-US/c/floor-lamps")
    assert page.status_code == 200
    assert "Nothing is in this window" in page.text


async def test_a_product_page_holds_what_search_engines_read(
    visitor: httpx2.AsyncClient, base_url: str, vase: StagedAsset
) -> None:
    assert vase
    page = await visitor.get("/DE/de-DE/p/VASE")
    (written,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    query = (
        'query @inContext(market: "DE", locale: "de-DE", channel: "d2c") '
        '{ product(sku: "VASE") { jsonLd } }'
    )
    async with httpx2.AsyncClient() as client:
        answer = await client.post(f"{base_url}/graphql", json={"query": query})
    assert json.loads(written) == answer.json()["data"]["product"]["jsonLd"]
    assert '<p class="story">Thrown by hand</p>' in page.text


async def test_variants_are_chosen_by_links(visitor: httpx2.AsyncClient, lamp: Product) -> None:
    assert lamp
    model = await visitor.get("/US/en-US/p/LAMP")
    assert 'href="/demo/US/en-US/p/LAMP-R"' in model.text
    assert "No picture may be shown here." in model.text
    blue = await visitor.get("/US/en-US/p/LAMP-B")
    chosen = re.findall(r'href="([^"]+)" aria-current="true">\s*(\w+)</a></li>', blue.text)
    assert chosen == [("/demo/US/en-US/p/LAMP-B", "Blue")]


async def test_what_is_not_there_is_a_page_with_the_way_back(visitor: httpx2.AsyncClient) -> None:
    in_a_shop = "/US/en-US/p/NOPE"
    others = ("/US/en-US/c/nope", "/XX/en-US/", "/US/xx-XX/", "/nowhere", "/a/b/c/d")
    for path in (in_a_shop, *others):
        page = await visitor.get(path)
        assert page.status_code == 404
        (back,) = re.findall(r'<a class="button" href="([^"]*)">Back to everything</a>', page.text)
        assert back == ("/demo/US/en-US/" if path == in_a_shop else "/demo/")


async def test_without_the_graph_there_is_a_page_still(tmp_path: Path) -> None:
    async with httpx2.AsyncClient() as client:
        nowhere = f"http://127.0.0.1:{free_port()}"
        shop = storefront(client, load_settings(home=tmp_path), graph=nowhere)
        async with serve(shop) as url:
            page = await client.get(f"{url}/US/en-US/")
    assert page.status_code == 503
    assert "closed for a moment" in page.text


async def test_a_picture_is_refused_to_a_visitor_from_elsewhere(
    visitor: httpx2.AsyncClient, vase: StagedAsset
) -> None:
    assert vase
    page = await visitor.get("/DE/de-DE/p/VASE")
    (address,) = re.findall(r'<img src="/demo([^"]+)" alt="Eine Vase"', page.text)
    seen = await visitor.get(address)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
    in_france = address.replace("/seen-from/DE/", "/seen-from/FR/")
    assert (await visitor.get(in_france)).status_code == 403
    assert (await visitor.get(address.replace("/DE/", "/de/"))).status_code == 404
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert (await visitor.get("/seen-from/DE/metrics")).status_code == 404


async def test_the_form_leads_to_the_same_page_elsewhere(
    visitor: httpx2.AsyncClient, vase: StagedAsset
) -> None:
    assert vase
    chosen = {"market": "DE", "locale": "en-US", "page": "p/VASE", "country": "FR"}
    answer = await visitor.get("/go", params=chosen)
    assert answer.headers["location"] == "/demo/DE/en-US/p/VASE"
    page = await visitor.get("/DE/en-US/p/VASE")
    assert "/demo/seen-from/FR/" in page.text
    assert "may not be shown in France" in page.text
    own = await visitor.get("/go", params=chosen | {"country": ""})
    assert 'country=""' in own.headers["set-cookie"]
    page = await visitor.get("/DE/en-US/p/VASE", headers={"Cookie": 'country="><b'})
    assert "/demo/seen-from/DE/" in page.text


async def test_the_form_leads_to_no_other_place(visitor: httpx2.AsyncClient) -> None:
    for market in ("", "/evil.test", "..", "DE/../.."):
        chosen = {"market": market, "locale": "en-US", "page": ""}
        assert (await visitor.get("/go", params=chosen)).status_code == 404


async def test_a_copy_of_it_shows_pictures_from_where_the_graph_says(
    visitor: httpx2.AsyncClient, base_url: str, settings: Settings, vase: StagedAsset
) -> None:
    media = settings.media_base
    shop = load_example().Shop(client=visitor, graph=f"{base_url}/graphql", media_base=media)
    async with serve(shop.app()) as url:
        page = await visitor.get(f"{url}/DE/de-DE/p/VASE")
        proxied = await visitor.get(f"{url}/seen-from/DE/{vase.public_id}")
    assert f'<img src="{media}/{vase.public_id}/' in page.text
    assert f"img-src 'self' data: {media};" in page.headers["content-security-policy"]
    assert not [each for each in ("/demo", "seen-from", "withdraw", "country") if each in page.text]
    assert proxied.status_code == 404


def test_a_value_leads_to_the_variant_that_keeps_what_is_chosen() -> None:
    def option(code: str, *values: str, value: str | None = None) -> dict[str, Any]:
        named = [{"code": each, "label": each} for each in values]
        return {"code": code, "label": code, "value": value, "values": named}

    both = list(itertools.product(("red", "blue"), ("s", "m")))
    variants = [
        {"sku": f"{c}-{s}", "options": [option("colour", value=c), option("size", value=s)]}
        for c, s in both
    ]
    model: dict[str, Any] = {
        "parent": None,
        "options": [option("colour", "red", "blue"), option("size", "s", "m")],
        "variants": {"nodes": variants},
    }
    chosen = [option("colour", value="blue"), option("size", value="m")]
    variant = {"parent": {"parent": model}, "options": chosen}
    found = load_example().choices_of(variant)
    assert [[(each["sku"], each["is_chosen"]) for each in one["values"]] for one in found] == [
        [("red-m", False), ("blue-m", True)],
        [("blue-s", False), ("blue-m", True)],
    ]


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "written"),
    [
        ("en-US", "1234.50", "USD", "$1,234.50"),
        ("de-DE", "1234.50", "EUR", "1.234,50 €"),
        ("ja-JP", "27800", "JPY", "¥27,800"),
        ("en-US", "5.00", "SEK", "SEK 5.00"),
    ],
)
def test_an_amount_is_written_as_in_its_language(
    locale: str, amount: str, currency: str, written: str
) -> None:
    place = load_example().Place(root="", market="", locale=locale, chosen_country="", markets=())
    assert place.money({"amount": amount, "currency": currency}) == written


def test_its_documents_are_of_the_schema() -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())
    documents = {path.stem: path.read_text() for path in (HERE / "queries").glob("*.graphql")}
    frame = documents.pop("frame")
    assert len(documents) == 3
    for document in documents.values():
        whole = f"{document}\n{frame}" if "...Frame" in document else document
        assert validate(schema, parse(whole)) == []


def test_it_says_the_same_in_each_language() -> None:
    languages = tomllib.loads((HERE / "words.toml").read_text())
    assert {*languages} == {"en", "de", "ja"}
    first = languages["en"]
    assert all({*words} == {*first} for words in languages.values())
    templates = "".join(path.read_text() for path in (HERE / "templates").glob("*.html"))
    assert all(f"words.{name}" in templates for name in {*first} - IN_MESSAGES)


IN_MESSAGES = {"items", "gone", "gone_text", "away", "away_text"}
