"""JSON Lines become a catalogue: whole, once, and not at the expense of good rows."""

import asyncio
from pathlib import Path

import pytest

from catalog.bulk.commands import ImportOptions, import_file
from catalog.bulk.model import AlreadyRunningError, ImportResult, UnreadableFileError
from catalog.changes import Changes
from catalog.db import Pool
from catalog.media.model import IngestedFile
from catalog.storage.model import StoreUnavailableError
from tests.bulk.catalogue import (
    FOUNDATION,
    NamedIngest,
    asset,
    hero,
    many,
    product,
    read,
    write,
)

VARIANTS = [
    product("m", kind="MODEL", family_variant="by-colour", categories=["shop"]),
    product(
        "m-red",
        kind="VARIANT",
        parent="m",
        values=[{"attribute": "colour", "data": "red"}],
    ),
]


@pytest.fixture
def ingest() -> NamedIngest:
    return NamedIngest()


async def load(
    path: Path, pool: Pool, ingest: NamedIngest, options: ImportOptions | None = None
) -> ImportResult:
    return await import_file(path, changes=Changes(pool=pool), ingest=ingest, options=options)


async def test_a_file_becomes_a_published_catalogue(
    pool: Pool, tmp_path: Path, ingest: NamedIngest
) -> None:
    publication = {"type": "publication", "channel": "d2c", "skus": "*"}
    path = write(
        tmp_path / "all.jsonl",
        publication,  # in any order: types are applied one after the other
        *VARIANTS,
        product("s"),
        asset("front"),
        hero("m", "front"),
        *FOUNDATION,
    )

    result = await load(path, pool, ingest)

    assert result.report is None
    expected = {"models": 1, "variants": 1, "simples": 1, "assets": 1, "media_associations": 1}
    assert expected.items() <= result.counts.items()
    assert result.counts["publications"] == 3
    assert result.counts["rejected"] == 0
    documents = await pool.fetch("SELECT sku FROM publication ORDER BY sku")
    assert [row["sku"] for row in documents] == ["m", "m-red", "s"]
    assert ingest.asked == ["front.jpg"]


async def test_a_preset_is_put_as_a_new_version_only_where_it_says_something_new(
    pool: Pool, tmp_path: Path, ingest: NamedIngest
) -> None:
    for max_bytes in (60_000, 60_000, 50_000, 10):
        recipe = {"widths_px": [320], "max_bytes": max_bytes}
        preset = {"type": "preset", "code": "card", "recipe": recipe}
        result = await load(write(tmp_path / f"{max_bytes}.jsonl", preset), pool, ingest)
        assert result.counts["rejected"] == (max_bytes == 10)

    rows = await pool.fetch("SELECT version, state, recipe FROM preset ORDER BY version")
    assert [(row["version"], row["state"], row["recipe"]["max_bytes"]) for row in rows] == [
        (1, "superseded", 60_000),
        (2, "current", 50_000),
    ]


async def test_a_second_run_changes_nothing(
    pool: Pool, tmp_path: Path, ingest: NamedIngest
) -> None:
    soon = {"type": "publication", "channel": "d2c", "skus": ["p0"], "visible_until": "now+1d"}
    path = write(tmp_path / "all.jsonl", *many(3), soon)
    options = ImportOptions(publish=["d2c"])

    first = await load(path, pool, ingest, options)
    events = await pool.fetchval("SELECT count(*) FROM event")
    second = await load(path, pool, ingest, options)

    assert first.counts["rejected"] == second.counts["rejected"] == 0
    assert (second.counts["created"], second.counts["updated"]) == (0, 0)
    assert second.counts["unchanged"] > 0
    assert second.counts["simples"] == 3
    assert await pool.fetchval("SELECT count(*) FROM event") == events


async def test_refused_lines_cost_only_themselves_and_can_be_mended(
    pool: Pool, tmp_path: Path, ingest: NamedIngest
) -> None:
    path = write(
        tmp_path / "some.jsonl",
        *FOUNDATION,
        "{no json",
        {"type": "prodcut", "sku": "x"},
        product("good"),
        product("lost", family="boots"),
        {**product("odd"), "colour": "red"},
        asset("broken", file="pics/broken.jpg"),
        asset("priced", values={"price": "9"}),
        asset("outside", file="../secret.jpg"),
        asset("forever", grants=[{"territory": {"include": ["WORLD"]}, "valid_til": "2020-01-01"}]),
        hero("lost", "front"),
    )

    result = await load(path, pool, ingest)

    assert result.report == tmp_path / "some.rejected.jsonl"
    assert result.report is not None
    refused = read(result.report)
    assert result.rejected == len(refused) == 9
    reasons = {each["_rejected"]["line"]: each["_rejected"] for each in refused}
    first = len(FOUNDATION) + 1
    assert {line - first: (each["code"], each["field"]) for line, each in reasons.items()} == {
        0: ("INVALID_RECORD", None),
        1: ("INVALID_RECORD", "type"),
        3: ("INVALID_INPUT", "family"),
        4: ("INVALID_RECORD", "colour"),
        5: ("BROKEN_FILE", "file"),
        6: ("PRICE_IN_ASSET", "values.price"),
        7: ("BROKEN_FILE", "file"),
        8: ("INVALID_RECORD", "grants.0.channels"),
        9: ("INVALID_INPUT", "product"),
    }
    assert "did you mean product?" in reasons[first + 1]["message"]
    assert reasons[first + 5]["message"] == "pics/broken.jpg is broken"
    assert await pool.fetchval("SELECT count(*) FROM product") == 1

    lost = next(each for each in refused if each.get("sku") == "lost")
    mended = write(tmp_path / "mended.jsonl", {**lost, "family": "shoes"})
    assert (await load(mended, pool, ingest)).counts["simples"] == 1


