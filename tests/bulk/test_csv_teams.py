"""The files that teams have: exports of Akeneo, Shopify, Magento and an ERP, translations."""

from pathlib import Path

from catalog.bulk.commands import ImportOptions, import_file
from catalog.bulk.csv_import import import_csvs
from catalog.bulk.model import ImportResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.principal import COMMAND_LINE
from tests.bulk.catalogue import FOUNDATION, NamedIngest, Record, write
from tests.bulk.mapped import mapped

AKENEO_MODELS = """code;family_variant;categories;name-de_DE;name-en_US
tee;clothing_color_size;men_tees,sale;T-Shirt;Tee
"""
AKENEO_PRODUCTS = """sku;family;parent;color;name-de_DE;price-EUR;price-USD;weight;weight-unit
tee-red;clothing;tee;red;;19.90;21.00;0.2000;KILOGRAM
tee-blue;clothing;tee;sky_blue;;;;;
mug;ceramics;;;Becher;8.00;;300;GRAM
"""
AKENEO = """
locale = "en-US"
[csv]
delimiter = ";"
[product]
sku = "SKU"
MORE
[family]
variants = [{ code = "clothing_color_size", axes = [["color"]] }]
[[attribute]]
code = "name"
attribute_type = "text"
localizable = true
columns = "name-{locale}"
[[attribute]]
code = "color"
attribute_type = "select"
families = ["clothing"]
"""
GERMAN = """
[[record]]
type = "locale"
code = "de-DE"
name = "Deutsch"
"""
MODELS_OWN = """
kind = { constant = "MODEL" }
family = { constant = "clothing" }
family_variant = "family_variant"
[category]
column = "categories"
root = "master"
"""
PRODUCTS_OWN = """
[[attribute]]
code = "price"
attribute_type = "price"
columns = "price-{currency}"
[[attribute]]
code = "weight"
attribute_type = "measurement"
column = "weight"
unit_column = { column = "weight-unit", map = { KILOGRAM = "kg", GRAM = "g" } }
"""
AKENEO_MODELS_MAPPING = (
    AKENEO.replace("SKU", "code").replace("MORE", MODELS_OWN) + "columns = []\n" + GERMAN
)
AKENEO_PRODUCTS_MAPPING = (
    AKENEO
    .replace("SKU", "sku")
    .replace("MORE", 'family = "family"\nparent = "parent"')
    .replace("[family]\n", "[family]\nadd_attributes = true\n")
    + 'column = "color"\n'
    + PRODUCTS_OWN
    + GERMAN
)


async def load(folder: Path, name: str, csv: str, toml: str, pool: Pool) -> ImportResult:
    path, mapping = folder / f"{name}.csv", folder / f"{name}.toml"
    path.write_text(csv, "utf-8")
    mapping.write_text(toml, "utf-8")
    return await import_csvs(
        [(path, mapping)],
        changes=Changes(pool=pool),
        ingest=NamedIngest(),
        options=ImportOptions(actor=COMMAND_LINE),
    )


async def load_foundation(folder: Path, pool: Pool, *more: Record) -> None:
    path = write(folder / "foundation.jsonl", *FOUNDATION, *more)
    await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest())


async def test_akeneo_has_its_models_in_a_file_of_their_own(pool: Pool, tmp_path: Path) -> None:
    stored: list[Record] = [
        {"type": "category", "code": "master"},
        {"type": "category", "code": "apparel", "parent": "master"},
        {"type": "category", "code": "men_tees", "parent": "apparel"},
    ]
    await load_foundation(tmp_path, pool, *stored)
    models = await load(tmp_path, "models", AKENEO_MODELS, AKENEO_MODELS_MAPPING, pool)
    products = await load(tmp_path, "products", AKENEO_PRODUCTS, AKENEO_PRODUCTS_MAPPING, pool)

    assert (models.rejected, products.rejected) == (0, 0)
    assert (models.counts["models"], products.counts["variants"]) == (1, 2)
    values = await pool.fetch(
        "SELECT sku, attribute, locale, data FROM product_value AS v"
        " JOIN product AS p ON p.id = v.owner ORDER BY sku, attribute, locale"
    )
    assert [tuple(row) for row in values] == [
        ("mug", "name", "de-DE", "Becher"),
        ("mug", "price", None, {"EUR": 8}),
        ("mug", "weight", None, {"amount": 300, "unit": "g"}),
        ("tee", "name", "de-DE", "T-Shirt"),
        ("tee", "name", "en-US", "Tee"),
        ("tee-blue", "color", None, "sky_blue"),
        ("tee-red", "color", None, "red"),
        ("tee-red", "price", None, {"EUR": 19.9, "USD": 21}),
        ("tee-red", "weight", None, {"amount": 0.2, "unit": "kg"}),
    ]
    families = await pool.fetch(
        "SELECT family, attribute FROM family_attribute WHERE family <> 'shoes' ORDER BY 1, 2"
    )
    assert ("ceramics", "color") not in {tuple(row) for row in families}
    assert ("clothing", "weight") in {tuple(row) for row in families}
    codes = await pool.fetch("SELECT category FROM product_category ORDER BY category")
    assert [row["category"] for row in codes] == ["men_tees", "sale"]
    parents = await pool.fetch("SELECT code, parent FROM category WHERE tree = 'master'")
    assert {row["code"]: row["parent"] for row in parents} == {
        "master": None,
        "apparel": "master",
        "men_tees": "apparel",
        "sale": "master",
    }


