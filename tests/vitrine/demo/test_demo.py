import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from vitrine.demo import write_demo

Record = dict[str, Any]
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {
    "svg", "defs", "g", "path", "rect", "ellipse", "linearGradient", "radialGradient", "stop",
    "clipPath",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


@pytest.fixture(scope="module")
def records(folder: Path) -> list[Record]:
    lines = (folder / "demo.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def of_type(records: list[Record], kind: str) -> list[Record]:
    return [record for record in records if record["type"] == kind]


def asset(records: list[Record], code: str) -> Record:
    return next(record for record in of_type(records, "asset") if record["code"] == code)


def test_the_same_bytes_are_written_every_time(folder: Path, tmp_path: Path) -> None:
    again = write_demo(tmp_path / "not" / "yet" / "there")
    first = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    second = {
        p.relative_to(again.parent): p.read_bytes() for p in again.parent.rglob("*") if p.is_file()
    }
    assert first == second


def test_the_shop_has_sixty_cards_in_five_families(records: list[Record]) -> None:
    products = of_type(records, "product")
    cards = [p for p in products if "parent" not in p]
    per_family = Counter(card["family"] for card in cards)
    assert per_family == {"lamps": 11, "chairs": 10, "ceramics": 19, "bags": 9, "knitwear": 11}
    assert {p["kind"] for p in cards} == {"MODEL", "SIMPLE"}
    assert len(of_type(records, "asset")) == 134
    assert [m["code"] for m in of_type(records, "market")] == ["US", "GB", "DE", "FR", "JP"]


def test_every_key_is_said_once(records: list[Record]) -> None:
    keys = Counter(
        (r["type"], r.get("code") or r.get("sku"))
        for r in records
        if r["type"] not in {"media_association", "publication"}
    )
    assert [key for key, count in keys.items() if count > 1] == []
    bound = Counter(
        (r["product"], r["asset"], r["role"]) for r in of_type(records, "media_association")
    )
    assert [key for key, count in bound.items() if count > 1] == []


def names_said(record: Record) -> set[tuple[str, str]]:
    """Collect what a record refers to, as (type, key)."""
    kind = record["type"]
    single = {
        "locale": {"fallback": "locale"},
        "market": {"default_locale": "locale", "parent": "market"},
        "channel": {"category_tree": "category"},
        "category": {"parent": "category"},
        "product": {"family": "family", "family_variant": "family_variant", "parent": "product"},
        "media_association": {"product": "product", "asset": "asset"},
        "publication": {"channel": "channel"},
    }
    several = {
        "channel": {"locales": "locale"},
        "family": {"attributes": "attribute", "required": "channel"},
        "product": {"categories": "category"},
        "asset": {"licences": "licence", "collections": "collection"},
        "publication": {"skus": "product"},
    }
    said = {(to, record[key]) for key, to in single.get(kind, {}).items() if key in record}
    for key, to in several.get(kind, {}).items():
        said |= {(to, name) for name in record.get(key, ())}
    for value in record.get("values", ()) if kind == "product" else ():
        said |= {(k, value[k]) for k in ("attribute", "locale", "market", "channel") if k in value}
    for rule in (*record.get("grants", ()), *record.get("restrictions", ())):
        said |= {("channel", channel) for channel in rule["channels"] if channel != "*"}
        said |= {("licence", rule["licence"])} if "licence" in rule else set()
        places = (*rule["territory"]["include"], *rule["territory"]["exclude"])
        said |= {
            ("territory_set", place) for place in places if len(place) > 2 and place != "WORLD"
        }
    return said


def test_every_record_names_only_what_came_before_it(records: list[Record]) -> None:
    known: set[tuple[str, str]] = set()
    for record in records:
        assert names_said(record) <= known, record
        known.add((record["type"], record.get("code") or record.get("sku", "")))
        known |= {("family_variant", variant["code"]) for variant in record.get("variants", ())}


def test_every_value_is_of_its_family_and_of_its_options(records: list[Record]) -> None:
    attributes = {a["code"]: a for a in of_type(records, "attribute")}
    families = {f["code"]: f for f in of_type(records, "family")}
    for product in of_type(records, "product"):
        for value in product["values"]:
            attribute = attributes[value["attribute"]]
            assert attribute["code"] in families[product["family"]]["attributes"]
            assert "locale" not in value or attribute["localizable"]
            assert "channel" not in value or attribute["scopable"]
            assert "market" not in value or attribute["market_scoped"]
            if attribute["attribute_type"] in {"select", "multiselect"}:
                one = attribute["attribute_type"] == "select"
                chosen: list[str] = [value["data"]] if one else value["data"]
                assert set(chosen) <= {option["code"] for option in attribute["options"]}


def test_every_gtin_is_unique_restricted_and_has_the_right_check_digit(
    records: list[Record],
) -> None:
    gtins = [p["gtin"] for p in of_type(records, "product") if "gtin" in p]
    sold = [p for p in of_type(records, "product") if p["kind"] != "MODEL"]
    assert len(gtins) == len(set(gtins)) == len(sold)
    for gtin in gtins:
        assert len(gtin) == 13
        assert 200 <= int(gtin[:3]) <= 299
        weighted = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(gtin))
        assert weighted % 10 == 0


def test_every_card_has_name_description_and_prices_in_english_and_some_lack_japanese(
    records: list[Record],
) -> None:
    cards = [p for p in of_type(records, "product") if "parent" not in p]
    missing: dict[str, list[str]] = defaultdict(list)
    for card in cards:
        said = {(v["attribute"], v.get("locale")) for v in card["values"]}
        assert {("name", "en-US"), ("description", "en-US"), ("name", "de-DE")} <= said
        price = next(v["data"] for v in card["values"] if v["attribute"] == "price")
        assert set(price) == {"USD", "GBP", "EUR", "JPY"}
        for attribute in ("name", "description"):
            if (attribute, "ja-JP") not in said:
                missing[attribute].append(card["sku"])
    assert "LMP-NOOK" in missing["name"]
    assert "LMP-CLOUD" in missing["description"]
    assert len(missing["description"]) < 15


def test_no_text_is_empty_and_every_picture_has_an_alt_text(records: list[Record]) -> None:
    for product in of_type(records, "product"):
        assert all(value["data"] != "" for value in product["values"])
    for picture in of_type(records, "asset"):
        for texts in picture["values"].values():
            assert texts["en-US"]
            assert texts["de-DE"]
            assert all(text and "{" not in text for text in texts.values())


def test_what_varies_by_colour_owns_a_hero_and_a_swatch(records: list[Record]) -> None:
    roles: dict[str, set[str]] = defaultdict(set)
    for bound in of_type(records, "media_association"):
        roles[bound["product"]].add(bound["role"])
    for product in of_type(records, "product"):
        if any(value["attribute"] == "colour" for value in product["values"]):
            assert {"hero", "swatch"} <= roles[product["sku"]]
        elif "parent" not in product:
            assert "hero" in roles[product["sku"]]
        else:
            assert product["sku"] not in roles  # a size shows the pictures of its colour


def test_every_asset_is_bound_to_a_product_and_drawn_in_a_file(
    records: list[Record], folder: Path
) -> None:
    bound = {m["asset"] for m in of_type(records, "media_association")}
    files = {f"pictures/{p.name}" for p in (folder / "pictures").iterdir()}
    assert {a["code"] for a in of_type(records, "asset")} == bound
    assert {a["file"] for a in of_type(records, "asset")} == files


def test_illustrations_are_plain_shapes_without_text_filters_scripts_or_links(
    folder: Path,
) -> None:
    for path in (folder / "pictures").iterdir():
        root = ET.fromstring(path.read_text("utf-8"))  # noqa: S314 - written by this test
        assert max(int(root.attrib["width"]), int(root.attrib["height"])) == 2000
        names = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
        for element in root.iter():
            assert element.tag.removeprefix(SVG) in DRAWN
            for key, value in element.attrib.items():
                assert "href" not in key
                assert not key.startswith("on")
                if "url(" in value:
                    assert value.removeprefix("url(#").removesuffix(")") in names


@pytest.mark.parametrize(
    ("code", "licence"),
    [
        ("cer-dawn-rose", "worldwide"),
        ("cer-stripe-lake", "eu-without-france"),
        ("chr-perch-ochre", "embargoed"),
        ("lmp-nook-lake", "expiring-soon"),
        ("chr-dune-archive", "expired"),
        ("bag-weekend-catalogue", "print-only"),
        ("knt-slope-ochre", "own-shop-only"),
    ],
)
def test_each_kind_of_licence_is_on_a_picture(
    records: list[Record], code: str, licence: str
) -> None:
    assert asset(records, code)["licences"] == [licence]


def test_rights_beyond_licences_are_on_a_picture_each(records: list[Record]) -> None:
    assert asset(records, "cer-gourd-sage")["restrictions"][0]["territory"]["include"] == ["DE"]
    assert asset(records, "cer-moon-plum")["legal_demand"]["authority_url"].startswith("https://")
    assert asset(records, "lmp-cloud-first-edition")["status"] == "withdrawn"
    assert asset(records, "bag-poco-retouch")["status"] == "draft"
    nothing = asset(records, "cer-butter-chalk")
    assert (nothing["licences"], nothing.get("collections"), nothing.get("grants")) == (
        [],
        None,
        None,
    )
    scene = asset(records, "scene-breakfast")
    assert (scene["licences"], scene["collections"]) == ([], ["lookbook"])


def test_most_pictures_may_be_seen_everywhere(records: list[Record]) -> None:
    pictures = of_type(records, "asset")
    free = [
        a
        for a in pictures
        if (a["licences"] == ["worldwide"] or a.get("collections"))
        and a["status"] == "approved"
        and not {"restrictions", "legal_demand"} & set(a)
    ]
    assert len(pictures) - len(free) == 11


def test_every_exception_to_the_rights_names_a_picture_of_the_shop(records: list[Record]) -> None:
    table = Path(__file__).parents[3] / "vitrine/demo/data/rights.toml"
    codes = [line[2:].split('"')[0] for line in table.read_text().splitlines() if line[:1] == "["]
    assert set(codes) <= {a["code"] for a in of_type(records, "asset")}


def test_drafts_are_published_nowhere_and_one_chair_not_yet(records: list[Record]) -> None:
    published = of_type(records, "publication")
    everywhere = {sku for p in published for sku in p["skus"]}
    assert not {"CER-EMBER", "BAG-LOOP", "KNT-TURTLE"} & everywhere
    assert len(everywhere) == 57
    later = [p for p in published if "visible_from" in p]
    assert [(p["skus"], p["visible_from"]) for p in later] == [(["CHR-ARROW"], "now+3d")]
    assert {p["channel"] for p in published} == {"d2c", "marketplace-a", "marketplace-b", "print"}
    assert all(len(p["skus"]) >= 15 for p in published if p not in later)
