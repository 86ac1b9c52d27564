"""A CSV becomes a catalogue through a mapping file."""

import csv
from pathlib import Path

import pytest

from catalog.bulk.commands import ImportOptions
from catalog.bulk.csv_import import import_csvs
from catalog.bulk.mapping import read_mapping
from catalog.bulk.model import ImportResult, UnreadableFileError
from catalog.changes import Changes
from catalog.db import Pool
from catalog.media.model import PriceInAssetError
from tests.bulk.catalogue import FOUNDATION, NamedIngest, Record, write

MAPPING = """
locale = "en-US"
[csv]
entities = true
[pairs.more]
[product]
sku = "sku"
kind = { column = "sort", map = { simple = "SIMPLE", configurable = "MODEL" } }
family = { column = "set", slug = true }
family_variant = { template = "{set}-by-colour", slug = true }
children = { column = "variants" }
[family]
label = "set"
variants = [{ code = "{family}-by-colour", axes = [["colour"]] }]
[category]
column = "categories"
skip = 1
root = "all"
label = "Everything"
[[attribute]]
code = "name"
attribute_type = "text"
localizable = true
column = "name"
[[attribute]]
code = "colour"
attribute_type = "select"
column = "more.colour"
[[attribute]]
code = "material"
attribute_type = "multiselect"
column = "more.material"
[[attribute]]
code = "weight"
attribute_type = "measurement"
unit = "kg"
column = "weight"
[[attribute]]
code = "price"
attribute_type = "price"
currency = "USD"
column = "price"
[[image]]
column = "image"
role = "hero"
[[image]]
column = "images"
role = "gallery"
separator = ","
[asset]
status = "approved"
values.title.en-US = "{parent.name}, {more.colour}"
[[record]]
type = "locale"
code = "en-US"
name = "English"
[[record]]
type = "channel"
code = "d2c"
name = "Shop of the mapping"
kind = "storefront"
country_rule = "viewer"
usages = ["web"]
default_usage = "web"
locales = ["en-US"]
"""
HEADER = [
    *["sku", "sort", "set", "name", "categories", "more", "weight", "price"],
    *["image", "images", "variants"],
]
RED = ["t-red", "simple", "Top", "Tee-Red", "Root/Men/Tees", "x=0,colour=Red", "0.2", "9"]
BLUE = ["t-blue", "simple", "Top", "Tee-Blue", "Root/Men/Tees", "colour=Sky &amp; Sea", "0.2", "9"]
MODEL = ["t", "configurable", "Top", "Tee", "Root/Men/Tees,Root", "material=Wool|Silk", "", "9"]
ROWS = [
    [*RED, "/r.jpg", "/b.jpg,/s.jpg", ""],
    [*BLUE, "/b.jpg", "", ""],
    [*MODEL, "/r.jpg", "", "sku=t-red,colour=Red|sku=t-blue,colour=Blue"],
]


