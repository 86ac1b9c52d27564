"""Pictures are replaced and retired by stating what a product shows."""

import unicodedata
from pathlib import Path

import pytest

from catalog.associations.commands import bind_media
from catalog.associations.model import MediaBinding
from catalog.bulk.commands import ImportOptions, import_file
from catalog.bulk.file_names import FileNames
from catalog.bulk.model import ImportResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.principal import COMMAND_LINE
from tests.bulk.catalogue import FOUNDATION, NamedIngest, Record, asset, hero, product, read, write
from tests.support.people import ADA

SHOWN_SQL = """
SELECT a.code, m.status, m.position FROM media_association AS m JOIN asset AS a ON a.id = m.asset
ORDER BY m.status, m.position, a.code
"""


def media_set(*assets: str, **fields: object) -> Record:
    return {"type": "media_set", "product": "p", "role": "hero", "assets": [*assets], **fields}


async def load(pool: Pool, folder: Path, *records: Record) -> ImportResult:
    path = write(folder / "some.jsonl", *records)
    options = ImportOptions(actor=COMMAND_LINE)
    return await import_file(
        path, changes=Changes(pool=pool), ingest=NamedIngest(), options=options
    )


async def shown(pool: Pool) -> list[tuple[str, str, int]]:
    return [tuple(row) for row in await pool.fetch(SHOWN_SQL)]


@pytest.fixture
async def shop(pool: Pool, tmp_path: Path) -> Pool:
    assets = [asset(code) for code in ("old", "new", "hand")]
    await load(pool, tmp_path, *FOUNDATION, product("p"), *assets, hero("p", "old"))
    return pool


async def test_what_a_set_no_longer_names_is_retired_and_comes_back_with_it(
    shop: Pool, tmp_path: Path
) -> None:
    replaced = await load(shop, tmp_path, media_set("new"))
    assert (replaced.counts["media_sets"], replaced.counts["updated"]) == (1, 1)
    assert await shown(shop) == [("new", "approved", 0), ("old", "retired", 0)]
    again = await load(shop, tmp_path, media_set("new"))
    assert (again.counts["unchanged"], again.counts["updated"]) == (1, 0)
    await load(shop, tmp_path, media_set("old", "new"))
    assert await shown(shop) == [("old", "approved", 0), ("new", "approved", 1)]
    await load(shop, tmp_path, media_set())
    assert {status for _, status, _ in await shown(shop)} == {"retired"}


async def test_single_pictures_come_and_go(shop: Pool, tmp_path: Path) -> None:
    await load(shop, tmp_path, media_set(assets={"add": ["new"]}))
    assert await shown(shop) == [("old", "approved", 0), ("new", "approved", 1)]
    await load(shop, tmp_path, media_set(assets={"remove": ["old"]}))
    assert await shown(shop) == [("new", "approved", 1), ("old", "retired", 0)]


async def test_what_a_person_shows_stays(shop: Pool, tmp_path: Path) -> None:
    async with Changes(pool=shop).begin(ADA) as change:
        ids = await change.conn.fetchrow(
            "SELECT p.public_id, a.public_id FROM product AS p, asset AS a WHERE a.code = 'hand'"
        )
        assert ids is not None
        await bind_media(change, [MediaBinding(product=ids[0], asset=ids[1], role="hero")])
    await load(shop, tmp_path, media_set("new"), media_set(role="gallery"))
    assert {(code, status) for code, status, _ in await shown(shop)} == {
        ("hand", "approved"),
        ("new", "approved"),
        ("old", "retired"),
    }


async def test_a_set_that_names_what_is_not_there_changes_nothing(
    shop: Pool, tmp_path: Path
) -> None:
    refused = await load(shop, tmp_path, media_set("gone"), media_set("new", product="nobody"))
    assert refused.rejected == 2
    assert refused.report is not None
    assert [each["_rejected"]["field"] for each in read(refused.report)] == ["asset", "product"]
    assert await shown(shop) == [("old", "approved", 0)]


async def test_a_file_is_found_and_named_once_however_it_is_spelled(
    shop: Pool, tmp_path: Path
) -> None:
    composed, apart = (unicodedata.normalize(form, "Müller") for form in ("NFC", "NFD"))
    await load(shop, tmp_path, asset(apart), media_set(composed), hero("p", apart))
    assert ("Müller", "approved", 0) in await shown(shop)
    assert await shop.fetchval("SELECT count(*) FROM asset WHERE code LIKE 'M%'") == 1


def test_names_match_in_every_folder_and_an_exact_one_first(tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "Übungen/Müller.png") for form in ("NFC", "NFD"))
    (tmp_path / apart).parent.mkdir()
    (tmp_path / apart).write_text("apart")
    names = FileNames(tmp_path)
    assert names.path_of(composed).read_text() == "apart"
    assert names.path_of("Übungen/missing.png").exists() is False
    (tmp_path / composed).parent.mkdir()
    (tmp_path / composed).write_text("composed")
    assert names.path_of(composed).read_text() == "composed"
