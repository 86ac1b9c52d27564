"""What is exported makes the same catalogue again."""

from datetime import UTC, datetime
from pathlib import Path

import orjson

from catalog.bulk.commands import ImportOptions, import_file
from catalog.bulk.records import RECORD_TYPES
from catalog.changes import Changes
from catalog.db import Pool, open_pool
from catalog.export.originals import Original
from catalog.export.records import EXPORTED_TYPES, export_records
from catalog.principal import COMMAND_LINE
from catalog.products.commands import put_products
from catalog.products.model import ProductRecord, ValueRecord
from catalog.publication.commands import publish_products, unpublish_products
from tests.bulk.catalogue import FOUNDATION, NamedIngest, described, product, write
from tests.support.databases import Databases
from vitrine.demo import write_demo


async def _exported(pool: Pool, path: Path, ingest: NamedIngest) -> bytes:
    lines: list[bytes] = []
    names = {described(Path(name)).sha256: name for name in ingest.asked}

    async def named_before(original: Original) -> str:
        return names[original.sha256]

    await export_records(pool, lines.append, keep_original=named_before)
    path.write_bytes(b"".join(lines))  # noqa: ASYNC240 - a test's own
    return b"".join(lines)


async def _go_on_working(changes: Changes) -> None:
    """Leave drafts that say more than what is live, products off a channel, and times to come."""
    renamed = ValueRecord(attribute="name", locale="en-US", data="A bag of another name")
    until = datetime(2027, 1, 31, tzinfo=UTC)
    async with changes.begin(COMMAND_LINE) as change:
        await put_products(change, [ProductRecord(sku="BAG-FERRY", values=(renamed,))])
        await unpublish_products(change, ["BAG-POCO"], "d2c")
        await publish_products(change, ["CER-KETTLE"], "d2c", visible_until=until)


async def test_the_demo_comes_back_as_it_was(
    pool: Pool, databases: Databases, tmp_path: Path
) -> None:
    changes, ingest = Changes(pool=pool), NamedIngest()
    await import_file(write_demo(tmp_path), changes=changes, ingest=ingest)
    await _go_on_working(changes)
    first = await _exported(pool, tmp_path / "first.jsonl", ingest)

    # by somebody else than whoever brought it first
    other = ImportOptions(actor=COMMAND_LINE)
    again = await import_file(
        tmp_path / "first.jsonl", changes=changes, ingest=ingest, options=other
    )
    assert (again.counts["created"], again.counts["updated"], again.rejected) == (0, 0, 0)

    with databases.fresh() as name:
        async with open_pool(databases.owner_url(name), application="test") as empty:
            made = await import_file(
                tmp_path / "first.jsonl", changes=Changes(pool=empty), ingest=ingest
            )
            second = await _exported(empty, tmp_path / "second.jsonl", ingest)
    assert made.rejected == 0
    assert made.counts["published_documents"] == again.counts["published_documents"] > 0
    assert second.splitlines() == first.splitlines()


async def test_every_type_of_record_is_written_but_what_others_say() -> None:
    names = {each.name for each in RECORD_TYPES}

    assert names.difference(EXPORTED_TYPES) == {"media_set"}  # its associations are


async def test_a_document_is_held_against_its_product(pool: Pool, tmp_path: Path) -> None:
    changes, ingest = Changes(pool=pool), NamedIngest()
    records = [
        *FOUNDATION,
        product("one"),
        product("two"),
        {"type": "publication", "channel": "d2c", "skus": ["one", "two"]},
    ]
    await import_file(write(tmp_path / "shop.jsonl", *records), changes=changes, ingest=ingest)
    async with changes.begin(COMMAND_LINE) as change:
        changed = ValueRecord(attribute="name", locale="en-US", data="Another")
        await put_products(change, [ProductRecord(sku="one", values=(changed,))])
        await unpublish_products(change, ["two"], "d2c")
    lines: list[bytes] = []
    await export_records(pool, lines.append, types=["published_document"])
    (stated,) = map(orjson.loads, lines)
    strange = [
        {**stated, "sku": "two"},
        {**stated, "sku": "three"},
        {**stated, "channel": "nowhere"},
        {**stated, "document": {**stated["document"], "price": 1}},
        {**stated, "sku": "two", "document": {**stated["document"], "sku": "two"}},
    ]

    refused = await import_file(
        write(tmp_path / "strange.jsonl", *strange), changes=changes, ingest=ingest
    )

    assert [(each.field, each.code) for each in refused.refused] == [
        ("document.price", "INVALID_RECORD"),
        ("document", "INVALID_INPUT"),
        ("sku", "INVALID_INPUT"),
        ("channel", "NOT_FOUND"),
        ("sku", "TAKEN_BACK"),
    ]
