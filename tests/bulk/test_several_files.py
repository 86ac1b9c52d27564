"""Files of one command are one import: what one names may stand in any other."""

import csv
from pathlib import Path

import pytest

from catalog.bulk.commands import ImportOptions, import_file, import_files
from catalog.bulk.csv_import import import_csvs
from catalog.bulk.model import ImportResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import InvalidInputError, UnavailableError
from catalog.media.model import IngestedFile
from tests.bulk.catalogue import FOUNDATION, NamedIngest, asset, hero, product, read, write
from vitrine.commands.imports import paired

COMMON = """
locale = "en-US"
[[record]]
type = "locale"
code = "en-US"
name = "English"
"""
MODELS = f"""{COMMON}
[product]
sku = "code"
kind = {{ constant = "MODEL" }}
family = "family"
family_variant = {{ constant = "by-colour" }}
[[attribute]]
code = "name"
attribute_type = "text"
localizable = true
column = "name"
"""
VARIANTS = f"""{COMMON}
[product]
sku = "sku"
family = "family"
parent = "model"
[family]
variants = [{{ code = "by-colour", axes = [["colour"]] }}]
[[attribute]]
code = "colour"
attribute_type = "select"
column = "colour"
[[attribute]]
code = "name"
attribute_type = "text"
columns = []
[[image]]
column = "picture"
role = "hero"
"""


def files(folder: Path, models: str = "tee") -> dict[str, tuple[Path, Path]]:
    """Write models and their variants, each with its mapping, into folders of their own."""
    found: dict[str, tuple[Path, Path]] = {}
    for name, toml, text in (
        ("models", MODELS, f"code,family,name\n{models},tops,Tee\n"),
        ("variants", VARIANTS, "sku,family,model,colour,picture\ntee-red,tops,tee,Red,red.jpg\n"),
    ):
        home = folder / name
        home.mkdir()
        (home / "it.csv").write_text(text, "utf-8")
        (home / "it.toml").write_text(toml, "utf-8")
        found[name] = home / "it.csv", home / "it.toml"
    return found


class WatchingIngest(NamedIngest):
    """Remembers the folders of the files, and stops at one that the store cannot be asked for."""

    def __init__(self, last: str | None = None) -> None:
        super().__init__()
        self.folders: set[str] = set()
        self._last = last

    async def __call__(self, path: Path) -> IngestedFile:
        if path.name == self._last:
            raise UnavailableError("the store does not answer")
        self.folders.add(path.parent.name)
        return await super().__call__(path)


async def load(pool: Pool, *mapped: tuple[Path, Path]) -> tuple[ImportResult, WatchingIngest]:
    ingest = WatchingIngest()
    return await import_csvs(mapped, changes=Changes(pool=pool), ingest=ingest), ingest


@pytest.mark.parametrize("order", [("models", "variants"), ("variants", "models")])
async def test_models_and_variants_come_in_files_of_their_own_in_any_order(
    pool: Pool, tmp_path: Path, order: tuple[str, str]
) -> None:
    mapped = [files(tmp_path)[name] for name in order[:1]]
    mapped += [(tmp_path / name / "it.csv", tmp_path / name / "it.toml") for name in order[1:]]
    result, ingest = await load(pool, *mapped)

    assert (result.rejected, result.reports) == (0, [])
    expected = {"models": 1, "variants": 1, "assets": 1, "media_associations": 1}
    assert expected.items() <= result.counts.items()
    assert ingest.folders == {"variants"}  # pictures are named from the folder of their file
    attributes = await pool.fetch("SELECT attribute FROM family_attribute WHERE family = 'tops'")
    assert {row["attribute"] for row in attributes} == {"name", "colour"}
    again, _ = await load(pool, *mapped)
    assert (again.counts["created"], again.counts["updated"]) == (0, 0)


async def test_what_is_refused_goes_to_the_report_of_its_file(pool: Pool, tmp_path: Path) -> None:
    mapped = files(tmp_path, models=" tee" * 60)  # longer than a sku may be
    (tmp_path / "variants" / "it.csv").write_text(
        f"sku,family,model,colour,picture\ntee-red,tops,{('tee ' * 60).strip()},Red,\n,,,,x.jpg\n",
        "utf-8",
    )
    result, _ = await load(pool, mapped["variants"], mapped["models"])

    models, variants = mapped["models"][0], mapped["variants"][0]
    unread, model, variant, *_ = result.refused
    assert (unread.file, unread.line) == (str(variants), 3)
    assert (model.file, model.line, model.field) == (str(models), 2, "code")
    assert (variant.file, variant.line, variant.field) == (str(variants), 2, "model")
    assert f"because line 2 of {models} was refused" in variant.message
    reports = [each.with_name("it.rejected.csv") for each in (variants, models)]
    assert list(result.reports) == reports
    rows = [list(csv.reader(each.read_text("utf-8-sig").splitlines()))[1:] for each in reports]
    assert [len(each) for each in rows] == [2, 1]
    assert "because line 2 of" in rows[0][0][-1]
    assert not reports[0].with_name(f".{reports[0].name}.unfinished").exists()