def write_csv(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return write_mapping(tmp_path, MAPPING)


def write_mapping(folder: Path, toml: str) -> Path:
    path = folder / "mapping.toml"
    path.write_text(toml, "utf-8")
    return path


async def load(path: Path, mapping: Path, pool: Pool, *publish: str) -> ImportResult:
    return await import_csvs(
        [(path, mapping)],
        changes=Changes(pool=pool),
        ingest=NamedIngest(),
        options=ImportOptions(publish=publish),
    )


async def test_rows_become_models_variants_pictures_and_publications(
    pool: Pool, tmp_path: Path, mapping: Path
) -> None:
    result = await load(write_csv(tmp_path / "a.csv", *ROWS), mapping, pool, "d2c")

    assert result.report is None
    expected = {"models": 1, "variants": 2, "assets": 3, "media_associations": 5, "categories": 3}
    assert expected.items() <= result.counts.items()
    assert result.counts["publications"] == 3
    values = await pool.fetch(
        "SELECT attribute, locale, data FROM product_value AS v JOIN product AS p ON p.id = v.owner"
        " WHERE sku = 't-blue' ORDER BY attribute"
    )
    assert [tuple(row) for row in values] == [
        ("colour", None, "sky-sea"),
        ("name", "en-US", "Tee-Blue"),
        ("price", None, {"USD": 9}),
        ("weight", None, {"amount": 0.2, "unit": "kg"}),
    ]
    titles = await pool.fetch(
        "SELECT code, data FROM asset_value JOIN asset ON id = asset ORDER BY code"
    )
    assert [tuple(row) for row in titles] == [
        ("b.jpg", "Tee, Red"),
        ("r.jpg", "Tee"),
        ("s.jpg", "Tee, Red"),
    ]
    labels = await pool.fetch("SELECT label FROM attribute_option WHERE attribute = 'colour'")
    assert {"en-US": "Sky & Sea"} in [row["label"] for row in labels]
    categories = await pool.fetch("SELECT code, path::text FROM category ORDER BY path")
    assert [tuple(row) for row in categories] == [
        ("all", "all"),
        ("men", "all.men"),
        ("men-tees", "all.men.men_tees"),
    ]


async def test_a_second_run_changes_nothing(pool: Pool, tmp_path: Path, mapping: Path) -> None:
    path = write_csv(tmp_path / "a.csv", *ROWS)
    await load(path, mapping, pool, "d2c")
    again = await load(path, mapping, pool, "d2c")
    assert (again.counts["created"], again.counts["updated"], again.rejected) == (0, 0, 0)


async def test_what_the_catalogue_has_already_is_kept(
    pool: Pool, tmp_path: Path, mapping: Path
) -> None:
    await load_foundation(pool, tmp_path)
    result = await load(write_csv(tmp_path / "a.csv", *ROWS), mapping, pool, "d2c")

    assert result.rejected == 0
    assert await pool.fetchval("SELECT name FROM channel") == "Shop"
    options = await pool.fetch("SELECT code FROM attribute_option WHERE attribute = 'colour'")
    assert {row["code"] for row in options} == {"red", "sky-sea"}


async def test_a_stored_attribute_gains_the_decimals_that_the_mapping_allows(
    pool: Pool, tmp_path: Path
) -> None:
    price = {"type": "attribute", "code": "price", "attribute_type": "price"}
    await load_foundation(pool, tmp_path, price)
    toml = MAPPING.replace('currency = "USD"', 'currency = "USD"\ndecimals = 4')
    mapping = write_mapping(tmp_path, toml)
    red, blue, model = ROWS
    rows = [[*red[:7], "1.2999", *red[8:]], blue, model]

    result = await load(write_csv(tmp_path / "a.csv", *rows), mapping, pool)

    assert result.rejected == 0
    prices = await pool.fetch("SELECT data FROM product_value WHERE attribute = 'price'")
    assert {"USD": 1.2999} in [row["data"] for row in prices]


async def load_foundation(pool: Pool, folder: Path, *more: Record) -> None:
    from catalog.bulk.commands import import_file  # noqa: PLC0415 - of this test alone

    path = write(folder / "foundation.jsonl", *FOUNDATION, *more)
    await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest())


async def test_refused_rows_are_a_csv_that_can_be_mended(
    pool: Pool, tmp_path: Path, mapping: Path
) -> None:
    heavy = [*RED[:6], "heavy", "9", "/broken.jpg", "", ""]
    short = ["t-short", "simple"]
    path = write_csv(tmp_path / "a.csv", heavy, short, *ROWS[1:])

    result = await load(path, mapping, pool, "d2c")

    assert result.counts["variants"] == 1
    assert result.report == tmp_path / "a.rejected.csv"
    assert result.report is not None
    header, red, cut, model = read_csv(result.report)
    assert header == [*HEADER, "_rejected", "_message"]
    assert red[:-2] == heavy
    assert "BROKEN_FILE file" in red[-2]
    assert cut[:2] == short
    assert cut[-2] == "INVALID_RECORD"
    assert model[:-2] == ROWS[2]  # its row makes the other a variant
    assert model[-2:] == ["", ""]

    mended = tmp_path / "mended.csv"
    with mended.open("w", newline="") as file:
        csv.writer(file).writerows([header, [*ROWS[0], *red[-2:]], model])
    again = await load(mended, mapping, pool, "d2c")
    assert again.rejected == 0
    kinds = await pool.fetch("SELECT sku, kind FROM product ORDER BY sku")
    assert [tuple(row) for row in kinds] == [
        ("t", "MODEL"),
        ("t-blue", "VARIANT"),
        ("t-red", "VARIANT"),
    ]
    assert await pool.fetchval("SELECT count(*) FROM publication WHERE sku = 't-red'") == 1


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('columns = "x"', "columns"),
        ('[[image]]\ncolumn = "image"\nrole = "cover"', "image.2.role"),
    ],
)
def test_a_mapping_that_says_what_none_can_say_is_refused(
    mapping: Path, line: str, field: str
) -> None:
    text = line + MAPPING if "[[" not in line else MAPPING + line
    mapping.write_text(text, "utf-8")
    with pytest.raises(UnreadableFileError) as refused:
        read_mapping(mapping)
    assert refused.value.field == field


