"""Presets through GraphQL: who may, what a draft is, how it is looked at, what is refused where."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from catalog.delivery.tokens import read_unverified
from catalog.rights.commands import withdraw_asset
from gateway.app import create_app as create_gateway
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute
from tests.support.people import TEST
from tests.support.serve import serve
from tests.support.waiting import eventually
from vitrine.settings import Settings, load_settings

VERSION = """version state servedUntil audience lifetimeSeconds recipe {
  mode ratio { width height } widths formats quality { format percent } background sharpen
  maxBytes }"""
PRESET = f"code current {{ {VERSION} }} draft {{ {VERSION} }} versions {{ version state }}"
PAYLOAD = f"{{ preset {{ {PRESET} }} errors {{ code field message }} }}"
PRESETS = f"{{ presets {{ {PRESET} }} }}"
ONE = f"query ($code: String!) {{ preset(code: $code) {{ {PRESET} }} }}"
SAVE = f"""mutation ($code: String!, $recipe: RecipeInput!, $audience: PresetAudience! = WEB,
  $lifetime: Int! = 86400, $expected: Int) {{ savePresetDraft(code: $code, recipe: $recipe,
  audience: $audience, lifetimeSeconds: $lifetime, expectedVersion: $expected) {PAYLOAD} }}"""
PUBLISH, DISCARD, RETIRE = (
    f"""mutation ($code: String!, $expected: Int) {{
      {name}(code: $code, expectedVersion: $expected) {PAYLOAD} }}"""
    for name in ("publishPreset", "discardPresetDraft", "retirePreset")
)
PREVIEW = """query ($code: String!, $assets: [ID!]!, $version: Int) {
  presetPreview(code: $code, assetIds: $assets, version: $version) {
    asset { id } version { version state } images { url width height format expiresAt } } }"""
CARD_URL = (
    """query { product(sku: "VASE") { hero { image(preset: "card", width: 64) { url } } } }"""
)
BANNER: dict[str, Any] = {
    "mode": "FILL",
    "ratio": {"width": 16, "height": 9},
    "widths": [64, 96],
    "formats": ["WEBP", "JPEG"],
    "quality": [{"format": "JPEG", "percent": 70}],
    "background": "#102030",
    "sharpen": False,
    "maxBytes": 90_000,
}


@pytest.fixture
async def manager(shop: Shop) -> dict[str, str]:
    """The headers of one who manages media and looks at drafts."""
    return await shop.key("manage.media", "preview")


async def change(
    client: Client, headers: dict[str, str], document: str, **variables: object
) -> dict[str, Any]:
    (payload,) = (await client.data(document, variables, headers=headers)).values()
    return payload


async def done(
    client: Client, headers: dict[str, str], document: str, **variables: object
) -> dict[str, Any]:
    payload = await change(client, headers, document, **variables)
    assert payload["errors"] == []
    return payload["preset"]


async def errors(
    client: Client, headers: dict[str, str], document: str, **variables: object
) -> list[tuple[str, str | None]]:
    payload = await change(client, headers, document, **variables)
    assert payload["preset"] is None
    return [(each["code"], each["field"]) for each in payload["errors"]]


def states(preset: dict[str, Any]) -> list[tuple[int, str]]:
    return [(each["version"], each["state"]) for each in preset["versions"]]


async def test_a_preset_is_drafted_published_edited_and_retired(
    client: Client, manager: dict[str, str]
) -> None:
    saved = await done(client, manager, SAVE, code="banner", recipe=BANNER, lifetime=600)
    assert saved["current"] is None
    assert saved["draft"] == {
        "version": 1,
        "state": "DRAFT",
        "servedUntil": None,
        "audience": "WEB",
        "lifetimeSeconds": 600,
        "recipe": BANNER,
    }
    published = await done(client, manager, PUBLISH, code="banner", expected=1)
    assert published["draft"] is None
    assert published["current"]["recipe"] == BANNER
    edited = await done(client, manager, SAVE, code="banner", recipe={"widths": [48]}, expected=1)
    assert states(edited) == [(2, "DRAFT"), (1, "CURRENT")]
    assert edited["draft"]["recipe"] == {
        "mode": "FIT",
        "ratio": None,
        "widths": [48],
        "formats": ["AVIF", "WEBP", "JPEG"],
        "quality": [],
        "background": "#ffffff",
        "sharpen": True,
        "maxBytes": None,
    }
    again = await done(client, manager, PUBLISH, code="banner")
    assert states(again) == [(2, "CURRENT"), (1, "SUPERSEDED")]
    retired = await done(client, manager, RETIRE, code="banner", expected=2)
    assert states(retired) == [(2, "RETIRED"), (1, "SUPERSEDED")]
    assert retired["current"] is None
    listed = (await client.data(ONE, {"code": "banner"}, headers=manager))["preset"]
    assert listed == retired


async def test_the_last_draft_that_is_given_up_leaves_nothing(
    client: Client, manager: dict[str, str]
) -> None:
    await done(client, manager, SAVE, code="banner", recipe=BANNER)
    assert await done(client, manager, DISCARD, code="banner") is None
    assert (await client.data(ONE, {"code": "banner"}, headers=manager))["preset"] is None
    saved = await done(client, manager, SAVE, code="banner", recipe=BANNER)
    assert saved["draft"]["version"] == 2


async def test_every_preset_is_listed_by_code_with_what_it_says(
    client: Client, manager: dict[str, str]
) -> None:
    await done(client, manager, SAVE, code="banner", recipe=BANNER, audience="STAFF")
    listed = (await client.data(PRESETS, headers=manager))["presets"]
    assert [each["code"] for each in listed] == ["banner", "card", "staff-thumb", "thumb"]
    banner, card, staff_thumb, _ = listed
    assert (banner["current"], banner["draft"]["audience"]) == (None, "STAFF")
    assert (card["draft"], card["current"]["recipe"]["ratio"]) == (None, {"width": 4, "height": 5})
    assert staff_thumb["current"]["audience"] == "STAFF"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"widths": []}, "recipe.widths"),
        ({"widths": [96, 64]}, "recipe.widths"),
        ({"widths": [5000]}, "recipe.widths"),
        ({"formats": ["AUTO"]}, "recipe.formats"),
        ({"quality": [{"format": "JPEG", "percent": 101}]}, "recipe.quality"),
        ({"quality": [{"format": "PNG", "percent": 80}]}, "recipe.quality"),
        ({"quality": [{"format": "JPEG", "percent": 1}] * 2}, "recipe.quality"),
        ({"background": "white"}, "recipe.background"),
        ({"ratio": {"width": 0, "height": 1}}, "recipe.ratio"),
        ({"maxBytes": 10}, "recipe.maxBytes"),
    ],
)
async def test_what_a_preset_may_not_say_is_refused_at_its_field(
    client: Client, manager: dict[str, str], wrong: dict[str, Any], field: str
) -> None:
    recipe = BANNER | wrong
    found = await errors(client, manager, SAVE, code="banner", recipe=recipe)
    assert found == [("INVALID_INPUT", field)]
    assert (await client.data(ONE, {"code": "banner"}, headers=manager))["preset"] is None


async def test_all_that_is_wrong_is_told_at_once(client: Client, manager: dict[str, str]) -> None:
    recipe: dict[str, Any] = {"widths": [], "background": "x"}
    found = await errors(client, manager, SAVE, code="Big Banner", recipe=recipe, lifetime=0)
    assert [field for _, field in found] == [
        "code",
        "lifetimeSeconds",
        "recipe.widths",
        "recipe.background",
    ]


async def test_what_another_editor_has_changed_is_not_overwritten(
    client: Client, manager: dict[str, str]
) -> None:
    conflict = [("CONFLICT", "expectedVersion")]
    await done(client, manager, SAVE, code="card", recipe=BANNER, expected=1)
    other = BANNER | {"sharpen": True}
    found = await errors(client, manager, SAVE, code="card", recipe=other, expected=1)
    assert found == conflict
    await done(client, manager, SAVE, code="card", recipe=other, expected=2)
    for document in (PUBLISH, DISCARD):
        assert await errors(client, manager, document, code="card", expected=2) == conflict
    assert await errors(client, manager, RETIRE, code="card", expected=3) == conflict


async def test_what_is_not_there_cannot_be_changed(client: Client, manager: dict[str, str]) -> None:
    for document in (PUBLISH, DISCARD, RETIRE):
        found = await errors(client, manager, document, code="poster")
        assert found == [("NOT_FOUND", "code")]


@pytest.mark.parametrize("scope", ["read", "preview", "manage.rights", "manage.products"])
async def test_presets_are_changed_by_those_alone_who_manage_media(
    client: Client, shop: Shop, scope: str
) -> None:
    headers = await shop.key(scope)
    documents: list[tuple[str, dict[str, Any]]] = [
        (PRESETS, {}),
        (ONE, {"code": "card"}),
        (SAVE, {"code": "card", "recipe": BANNER}),
        (PUBLISH, {"code": "card"}),
        (DISCARD, {"code": "card"}),
        (RETIRE, {"code": "card"}),
    ]
    for document, variables in documents:
        assert await client.code(document, variables, headers=headers) == "FORBIDDEN"
        assert await client.code(document, variables) == "UNAUTHENTICATED"


@pytest.mark.parametrize("scope", ["read", "manage.media", "manage.rights"])
async def test_staff_tokens_are_given_to_those_alone_who_may_preview(
    client: Client, shop: Shop, scope: str
) -> None:
    asset = await shop.asset()
    variables = {"code": "card", "assets": [asset.public_id]}
    assert await client.code(PREVIEW, variables, headers=await shop.key(scope)) == "FORBIDDEN"
    assert await client.code(PREVIEW, variables) == "UNAUTHENTICATED"


async def test_a_draft_is_looked_at_by_staff_urls_that_a_gateway_obeys(
    client: Client,
    shop: Shop,
    manager: dict[str, str],
    settings: Settings,
    gateway_database_url: str,
) -> None:
    licensed, withdrawn = await shop.asset(), await shop.asset()
    async with shop.stage.changes.begin(TEST) as made:
        await withdraw_asset(made, withdrawn.public_id)
    await done(client, manager, SAVE, code="card", recipe=BANNER)
    ids = [withdrawn.public_id, licensed.public_id]
    variables = {"code": "card", "assets": ids}
    previews = (await client.data(PREVIEW, variables, headers=manager))["presetPreview"]

    assert [each["asset"]["id"] for each in previews] == ids
    gateway_settings = load_settings(
        home=settings.home,
        gateway_database_url=gateway_database_url,
        master_key=settings.master_key,
    )
    async with (
        serve(create_gateway(gateway_settings)) as base_url,
        httpx2.AsyncClient(base_url=base_url) as gateway,
    ):
        for preview in previews:
            assert preview["version"] == {"version": 2, "state": "DRAFT"}
            images = preview["images"]
            assert [(each["width"], each["height"], each["format"]) for each in images] == [
                (64, 36, "WEBP"),
                (64, 36, "JPEG"),
                (96, 54, "WEBP"),
                (96, 54, "JPEG"),
            ]
            for image in images:
                path = image["url"].removeprefix("https://media.test")
                answer = await gateway.get(path)
                assert (answer.status_code, answer.headers["Cache-Control"]) == (
                    200,
                    "private, no-store",
                )
                claims = read_unverified(path.partition("?t=")[2])
                assert claims.audience == "staff"
                name = await shop.pool.fetchval(
                    "SELECT name FROM principal WHERE id::text = $1", claims.actor
                )
                assert name.startswith("manage.media+preview")
                ends = datetime.fromisoformat(image["expiresAt"])
                assert ends == claims.expires_at <= datetime.now(UTC) + timedelta(minutes=5)


async def test_any_version_that_is_served_can_be_looked_at_and_no_other(
    client: Client, shop: Shop, manager: dict[str, str]
) -> None:
    asset = await shop.asset()

    async def preview(code: str, version: int | None) -> Any:  # noqa: ANN401 - JSON
        variables = {"code": code, "assets": [asset.public_id], "version": version}
        (one,) = (await client.data(PREVIEW, variables, headers=manager))["presetPreview"]
        return one["version"]

    assert await preview("card", None) == {"version": 1, "state": "CURRENT"}
    await done(client, manager, SAVE, code="card", recipe=BANNER)
    assert await preview("card", None) == {"version": 2, "state": "DRAFT"}
    await done(client, manager, PUBLISH, code="card")
    assert await preview("card", 1) == {"version": 1, "state": "SUPERSEDED"}
    for code, version in (("card", 3), ("poster", None)):
        variables = {"code": code, "assets": [asset.public_id], "version": version}
        assert await client.code(PREVIEW, variables, headers=manager) == "UNKNOWN_PRESET"
    for assets, refused in ((["nothing"], "NOT_FOUND"), ([asset.public_id] * 21, "PAGE_SIZE")):
        variables = {"code": "card", "assets": assets}
        assert await client.code(PREVIEW, variables, headers=manager) == refused


async def test_a_preview_leaves_the_tokens_of_the_web_as_they_are(
    client: Client, shop: Shop, manager: dict[str, str]
) -> None:
    asset = await shop.asset()
    both = """query ($id: ID!) {
      presetPreview(code: "card", assetIds: [$id]) {
        asset { image(preset: "card", width: 64) { url } } images { url } } }"""
    headers = await shop.key("admin")
    (one,) = (await client.data(both, {"id": asset.public_id}, headers=headers))["presetPreview"]
    audiences = [
        read_unverified(url.partition("?t=")[2]).audience
        for url in (one["asset"]["image"]["url"], one["images"][0]["url"])
    ]
    assert audiences == ["web", "staff"]
    assert manager


async def test_urls_are_minted_with_the_current_version_and_never_with_a_draft(
    client: Client, shop: Shop, manager: dict[str, str]
) -> None:
    vase = await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    await shop.link(vase, await shop.asset())

    async def answers(text: str) -> bool:
        return text in str(await client.ask(CARD_URL))

    await done(client, manager, SAVE, code="card", recipe=BANNER)
    assert await answers("/card.1-64/")
    await done(client, manager, PUBLISH, code="card")
    await eventually(lambda: answers("/card.2-64/"))
    await done(client, manager, RETIRE, code="card")
    await eventually(lambda: answers("UNKNOWN_PRESET"))