CDN = "https://cdn.example/files"
SHOPIFY = f"""Handle,Title,Type,Option1 Value,Variant SKU,Variant Price,Image Src,Variant Image
tee,Tee,Shirts,Red,tee-red,19.90,{CDN}/tee%20front.jpg?v=1,{CDN}/red.jpg
tee,,,Blue,tee-blue,19.90,{CDN}/tee-back.jpg?v=1,
tee,,,,,,{CDN}/tee-side.jpg,
mug,Mug,Cups,Default Title,mug-1,8.00,{CDN}/mug.jpg,
mug,,,,,,{CDN}/mug-2.jpg,
"""
SHOPIFY_MAPPING = """
locale = "en-US"
[model]
sku = "Handle"
family_variant = { constant = "goods-by-colour" }
where = [{ column = "Option1 Value", is_not = ["Default Title"] }]
[product]
sku = "Variant SKU"
family = { constant = "goods" }
[family]
variants = [{ code = "goods-by-colour", axes = [["colour"]] }]
[category]
column = "Type"
root = "all"
[[attribute]]
code = "name"
attribute_type = "text"
localizable = true
column = "Title"
[[attribute]]
code = "colour"
attribute_type = "select"
column = "Option1 Value"
kinds = ["VARIANT"]
[[attribute]]
code = "price"
attribute_type = "price"
currency = "EUR"
column = "Variant Price"
kinds = ["VARIANT", "SIMPLE"]
[[image]]
column = "Image Src"
role = "gallery"
basename = true
[[image]]
column = "Variant Image"
role = "hero"
basename = true
kinds = ["VARIANT"]
"""


def test_shopify_has_a_row_for_each_variant_and_picture(tmp_path: Path) -> None:
    found = mapped(tmp_path, SHOPIFY, SHOPIFY_MAPPING)

    assert found.refused == []
    kinds = {sku: (each["kind"], each.get("parent")) for sku, each in found.products.items()}
    assert kinds == {
        "tee": ("MODEL", None),
        "tee-red": ("VARIANT", "tee"),
        "tee-blue": ("VARIANT", "tee"),
        "mug-1": ("SIMPLE", None),
    }
    assert found.values("tee") == {"name@en-US": "Tee"}
    assert found.values("tee-red") == {"colour": "red", "price": {"EUR": 19.9}}
    assert found.values("mug-1") == {"name@en-US": "Mug", "price": {"EUR": 8}}
    assert found.products["tee"]["categories"] == ["shirts"]
    assert {(each["product"], each["role"]): each["assets"] for each in found.of("media_set")} == {
        ("tee", "gallery"): ["tee front.jpg", "tee-back.jpg", "tee-side.jpg"],
        ("mug-1", "gallery"): ["mug.jpg", "mug-2.jpg"],
        ("tee-red", "hero"): ["red.jpg"],
        ("tee-blue", "hero"): [],
    }


MAGENTO = """sku,store_view_code,product_type,name,visibility,base_image
tee,,simple,Tee,Catalog,/t/e/tee.jpg
tee,german,simple,T-Shirt,,
tee,klingon,simple,yIH,,
gift,,giftcard,Gift,Catalog,
"""
MAGENTO_MAPPING = """
locale = "en-US"
[csv]
empty = "keep"
null = "__EMPTY__VALUE__"
[[where]]
column = "product_type"
is = ["simple", "configurable"]
[scopes.locale]
german = "de-DE"
klingon = ""
[product]
sku = "sku"
family = { constant = "goods" }
[[attribute]]
code = "name"
attribute_type = "text"
localizable = true
column = "name"
locale = { column = "store_view_code" }
[[attribute]]
code = "visibility"
attribute_type = "select"
column = "visibility"
[[image]]
column = "base_image"
role = "hero"
"""