def test_a_price_never_gets_into_the_values_of_assets(mapping: Path) -> None:
    mapping.write_text(MAPPING.replace("{more.colour}", "{price}"), "utf-8")
    with pytest.raises(PriceInAssetError):
        read_mapping(mapping)


async def test_a_column_that_is_missing_is_named(pool: Pool, tmp_path: Path, mapping: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sku,sort\n1,simple\n", "utf-8")
    with pytest.raises(UnreadableFileError) as refused:
        await load(path, mapping, pool)
    assert refused.value.field == "set"


async def test_a_formula_in_a_refused_row_is_harmless_and_can_be_imported_again(
    pool: Pool, tmp_path: Path, mapping: Path
) -> None:
    formula = '=HYPERLINK("http://x")'
    cells = ["+1", "simple", "Top", formula, "", "colour=Red", "-?", "9", "", "", ""]
    result = await load(write_csv(tmp_path / "a.csv", cells), mapping, pool)
    assert result.report is not None
    header, row = read_csv(result.report)
    assert row[:8] == ["'+1", "simple", "Top", f"'{formula}", "", "colour=Red", "'-?", "9"]
    assert row[-2:-1] == ["INVALID_INPUT weight"]

    row[6] = "0.2"
    mended = tmp_path / "mended.csv"
    with mended.open("w", newline="") as file:
        csv.writer(file).writerows([header, row])
    assert (await load(mended, mapping, pool)).rejected == 0
    names = (
        "SELECT sku, data FROM product JOIN product_value ON owner = id WHERE attribute = 'name'"
    )
    assert [tuple(each) for each in await pool.fetch(names)] == [("+1", formula)]


async def test_what_a_rule_refuses_is_told_by_its_columns(
    pool: Pool, tmp_path: Path, mapping: Path
) -> None:
    rows = [[*RED[:-1], "-9", "", "", ""], ["x", "giftcard", *BLUE[2:], "", "", ""]]
    result = await load(write_csv(tmp_path / "a.csv", *rows), mapping, pool)
    assert result.report is not None
    assert [row[-2].split(";")[0] for row in read_csv(result.report)[1:]] == [
        "INVALID_INPUT price",
        "INVALID_RECORD sort",
    ]


async def test_a_report_is_written_as_the_file_is(pool: Pool, tmp_path: Path) -> None:
    path, mapping = tmp_path / "a.csv", tmp_path / "a.toml"
    path.write_bytes('sku;name;date\n1;24" für;1.5.26\n'.encode("cp1252"))
    mapping.write_text(
        MAPPING[: MAPPING.index("[csv]")]
        + '[csv]\nquote = ""\ndelimiter = ";"\nencoding = "cp1252"\n[product]\nsku = "sku"\n'
        + '[[attribute]]\ncode = "made"\nattribute_type = "date"\ncolumn = "date"\n',
        "utf-8",
    )
    result = await load(path, mapping, pool)
    assert result.report is not None
    header, row = result.report.read_text("cp1252").splitlines()
    assert header == "sku;name;date;_rejected;_message"
    assert row.startswith('1;24" für;1.5.26;INVALID_INPUT date')
    assert "'1.5.26' is no date" in row
    assert (await load(result.report, mapping, pool)).rejected == 1


async def test_all_that_is_wrong_with_a_row_is_told_and_what_follows_says_so(
    pool: Pool, tmp_path: Path, mapping: Path
) -> None:
    model = [*MODEL[:-2], "heavy", "-9", "", "", "sku=t-red,colour=Red"]
    path = write_csv(tmp_path / "a.csv", [*RED, "", "", ""], model)
    result = await load(path, mapping, pool)
    assert result.report is not None
    red, refused = read_csv(result.report)[1:]
    assert refused[-2] == "INVALID_INPUT weight; INVALID_INPUT price"
    assert "because line 3 was refused" in red[-1]
