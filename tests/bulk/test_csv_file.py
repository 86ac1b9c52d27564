"""A file that is no CSV is refused by line and column, before anything is written."""

from pathlib import Path

import pytest

from catalog.bulk.mapping import CsvMapping
from catalog.bulk.model import UnreadableFileError
from catalog.bulk.rows import MAX_CELL_CHARACTERS, read_raw
from tests.bulk.mapped import THING, mapped

NAME = """
[[attribute]]
code = "name"
attribute_type = "text"
column = "name"
"""


def rows(folder: Path, content: bytes, **form: object) -> list[list[str]]:
    path = folder / "a.csv"
    path.write_bytes(content)
    mapping = CsvMapping.model_validate({"locale": "en", "csv": form, "product": {"sku": "sku"}})
    return [row.cells for row in read_raw(path, mapping)]


@pytest.mark.parametrize(
    ("content", "message", "column"),
    [
        (b'sku,name\n1,"a\n2,b\n', "line 2, column 'name': the quote that opens", "name"),
        (b'sku,name\n1,"a\n2,b\n', "character 3 is not closed before the end", "name"),
        (b'sku,name\n1,"a ""b"" c"d\n', "is closed at line 2, character 13", "name"),
        (b'sku,name\n1,"a\n2,"b"\n', "character 3 is closed at line 3, character 3", "name"),
        (b'sku,"name\n1,a\n', "line 1, cell 2: the quote", None),
    ],
)
def test_a_quote_that_does_not_close_is_found(
    tmp_path: Path, content: bytes, message: str, column: str | None
) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        rows(tmp_path, content)
    assert message in refused.value.message
    assert refused.value.field == column


def test_quotes_may_mean_nothing(tmp_path: Path) -> None:
    assert rows(tmp_path, b'sku,name\n1,24" wide\n2,"a\n', quote="")[1:] == [
        ["1", '24" wide'],
        ["2", '"a'],
    ]


def test_bytes_of_another_encoding_are_found(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        rows(tmp_path, "sku,name\n1,a\n2,für\n".encode("cp1252"))
    assert "line 3, character 4: byte 0xfc is no UTF-8" in refused.value.message
    assert "cp1252" in refused.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path, encoding: str) -> None:
    content = '\ufeff"sku",name\n1,ü\n'.encode(encoding)
    assert rows(tmp_path, content, encoding=encoding) == [["sku", "name"], ["1", "ü"]]


def test_files_joined_to_one_have_their_marks_left_out(tmp_path: Path) -> None:
    assert rows(tmp_path, '\ufeffsku\n1\n\ufeff"2"\n'.encode()) == [["sku"], ["1"], ["2"]]


@pytest.mark.parametrize("header", ["sku,name,name", "sku,name, name ", "name,sku,name"])
def test_a_mapped_column_that_is_there_twice_is_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(UnreadableFileError, match="2 times, as cells") as refused:
        mapped(tmp_path, f"{header}\n1,2,3\n", THING + NAME)
    assert refused.value.field == "name"


def test_other_columns_may_be_there_twice(tmp_path: Path) -> None:
    found = mapped(tmp_path, "sku,name,x,x\n1,Tee,2,3\n", THING + NAME)
    assert found.values("1") == {"name": "Tee"}


def test_headers_are_found_however_they_are_composed(tmp_path: Path) -> None:
    toml = THING + NAME.replace('column = "name"', 'column = "Größe"')
    assert mapped(tmp_path, "sku,Gro\u0308ße \n1,XL\n", toml).values("1") == {"name": "XL"}


def test_a_line_or_a_cell_without_end_is_not_held(tmp_path: Path) -> None:
    most = MAX_CELL_CHARACTERS
    with pytest.raises(UnreadableFileError, match="line 2 has more than 4,194,304 characters"):
        rows(tmp_path, b"sku\n" + b"x" * (most + 1))
    with pytest.raises(UnreadableFileError, match="line 2, column 'sku': the quote that opens"):
        rows(tmp_path, b'sku\n"' + (b"x" * (most // 2) + b"\n") * 3)