def test_magento_has_a_row_for_each_store_view(tmp_path: Path) -> None:
    found = mapped(tmp_path, MAGENTO, MAGENTO_MAPPING)

    assert found.refused == []
    assert list(found.products) == ["tee"]
    assert found.values("tee") == {
        "name@en-US": "Tee",
        "name@de-DE": "T-Shirt",
        "visibility": "catalog",
    }
    assert [each["assets"] for each in found.of("media_set")] == [["t/e/tee.jpg"]]


def test_magento_has_a_text_for_no_value(tmp_path: Path) -> None:
    csv = MAGENTO.replace("Tee,Catalog", "__EMPTY__VALUE__,")
    assert mapped(tmp_path, csv, MAGENTO_MAPPING).values("tee") == {
        "name@en-US": None,
        "name@de-DE": "T-Shirt",
    }


ERP = """Artikel;Bezeichnung;VK-Preis;Gewicht;Lieferbar ab;Aktiv;EAN
4711;Großer Becher, blau;1.299,00;0,35;01.05.2026;ja;4006381333931
"""
ERP_MAPPING = """
locale = "de-DE"
[csv]
delimiter = ";"
encoding = "cp1252"
decimal = ","
date = "dd.mm.yyyy"
yes = "ja"
no = "nein"
[product]
sku = "Artikel"
family = { constant = "goods" }
gtin = "EAN"
[[attribute]]
code = "name"
attribute_type = "text"
localizable = true
column = "Bezeichnung"
[[attribute]]
code = "price"
attribute_type = "price"
currency = "EUR"
column = "VK-Preis"
market = "DE"
market_scoped = true
[[attribute]]
code = "weight"
attribute_type = "measurement"
unit = "kg"
column = "Gewicht"
[[attribute]]
code = "from"
attribute_type = "date"
column = "Lieferbar ab"
[[attribute]]
code = "active"
attribute_type = "boolean"
column = "Aktiv"
"""


def test_a_german_list_is_read_by_its_own_rules(tmp_path: Path) -> None:
    found = mapped(tmp_path, ERP.encode("cp1252"), ERP_MAPPING)

    assert found.refused == []
    assert found.values("4711") == {
        "name@de-DE": "Großer Becher, blau",
        "price@DE": {"EUR": 1299},
        "weight": {"amount": 0.35, "unit": "kg"},
        "from": "2026-05-01",
        "active": True,
    }
    assert found.products["4711"]["gtin"] == "4006381333931"


def test_what_a_list_writes_by_another_rule_is_refused_with_its_columns(tmp_path: Path) -> None:
    csv = ERP.replace("1.299,00", "1,299.00").replace("0,35", "0.35").replace("ja", "evtl.")
    found = mapped(tmp_path, csv.encode("cp1252"), ERP_MAPPING)

    assert found.faults == [(2, "VK-Preis"), (2, "Gewicht"), (2, "Aktiv")]
    assert found.products == {}


TEXTS_MAPPING = """
locale = "en-US"
[product]
sku = "Variant"
[[attribute]]
code = "name"
attribute_type = "text"
localizable = true
column = "Deutsch"
"""


async def test_shopify_rows_become_products_that_a_second_run_leaves_alone(
    pool: Pool, tmp_path: Path
) -> None:
    await load_foundation(tmp_path, pool)
    first = await load(tmp_path, "shop", SHOPIFY, SHOPIFY_MAPPING, pool)
    assert (first.rejected, first.counts["variants"], first.counts["simples"]) == (0, 2, 1)
    again = await load(tmp_path, "shop", SHOPIFY, SHOPIFY_MAPPING, pool)
    assert (again.counts["created"], again.counts["updated"], again.rejected) == (0, 0, 0)

    texts = "Variant,Deutsch\nnope,Nichts\n"
    unknown = await load(tmp_path, "texts", texts, TEXTS_MAPPING, pool)
    assert unknown.report is not None
    row = unknown.report.read_text("utf-8-sig").splitlines()[1]
    assert row.startswith("nope,Nichts,INVALID_INPUT Variant,there is no product 'nope'")