async def test_a_row_with_a_wrong_cell_may_name_what_the_same_command_brings(
    pool: Pool, tmp_path: Path
) -> None:
    mapped = files(tmp_path)
    csv_path, mapping = mapped["variants"]
    weight = '[[attribute]]\ncode = "weight"\nattribute_type = "number"\ncolumn = "weight"\n'
    mapping.write_text(mapping.read_text("utf-8") + weight, "utf-8")
    csv_path.write_text(
        "sku,family,model,colour,weight,picture\n"
        'tee-red,tops,tee,Red,"0,2",\ntee-blue,tops,shirt,Blue,"0,3",\n',
        "utf-8",
    )
    result, _ = await load(pool, mapped["models"], mapped["variants"])
    told = [(each.line, each.field) for each in result.refused]
    assert told == [(2, "weight"), (3, "weight"), (3, "model")]  # no file has a shirt


async def test_records_may_name_what_stands_in_a_file_behind_them(
    pool: Pool, tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    first = write(tmp_path / "first.jsonl", product("s"), product("x", family="boots"))
    second = write(
        tmp_path / "deep" / "second.jsonl", *FOUNDATION, asset("front"), hero("x", "front"), "{"
    )
    ingest = WatchingIngest()
    result = await import_files([first, second], changes=Changes(pool=pool), ingest=ingest)

    assert (result.counts["simples"], result.counts["assets"]) == (1, 1)
    assert ingest.folders == {"deep"}
    reports = [first.with_name("first.rejected.jsonl"), second.with_name("second.rejected.jsonl")]
    assert sorted(result.reports) == sorted(reports)
    told = [[each["_rejected"] for each in read(report)] for report in reports]
    assert [[each["line"] for each in one] for one in told] == [[2], [10, 9]]
    assert f"because line 2 of {first} was refused" in told[1][1]["message"]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
async def test_after_an_interruption_it_is_still_known_what_follows_from_a_refusal(
    pool: Pool, tmp_path: Path, kind: str
) -> None:
    path, mapping, line = tmp_path / "it.jsonl", None, 8
    write(path, *FOUNDATION, product("x", family="boots"), asset("a"), hero("x", "a"))
    if kind == "csv":
        (path, mapping), line = files(tmp_path)["variants"], 2
        path.write_text("sku,family,model,colour,picture\ntee-red,tops,tee,Red,a.jpg\n", "utf-8")

    async def run(last: str | None) -> ImportResult:
        changes, ingest = Changes(pool=pool), WatchingIngest(last)
        if mapping is None:
            return await import_file(path, changes=changes, ingest=ingest)
        return await import_csvs([(path, mapping)], changes=changes, ingest=ingest)

    with pytest.raises(UnavailableError):
        await run("a.jpg")
    result = await run(None)
    assert result.was_continued
    because = [each for each in result.refused if "because" in each.message]
    assert len(because) == 1  # of the row that shows the picture, and has it as its whole set
    assert f"because line {line} was refused" in because[0].message


async def test_an_import_whose_report_is_gone_begins_anew(pool: Pool, tmp_path: Path) -> None:
    path = write(tmp_path / "it.jsonl", "{", *FOUNDATION, asset("a"))
    with pytest.raises(UnavailableError):
        await import_file(path, changes=Changes(pool=pool), ingest=WatchingIngest("a.jpg"))
    (tmp_path / "it.rejected.jsonl").unlink()
    result = await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest())
    assert (result.was_continued, result.rejected) == (False, 1)


@pytest.mark.parametrize("records", [FOUNDATION[:1], FOUNDATION[:2]])
async def test_a_channel_to_publish_on_is_there_or_in_the_file_before_anything_is_written(
    pool: Pool, tmp_path: Path, records: list[dict[str, object]]
) -> None:
    path = write(tmp_path / "it.jsonl", *records)
    options = ImportOptions(publish=("d2c", "shop"))
    there = "there are d2c" if len(records) > 1 else "import one first"
    missing = "shop" if len(records) > 1 else "d2c"
    with pytest.raises(InvalidInputError, match=f"no channel '{missing}' to publish on: {there}"):
        await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest(), options=options)
    assert await pool.fetchval("SELECT count(*) FROM locale") == 0


A, B, C = Path("a.csv"), Path("b.txt"), Path("c.jsonl")
ONE, TWO = Path("one.toml"), Path("two.toml")


def test_mappings_are_for_the_files_in_their_order_or_one_for_all() -> None:
    assert paired([A, C, B], [ONE, TWO]) == [(A, ONE), (C, None), (B, TWO)]
    assert paired([A, B], [ONE]) == [(A, ONE), (B, ONE)]
    assert paired([B, C], []) == [(B, None), (C, None)]


@pytest.mark.parametrize(
    ("given", "mappings"), [([], []), ([A], []), ([C], [ONE]), ([A, B, A], [ONE, TWO])]
)
def test_what_nobody_could_pair_is_refused(given: list[Path], mappings: list[Path]) -> None:
    with pytest.raises(InvalidInputError):
        paired(given, mappings)
