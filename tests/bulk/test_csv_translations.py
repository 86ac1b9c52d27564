"""What translators send back: texts, beside the keys of products."""

from pathlib import Path

from tests.bulk.mapped import THING, mapped


def test_a_translator_names_the_texts_alone(tmp_path: Path) -> None:
    csv = "sku,English,Deutsch,Français\ntee,Tee,T-Shirt,\nmug,Mug,,Tasse\n"
    toml = """
locale = "en-US"
[csv]
empty = "keep"
[product]
sku = "sku"
[[attribute]]
code = "name"
attribute_type = "text"
localizable = true
columns = [
  { column = "Deutsch", locale = "de-DE" },
  { column = "Français", locale = "fr-FR" },
]
"""
    found = mapped(tmp_path, csv, toml)

    assert found.products["tee"].keys() == {"type", "sku", "values"}  # kind and family are kept
    assert found.values("tee") == {"name@de-DE": "T-Shirt"}
    assert found.values("mug") == {"name@fr-FR": "Tasse"}
    assert found.of("family") == []


def test_a_translator_may_have_a_row_for_each_text(tmp_path: Path) -> None:
    csv = "sku,field,lang,text\ntee,name,de_DE,T-Shirt\ntee,care,de_DE,Kalt\ntee,name,fr_FR,Haut\n"
    attribute = """
[[attribute]]
code = "{0}"
attribute_type = "text"
localizable = true
column = "text"
locale = {{ column = "lang" }}
where = [{{ column = "field", is = ["{0}"] }}]
"""
    toml = THING + attribute.format("name") + attribute.format("care")
    assert mapped(tmp_path, csv, toml).values("tee") == {
        "name@de-DE": "T-Shirt",
        "care@de-DE": "Kalt",
        "name@fr-FR": "Haut",
    }
