"""What a mapping may say, and what it is told when it cannot say that."""

from pathlib import Path

import pytest

from catalog.bulk.known_structure import KnownStructure
from catalog.bulk.mapping import read_mapping
from catalog.bulk.model import UnreadableFileError
from catalog.products.model import Attribute, Family
from tests.bulk.mapped import SCOPES, THING, mapped

TEXT = """
[[attribute]]
code = "name"
attribute_type = "text"
"""
PRICE = """
[[attribute]]
code = "price"
attribute_type = "price"
column = "price"
"""
IMAGE = """
[[image]]
column = "image"
role = "hero"
"""


@pytest.mark.parametrize(
    ("toml", "field", "message"),
    [
        ("[csv]\ndelimeter = ';'", "csv.delimeter", "did you mean delimiter? choose one of"),
        ("[csv]\nencoding = 'utf8000'", "csv.encoding", "cp1252"),
        ("[csv]\ndate = 'tt.mm.jjjj'", "csv.date", "dd.mm.yyyy"),
        ("[csv]\ndecimal = ';'", "csv.decimal", "'.' or ','"),
        ("[csv]\nthousands = '.'", "csv", "say `decimal` along"),
        ("[csv]\ndecimal = ','\nthousands = ','", "csv", "the same sign"),
        ("[attributes]", "attributes", "did you mean attribute?"),
        (TEXT, "attribute.0", "either `column` or `columns`"),
        (TEXT + "column = 'a'\ncolumns = 'b-{locale}'", "attribute.0", "either `column`"),
        (TEXT + "columns = [{ column = 'a', lang = 'de' }]", "attribute.0.columns.0.lang",
         "choose one of channel, column, currency, locale, market, unit"),
        (PRICE, "attribute.0", "name the `currency`"),
        (PRICE + "currency = 'Euro'", "attribute.0", "ISO 4217"),
        (IMAGE + "add = true\nremove = true", "image.0", "choose one of `add` and `remove`"),
        (IMAGE.replace("hero", "cover"), "image.0.role", "'hero', 'gallery'"),
    ],
)  # fmt: skip
def test_a_fault_names_its_key_and_what_there_is(
    tmp_path: Path, toml: str, field: str, message: str
) -> None:
    path = tmp_path / "a.toml"
    path.write_text(THING + toml, "utf-8")
    with pytest.raises(UnreadableFileError) as refused:
        read_mapping(path)
    assert refused.value.field == field
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("header", "toml", "message"),
    [
        ("sku,nom", TEXT + "column = 'name'", "attribute.0: there is no column 'name': choose"),
        ("sku,name-xx", TEXT + "columns = 'name-{locale}'", "[scopes.locale]"),
        ("sku,name", TEXT + "columns = 'name-{locale}'", "no column is called as"),
        ("sku,name", TEXT + "columns = 'name'", "for a single column write `column`"),
        ("sku,w", "[[attribute]]\ncode = 'w'\nattribute_type = 'measurement'\ncolumn = 'w'",
         "`unit_column`"),
    ],
)  # fmt: skip
def test_what_the_file_lacks_is_named_with_what_it_has(
    tmp_path: Path, header: str, toml: str, message: str
) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        mapped(tmp_path, f"{header}\n", THING + toml)
    assert message in refused.value.message


def test_headers_may_name_locale_and_channel(tmp_path: Path) -> None:
    toml = THING + TEXT + "localizable = true\nscopable = true\ncolumns = 'name-{locale}-{channel}'"
    toml += "\n[scopes.channel]\necommerce = 'd2c'\n[scopes.locale]\nxx = ''\n"
    csv = "sku,name-de-DE-print,name-de_DE-ecommerce,name-xx-print\n1,Druck,Netz,none\n"
    assert mapped(tmp_path, csv, toml).values("1") == {
        "name@de-DE@print": "Druck",
        "name@de-DE@d2c": "Netz",
    }


def test_what_the_mapping_leaves_out_the_stored_attribute_says(tmp_path: Path) -> None:
    stored = Attribute(code="name", attribute_type="text", localizable=True)
    known = KnownStructure(attributes={"name": stored}, scopes=SCOPES)
    toml = THING + TEXT + "column = 'name'"
    assert mapped(tmp_path, "sku,name\n1,Tee\n", toml, known).values("1") == {"name@en-US": "Tee"}
    with pytest.raises(UnreadableFileError, match=r"attribute\.0\.localizable: the catalogue has"):
        mapped(tmp_path, "sku,name\n1,Tee\n", f"{toml}\nlocalizable = false", known)


def test_options_and_categories_that_are_stored_are_not_made_anew(tmp_path: Path) -> None:
    toml = THING + TEXT.replace('"text"', '"select"') + "column = 'size'\n"
    toml += "options = [{ code = 'given', label = { en-US = 'As given' } }]\n"
    toml += "[category]\ncolumn = 'cat'\nroot = 'master'\n"
    known = KnownStructure(
        options={"name": {"x_l": {"en-US": "Extra large"}, "given": {"en-US": "As given"}}},
        categories={"master": (None, {}), "digital_cameras": ("master", {"en-US": "Cameras"})},
        scopes=SCOPES,
    )
    csv = "sku,size,cat\n1,x_l,digital_cameras\n2,Extra large,Cameras\n3,as given,Lamps\n"
    found = mapped(tmp_path, csv, toml, known)

    assert [found.values(sku)["name"] for sku in "123"] == ["x_l", "x_l", "given"]
    categories = [found.products[sku]["categories"] for sku in "123"]
    assert categories == [["digital_cameras"], ["digital_cameras"], ["lamps"]]
    assert [each["code"] for each in found.of("category")] == ["master", "digital_cameras", "lamps"]