async def test_what_only_the_database_refuses_costs_only_itself(
    pool: Pool, tmp_path: Path, ingest: NamedIngest
) -> None:
    codes = ["a", "b", "huge", "c", "d"]
    path = write(tmp_path / "x.jsonl", *FOUNDATION, *(asset(code) for code in codes))

    result = await load(path, pool, ingest)

    assert result.counts["assets"] == 4
    assert result.report is not None
    (refused,) = read(result.report)
    assert refused["code"] == "huge"
    assert "asset_version_bytes_check" in refused["_rejected"]["message"]


async def test_the_same_key_twice_is_applied_twice_in_order(
    pool: Pool, tmp_path: Path, ingest: NamedIngest
) -> None:
    name = [{"attribute": "name", "locale": "en-US", "data": "Second"}]
    path = write(tmp_path / "x.jsonl", *FOUNDATION, product("p"), product("p", values=name))

    result = await load(path, pool, ingest)

    assert (result.rejected, result.counts["updated"]) == (0, 1)
    assert await pool.fetchval("SELECT data FROM product_value") == "Second"


async def test_a_record_that_keeps_what_is_stored_only_adds(
    pool: Pool, tmp_path: Path, ingest: NamedIngest
) -> None:
    named = {"type": "attribute", "code": "name", "validation": {"max_length": 80}}
    await load(write(tmp_path / "first.jsonl", *FOUNDATION, named), pool, ingest)
    keep = {"keep_stored": True}
    limits = {"max_length": 40, "pattern": ".*", "decimals": 4}  # the last is of prices alone
    options = [{"code": "red", "label": {"en-US": "Rot"}}, {"code": "blue"}]
    second = write(
        tmp_path / "second.jsonl",
        {"type": "locale", "code": "en-US", "name": "Other", **keep},
        {"type": "locale", "code": "fr", "name": "Français", **keep},
        {"type": "attribute", "code": "colour", "options": options, **keep},
        {"type": "attribute", "code": "name", "validation": limits, **keep},
        {"type": "family", "code": "shoes", "attributes": [], **keep},
    )

    result = await load(second, pool, ingest)

    assert (result.counts["created"], result.counts["updated"]) == (1, 2)
    assert result.counts["unchanged"] == 2
    validation = await pool.fetchval("SELECT validation FROM attribute WHERE code = 'name'")
    assert validation == {"max_length": 80, "pattern": ".*"}
    names = await pool.fetch("SELECT name FROM locale ORDER BY code")
    assert [row["name"] for row in names] == ["English", "Français"]
    stored = await pool.fetch("SELECT code, label FROM attribute_option ORDER BY position")
    assert [tuple(row) for row in stored] == [("red", {"en-US": "Red"}), ("blue", {})]


async def test_one_file_is_imported_by_one_process_at_a_time(pool: Pool, tmp_path: Path) -> None:
    waiting = asyncio.Event()

    async def never(_: Path) -> IngestedFile:
        waiting.set()
        await asyncio.Event().wait()
        raise AssertionError

    path = write(tmp_path / "x.jsonl", *many(1))
    first = asyncio.create_task(import_file(path, changes=Changes(pool=pool), ingest=never))
    await waiting.wait()
    with pytest.raises(AlreadyRunningError):
        await load(path, pool, NamedIngest())
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await load(path, pool, NamedIngest())).was_continued


async def test_a_store_that_does_not_answer_stops_the_import_and_refuses_nothing(
    pool: Pool, tmp_path: Path
) -> None:
    async def unavailable(_: Path) -> IngestedFile:
        raise StoreUnavailableError("it does not answer")

    path = write(tmp_path / "x.jsonl", *many(1))
    with pytest.raises(StoreUnavailableError):
        await import_file(path, changes=Changes(pool=pool), ingest=unavailable)
    assert not (tmp_path / "x.rejected.jsonl").exists()


async def test_a_file_that_is_not_there_says_so(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError):
        await load(tmp_path / "nothing.jsonl", pool, NamedIngest())


async def test_after_many_records_postgresql_knows_its_tables(
    pool: Pool, tmp_path: Path, ingest: NamedIngest
) -> None:
    records = [*FOUNDATION, *(product(f"p{number}") for number in range(1_000))]
    await load(write(tmp_path / "many.jsonl", *records), pool, ingest)

    known = await pool.fetchval("SELECT reltuples FROM pg_class WHERE relname = 'product'")
    assert known == 1_000
