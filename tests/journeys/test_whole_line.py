"""From an import to a dark image: what the product is for, in one walk through real processes."""

import io
import json
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.gateway.varnish_rig import needs_varnish
from tests.journeys.house import RunningHouse, run_house
from tests.journeys.tour import walk

WORLDWIDE = {
    "territory": {"include": ["WORLD"]},
    "channels": ["*"],
    "usages": ["*"],
    "valid_from": "2020-01-01",
}

PDP = """
query Pdp($sku: String!) @inContext(market: "US", locale: "en-US", channel: "d2c") {
  product(sku: $sku) {
    name
    media(roles: [HERO, GALLERY]) {
      role alt
      asset { id }
      picture(preset: "gallery", sizes: "100vw") {
        sources { type srcset } src width height
      }
      jpeg: image(preset: "card", width: 320, format: JPEG) { url }
    }
  }
}
"""

WITHDRAW = """
mutation ($id: ID!) {
  withdrawAsset(assetId: $id, awaitDark: true) { darkAt { gateways } errors { code } }
}
"""
REINSTATE = """
mutation ($id: ID!) {
  reinstateAsset(assetId: $id, awaitDark: true) { darkAt { gateways } errors { code } }
}
"""
END_GRANTS = """
mutation ($id: ID!) {
  setGrants(assetId: $id, grants: [], awaitDark: true) { darkAt { gateways } errors { code } }
}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningHouse]:
    with run_house(tmp_path_factory.mktemp("journey") / "home") as running:
        yield running


def write_catalogue(folder: Path) -> Path:
    """Write a small catalogue of one's own: a lamp with two pictures, one of them unlicensed."""
    for name, colour in (("front", "teal"), ("back", "maroon")):
        Image.new("RGB", (1200, 1500), colour).save(folder / f"{name}.png")
    records = [
        {"type": "attribute", "code": "name", "attribute_type": "text", "localizable": True},
        {
            "type": "family",
            "code": "torches",
            "label": {"en-US": "Torches"},
            "attributes": ["name"],
        },
        {
            "type": "product",
            "sku": "TORCH-1",
            "kind": "SIMPLE",
            "family": "torches",
            "values": [{"attribute": "name", "locale": "en-US", "data": "Torch"}],
        },
        *(
            {
                "type": "asset",
                "code": f"torch-{name}",
                "file": f"{name}.png",
                "kind": "image",
                "status": "approved",
                "values": {"title": {"en-US": f"Torch, {name}"}, "alt": {"en-US": "A torch"}},
                "grants": [WORLDWIDE] if name == "front" else [],
            }
            for name in ("front", "back")
        ),
        *(
            {
                "type": "media_association",
                "product": "TORCH-1",
                "asset": f"torch-{name}",
                "role": role,
                "origin": "pim",
            }
            for name, role in (("front", "hero"), ("back", "gallery"))
        ),
        {"type": "publication", "channel": "d2c", "skus": ["TORCH-1"]},
    ]
    path = folder / "torches.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@needs_varnish
def test_a_catalogue_goes_in_and_its_images_come_out_until_the_right_ends(
    house: RunningHouse, tmp_path: Path
) -> None:
    catalogue = write_catalogue(tmp_path)
    first = house.command("import", str(catalogue), "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["assets"] == 2
    again = json.loads(house.command("import", str(catalogue), "--json").stdout)
    assert (again["created"], again["updated"]) == (0, 0)

    product = house.ask(PDP, {"sku": "TORCH-1"})["product"]
    assert [media["role"] for media in product["media"]] == ["HERO"]  # the other has no grant
    (hero,) = product["media"]
    _every_source_is_an_image_of_its_size(house, hero["picture"])

    url, asset = hero["jpeg"]["url"], {"id": hero["asset"]["id"]}
    _is_dark_after(house, url, WITHDRAW, asset, status=410)
    assert house.ask(PDP, {"sku": "TORCH-1"})["product"]["media"] == []

    house.ask(REINSTATE, asset, as_admin=True)
    for at_edge in (False, True):
        moved = house.get(url, at_edge=at_edge)
        assert moved.status_code == 307
        assert house.get(moved.headers["Location"], at_edge=at_edge).status_code == 200
    url = house.ask(PDP, {"sku": "TORCH-1"})["product"]["media"][0]["jpeg"]["url"]
    assert house.get(url, at_edge=True).status_code == 200

    _is_dark_after(house, url, END_GRANTS, asset, status=410)
    assert house.get(url, at_edge=True).json()["code"] == "LICENCE_EXPIRED"

    signed = house.command("sign", "torch-back", "--preset", "card")
    assert signed.returncode == 0, signed.stderr
    for at_edge in (False, True):
        refused = house.get(signed.stdout.strip(), at_edge=at_edge)
        assert (refused.status_code, refused.json()["code"]) == (403, "NO_GRANT")


def _every_source_is_an_image_of_its_size(house: RunningHouse, picture: dict[str, Any]) -> None:
    sources: dict[str, str] = {each["type"]: each["srcset"] for each in picture["sources"]}
    assert {"image/avif", "image/webp"} <= set(sources)
    for mime, srcset in [*sources.items(), ("image/jpeg", f"{picture['src']} {picture['width']}w")]:
        url, _, width = srcset.split(", ")[0].rpartition(" ")
        for at_edge in (False, True, True):
            answer = house.get(url, at_edge=at_edge)
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, mime)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "public" in answer.headers["Cache-Control"]
            with Image.open(io.BytesIO(answer.content)) as image:
                assert f"{image.width}w" == width


def _is_dark_after(
    house: RunningHouse, url: str, mutation: str, asset: dict[str, str], *, status: int
) -> None:
    for at_edge in (False, True, True):
        assert house.get(url, at_edge=at_edge).status_code == 200

    (payload,) = house.ask(mutation, asset, as_admin=True).values()

    assert payload["errors"] == []
    assert payload["darkAt"]["gateways"]
    for at_edge in (False, True):
        assert house.get(url, at_edge=at_edge).status_code == status


@needs_varnish
def test_a_change_clears_the_edge_as_well(house: RunningHouse) -> None:
    query = """
    query @inContext(market: "US", channel: "d2c") {
      products(first: 1, orderBy: {field: SKU, direction: ASC}) {
        nodes { media(roles: [HERO]) { asset { id } image(preset: "card", width: 320) { url } } }
      }
    }
    """
    (node,) = house.ask(query)["products"]["nodes"]
    asset = node["media"][0]["asset"]["id"]
    assert house.get(node["media"][0]["image"]["url"], at_edge=True).status_code == 200

    house.ask(WITHDRAW, {"id": asset}, as_admin=True)

    deadline = 200
    while not house.purged(f"a-{asset}") and deadline:
        deadline -= 1
        house.get("/health/live", at_edge=False)
    assert house.purged(f"a-{asset}")


@needs_varnish
def test_the_tour_of_the_readme_is_as_it_says(house: RunningHouse) -> None:
    steps = walk(house)
    for pasted, printed in steps:
        promised = re.findall(r"^look.*# (\d{3})$", pasted, re.MULTILINE)
        assert re.findall(r"^HTTP/1.1 (\d{3})", printed, re.MULTILINE) == promised, pasted
        assert not re.search(r'"errors": \[\s*\{', printed), printed
    shown, imported, proven = steps[1].printed, steps[-2].printed, steps[-1].printed
    assert json.loads(shown)["data"]["product"]["resolvedLocale"] == "de-DE"
    assert "MUG-2" in imported
    assert "crockery" in imported
    assert "RESTRICTED" in proven
    assert re.search(r"\b0 incidents", proven)