def test_rows_of_one_product_are_put_together(tmp_path: Path) -> None:
    toml = THING + TEXT + "column = 'name'\n" + PRICE + "currency = { column = 'cur' }\n"
    toml += "[[attribute]]\ncode = 'look'\nattribute_type = 'multiselect'\ncolumn = 'look'\n"
    csv = "sku,name,price,cur,look\n1,Tee,5,EUR,Plain\n2,Mug,7,EUR,\n1,,6,USD,Round\n1,,,,\n"
    csv = csv.replace("1,,,,\n", "1,Tee,,EUR,\n")
    found = mapped(tmp_path, csv, toml)

    assert found.refused == []
    assert found.values("1") == {
        "name": "Tee",
        "price": {"EUR": 5, "USD": 6},
        "look": ["plain", "round"],
    }


def test_rows_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    toml = THING + TEXT + "column = 'name'\n"
    found = mapped(tmp_path, "sku,name\n1,Tee\n2,Mug\n1,Shirt\n", toml)
    assert found.faults == [(4, "name")]
    assert "line 2 says 'Tee'" in found.refused[0].message
    assert list(found.products) == ["2"]


CLEARED = {"name": None, "price": {"EUR": None}}


EMPTY_CELLS: list[tuple[str, dict[str, object]]] = [
    ("", {"values": CLEARED, "gtin": "", "sets": [[]], "categories": []}),
    ("[csv]\nempty = 'keep'", {"values": {}, "sets": []}),
    (
        "[csv]\nempty = 'keep'\nnull = ['-']",
        {"values": {"price": {"EUR": None}}, "gtin": "", "sets": []},
    ),
]


@pytest.mark.parametrize(("form", "says"), EMPTY_CELLS)
def test_one_rule_for_all_empty_cells(tmp_path: Path, form: str, says: dict[str, object]) -> None:
    toml = THING + "gtin = 'ean'\n" + form + TEXT + "column = 'name'\n" + PRICE
    toml += "currency = 'EUR'\n" + IMAGE + "[category]\ncolumn = 'cat'\nroot = 'all'\n"
    cells = "1,,-,-,," if "null" in form else "1,,,,,"
    found = mapped(tmp_path, f"sku,name,price,ean,image,cat\n{cells}\n", toml)

    assert found.values("1") == says["values"]
    assert found.products["1"].get("gtin") == says.get("gtin")
    assert [each["assets"] for each in found.of("media_set")] == says["sets"]
    assert found.products["1"].get("categories") == says.get("categories")


def test_lists_may_be_added_to_or_taken_from(tmp_path: Path) -> None:
    toml = THING + "replace_values = true\n" + IMAGE + "remove = true\n"
    toml += "[category]\ncolumn = 'cat'\nroot = 'all'\nadd = true\n"
    found = mapped(tmp_path, "sku,image,cat\n1,a.png,Sale\n", toml)

    assert found.products["1"]["categories"] == {"add": ["sale"]}
    assert found.products["1"]["replace_values"] is True
    assert [each["assets"] for each in found.of("media_set")] == [{"remove": ["a.png"]}]
    assert found.of("asset") == []


def test_a_stored_family_gains_attributes_only_where_the_mapping_says_so(tmp_path: Path) -> None:
    stored = {"thing": Family(code="thing", attributes=("weight",))}
    toml = THING + TEXT + "column = 'name'\n"
    added = toml + "[family]\nadd_attributes = true\n"
    kept = mapped(tmp_path, "sku,name\n1,Tee\n", toml, families=stored).of("family")
    gained = mapped(tmp_path, "sku,name\n1,Tee\n", added, families=stored).of("family")
    assert [each.get("keep_stored") for each in kept] == [True]
    assert gained[1]["attributes"] == ["weight", "name"]


def test_pictures_have_one_code_however_they_are_spelled(tmp_path: Path) -> None:
    found = mapped(tmp_path, "sku,image\n1,Mu\u0308ller.png\n2,M\u00fcller.png\n", THING + IMAGE)
    assert [each["code"] for each in found.of("asset")] == ["M\u00fcller.png"]


def test_two_families_never_share_a_code(tmp_path: Path) -> None:
    toml = THING.replace('{ constant = "thing" }', '{ column = "set", slug = true }')
    found = mapped(tmp_path, "sku,set\n1,Tops\n2,Tops+\n3,TOPS\n", toml)
    assert found.faults == [(3, "set")]
    assert list(found.products) == ["1", "3"]


def test_another_delimiter_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="if ';' separates them"):
        mapped(tmp_path, "sku;name\n1;Tee\n", THING)


def test_a_mapping_may_spell_its_columns_in_either_form(tmp_path: Path) -> None:
    toml = THING + TEXT + "column = 'Gro\u0308ße'\n"
    assert mapped(tmp_path, "sku,Gr\u00f6ße\n1,XL\n", toml).values("1") == {"name": "XL"}


def test_models_may_be_below_models(tmp_path: Path) -> None:
    toml = THING + "kind = 'kind'\nparent = 'up'\n"
    found = mapped(tmp_path, "sku,kind,up\nv,SIMPLE,b\nb,MODEL,a\na,MODEL,\n", toml)
    named = {sku: (each["kind"], each.get("parent")) for sku, each in found.products.items()}
    assert named == {"v": ("VARIANT", "b"), "b": ("MODEL", "a"), "a": ("MODEL", None)}
