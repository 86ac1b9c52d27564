"""What is kept of products weighs about what it takes, in however many contexts it is shown."""

import gc
import tracemalloc

import httpx2
import pytest

from api.app import create_app
from api.request.services import Services
from tests.api.answering import in_process
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute
from tests.support.stage import StagedAsset
from vitrine.settings import Settings

PRODUCTS, MEDIA = 8, 3
COUNTRIES = ("DE", "FR", "AT", "NL", "BE", "IT")
SHOWN = """query @inContext(country: "%s", locale: "%s") { products(first: 50) { nodes {
    sku name description attributes { code label value options { code label } }
    media { role alt asset { id title thumbhash } image(preset: "card") { url }
      picture(preset: "card") { sources { srcset } } } } } }"""


@pytest.fixture
async def shown(shop: Shop) -> list[StagedAsset]:
    """Products in two languages with pictures of their own."""
    names = [f"attribute-{number}" for number in range(8)]
    assets: list[StagedAsset] = []
    for number in range(PRODUCTS):
        attributes = [
            attribute(name, "text", ("en-US", None, f"{name} of {number}"), ("de-DE", None, name))
            for name in ("name", "description", *names)
        ]
        product = await shop.put(Product(f"LAMP-{number}", "SIMPLE"), *attributes)
        for place in range(MEDIA):
            asset = await shop.asset(alt={"en-US": f"Lamp {number}"}, title={"de-DE": "Lampe"})
            await shop.link(product, asset, "gallery", place)
            assets.append(asset)
    return assets


@pytest.mark.parametrize("contexts", [1, len(COUNTRIES)])
async def test_it_weighs_about_what_it_takes(
    settings: Settings, shown: list[StagedAsset], contexts: int
) -> None:
    assert shown
    app = create_app(settings.model_copy(update={"answers_max_mib": 0}))
    async with in_process(app) as http:
        services: Services = app.state.services
        await ask(http, contexts)
        weigh(services)
        tracemalloc.start()
        try:
            for _ in range(2):  # the second time a card is kept, and what has grown is weighed
                await ask(http, contexts)
            weighed = weigh(services)
        finally:
            tracemalloc.stop()
    for name, (said, real) in weighed.items():
        assert 0.75 < said / real < 1.4, f"{name} say {said:,} bytes and take {real:,}"


async def ask(http: httpx2.AsyncClient, contexts: int) -> None:
    for country in COUNTRIES[:contexts]:
        for locale in ("en-US", "de-DE"):
            data = await Client(http).data(SHOWN % (country, locale))
            assert len(data["products"]["nodes"]) == PRODUCTS


def weigh(services: Services) -> dict[str, tuple[int, int]]:
    """Return what each memory says that it holds, and what it then gives back."""
    assert services.cards
    services.published.common.kept.reset()  # what documents hold in common
    found: dict[str, tuple[int, int]] = {}
    for name, kept in (
        ("cards", services.cards.kept),
        ("media", services.media.kept),
        ("documents", services.published.kept),
    ):
        weight = kept.weight
        before = held()
        kept.reset()
        found[name] = weight, before - held()
    return found


def held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
