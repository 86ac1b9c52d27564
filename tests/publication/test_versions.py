"""What is kept of versions: checksums, who published them, and what can be done with older ones."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.changes import Changes
from catalog.clock import FAR_FUTURE
from catalog.db import Pool
from catalog.graph.context import ContextArguments, resolve_context
from catalog.graph.listing import Filter, PageRequest, list_products
from catalog.graph.products import VariantsWanted, find_products
from catalog.graph.published_documents import PublishedDocuments
from catalog.graph.reference import load_reference
from catalog.products.model import ProductRecord, ValueRecord
from catalog.products.store import find_products as find_drafts
from catalog.publication.differences import differences_of
from catalog.publication.model import PublicationResult
from catalog.publication.restoring import load_draft
from catalog.publication.rules import checksum_before, checksum_of
from catalog.publication.versions import reschedule_products, roll_back_products
from catalog.publication.writing import load_sources
from tests.products.shop import model, name, put_good, simple, value, variant
from tests.publication.polo import (
    attribute,
    document,
    event_count,
    facets,
    live,
    publish,
    unpublish,
)
from tests.support.commands import vitrine
from tests.support.people import ADA


async def test_the_checksum_is_that_of_the_document_as_it_is_stored(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO", "CAP")
    rows = await pool.fetch("SELECT document, checksum FROM publication")
    assert len(rows) == 5
    assert all(row["checksum"] == checksum_of(row["document"]) for row in rows)


async def test_a_document_that_was_changed_is_told_by_its_checksum(
    shop: Changes, pool: Pool, database_url: str, tmp_path: Path
) -> None:
    await publish(shop, "POLO", "CAP")
    await pool.execute(
        """UPDATE publication SET document = replace(document::text, 'Polohemd', 'Hemd')::jsonb
           WHERE sku = 'POLO-R-S'"""
    )
    await pool.execute("UPDATE publication SET content_digest = NULL WHERE sku = 'CAP'")
    told = vitrine("publications", "verify", home=tmp_path, database_url=database_url)
    assert (told.returncode, told.stdout.splitlines()) == (
        1,
        [
            "3 documents are as they were published.",
            "1 are from before checksums over canonical JSON: nothing can be said of them.",
            "1 are not:",
            "  POLO-R-S version 1 on d2c",
        ],
    )


async def test_what_was_published_with_the_older_checksum_is_not_published_anew(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "CAP")
    async with shop.begin(ADA) as change:
        sources = await load_sources(change.conn, "d2c", await find_drafts(change.conn, ["CAP"]))
    older = checksum_before(await document(pool, "CAP"), sources)
    await pool.execute("UPDATE publication SET checksum = $1, content_digest = NULL", older)
    assert [each.outcome for each in await publish(shop, "CAP")] == ["unchanged"]
    await pool.execute("UPDATE publication SET checksum = 'another'")
    assert [each.outcome for each in await publish(shop, "CAP")] == ["published"]


async def test_an_older_version_is_published_again_and_the_draft_left_alone(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "CAP")
    first = await document(pool, "CAP")
    await put_good(shop, [simple("CAP", name("Hat"))])
    await publish(shop, "CAP")
    of_draft = "SELECT revision, updated_at FROM product WHERE sku = 'CAP'"
    draft = await pool.fetchrow(of_draft)
    (result,) = await roll_back(shop, "CAP", version=1)
    assert (result.outcome, result.version) == ("published", 3)
    assert await document(pool, "CAP") == first
    assert "size=s" in await facets(pool, "CAP")
    assert await pool.fetchrow(of_draft) == draft
    row = await pool.fetchrow(
        "SELECT copy_of, published_by, checksum FROM publication WHERE ended_at IS NULL"
    )
    assert tuple(row or ()) == (1, ADA.id, checksum_of(first))
    told = await pool.fetchval("SELECT count(*) FROM event WHERE type = 'publication.published'")
    assert told == 3
    assert [each.outcome for each in await roll_back(shop, "CAP", version=3)] == ["unchanged"]
    copies = "SELECT data ->> 'copy_of' FROM event WHERE type = 'publication.published'"
    assert {row[0] for row in await pool.fetch(copies)} == {None, "1"}
    await put_good(shop, [ProductRecord(sku="CAP", values=(name("Cap"),))])
    (draft_again,) = await publish(shop, "CAP")  # it says the same, and is the draft's again
    assert (draft_again.outcome, draft_again.version) == ("published", 4)
    assert [each.outcome for each in await publish(shop, "CAP")] == ["unchanged"]


async def test_a_model_takes_what_is_below_it_back_to_the_same_time(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO")
    await publish(shop, "CAP")
    weight = variant("POLO-R-S", "POLO-R", value("size", "s"), value("weight", 5))
    await put_good(shop, [weight])
    await publish(shop, "POLO-R-S")  # version 2 of it, below version 1 of the model
    renamed = model("POLO", name("Piqué"), by="by-colour-size")
    new = variant("POLO-R-L", "POLO-R", value("size", "l"), value("weight", 1))
    await put_good(shop, [renamed, new])
    await publish(shop, "POLO")
    (result,) = await roll_back(shop, "POLO", version=1)
    assert {each.sku: each.version for each in result.below} == {
        "POLO-R": 3,
        "POLO-R-S": 4,
        "POLO-R-M": 3,
    }
    said = await document(pool, "POLO-R-S")
    assert attribute(said, "weight")["values"][0]["data"] == 5
    assert [each["data"] for each in attribute(said, "name")["values"]] == ["Polohemd", "Polo"]
    assert "POLO-R-L" in await live(pool)


async def test_rich_text_of_a_version_is_sanitised_by_the_rules_of_today(
    shop: Changes, pool: Pool
) -> None:
    described = ValueRecord(attribute="description", locale="en", data="<p>Soft</p>")
    await put_good(shop, [ProductRecord(sku="CAP", values=(described,))])
    await publish(shop, "CAP")
    await pool.execute(
        """UPDATE publication
           SET document = replace(document::text, 'Soft', 'Soft<script>x</script>')::jsonb"""
    )
    await put_good(shop, [ProductRecord(sku="CAP", values=(name("Hat"),))])
    await publish(shop, "CAP")
    await roll_back(shop, "CAP", version=1)
    said = attribute(await document(pool, "CAP"), "description")["values"]
    assert [each["data"] for each in said] == ["<p>Soft</p>"]


async def test_what_a_version_was_published_with_has_to_be_there(shop: Changes, pool: Pool) -> None:
    tees = [model(f"TEE-{i}", name("Tee"), value("weight", 1)) for i in range(2)]
    await put_good(shop, [*tees, variant("TEE-S", "TEE-0", value("size", "s"))])
    await publish(shop, "TEE-0", "TEE-1", "CAP")
    await put_good(shop, [ProductRecord(sku="TEE-S", parent="TEE-1")])
    await publish(shop, "TEE-S")
    results = await roll_back(shop, "TEE-S", "CAP", "NONE", version=1)
    assert [(each.outcome, each.code) for each in results] == [
        ("rejected", "REFERENCE_GONE"),
        ("unchanged", None),
        ("rejected", "NOT_FOUND"),
    ]
    await unpublish(shop, "TEE-1")
    assert [each.code for each in await roll_back(shop, "TEE-S", version=2)] == ["TAKEN_BACK"]
    assert [each.code for each in await roll_back(shop, "CAP", version=7)] == ["NOT_FOUND"]
    assert await live(pool) == {"TEE-0", "CAP"}


async def test_times_are_changed_without_the_draft(shop: Changes, pool: Pool) -> None:
    await publish(shop, "POLO")
    first = await document(pool, "POLO-R-S")
    await put_good(shop, [model("POLO", name("Piqué"), by="by-colour-size")])
    start, end = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC) + timedelta(days=2)
    results = await reschedule(shop, "POLO", "CAP", visible_from=start, visible_until=end)
    assert [(each.outcome, each.code) for each in results] == [
        ("published", None),
        ("rejected", "NOT_PUBLISHED"),
    ]
    assert await document(pool, "POLO-R-S") == first
    rows = await pool.fetch(
        "SELECT sku, visible_from, visible_until FROM publication WHERE ended_at IS NULL"
    )
    assert {tuple(row) for row in rows} == {
        (sku, start, end) for sku in ("POLO", "POLO-R", "POLO-R-S", "POLO-R-M")
    }
    listed = await pool.fetch("SELECT DISTINCT visible_from, visible_until FROM search_document")
    assert [tuple(row) for row in listed] == [(start, end)]
    copies = "SELECT sku, copy_of FROM publication WHERE ended_at IS NULL"
    assert {row["copy_of"] for row in await pool.fetch(copies)} == {1}  # the draft is another
    await publish(shop, "CAP")
    await reschedule(shop, "CAP", visible_until=end)
    assert ("CAP", None) in {tuple(row) for row in await pool.fetch(copies)}
    await reschedule(shop, "POLO", "CAP", visible_until=FAR_FUTURE)
    ends = "SELECT count(*) FROM publication WHERE ended_at IS NULL AND visible_until IS NOT NULL"
    assert await pool.fetchval(ends) == 0


async def test_a_window_is_kept_to_the_microsecond_by_pages_and_lists(
    shop: Changes, pool: Pool
) -> None:
    now, tick = datetime.now(UTC), timedelta(microseconds=1)
    start, end = now + timedelta(days=1), now + timedelta(days=2)
    await publish(shop, "CAP", visible_from=start, visible_until=end)
    for at, is_there in (
        (start - tick, False),
        (start, True),
        (end - tick, True),
        (end, False),
    ):
        assert await shown_at(pool, at) == 2 * (["CAP"] if is_there else [],), at
    await unpublish(shop, "CAP")  # what is to begin is called off
    assert await shown_at(pool, start) == ([], [])


async def test_documents_differ_field_by_field(shop: Changes, pool: Pool) -> None:
    await publish(shop, "CAP")
    first = await document(pool, "CAP")
    changed = ProductRecord(
        sku="CAP",
        values=(name("Mütze", "de"), value("size", "m"), value("weight", None)),
        categories=("sale",),
        gtin="4006381333931",
    )
    await put_good(shop, [changed])
    async with pool.acquire() as conn:
        draft = await load_draft(conn, "CAP", "d2c")
    assert {
        (each.field, each.attribute, each.locale, repr(each.before), repr(each.after))
        for each in differences_of(first, draft.document)
    } == {
        ("gtin", None, None, "None", "'4006381333931'"),
        ("categories", None, None, "[]", "['sale']"),
        ("value", "name", "de", "None", "'Mütze'"),
        ("value", "size", None, "'s'", "'m'"),
        ("value", "weight", None, "1.0", "None"),
    }
    assert differences_of(first, first) == []


async def shown_at(pool: Pool, at: datetime) -> tuple[list[str], list[str]]:
    """Return what has a page and what is listed at an instant."""
    documents, wanted = PublishedDocuments(0, is_measured=False), VariantsWanted()
    async with pool.acquire() as conn:
        context = resolve_context(
            await load_reference(conn),
            ContextArguments(channel="d2c", at=at),
            now=at,
            may_read_all=True,
        )
        found = await find_products(conn, documents, context, wanted, skus=["CAP"])
        listed = await list_products(
            conn, documents, context, wanted, Filter(), PageRequest(size=9)
        )
    return [each.sku for each in found], [each.sku for each in listed.products]


async def roll_back(shop: Changes, *skus: str, version: int) -> Sequence[PublicationResult]:
    async with shop.begin(ADA) as change:
        return await roll_back_products(change, skus, "d2c", version)


async def reschedule(shop: Changes, *skus: str, **window: datetime) -> Sequence[PublicationResult]:
    async with shop.begin(ADA) as change:
        return await reschedule_products(change, skus, "d2c", **window)


async def test_a_model_takes_along_what_was_live_with_that_version_alone(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO")
    await unpublish(shop, "POLO")
    await put_good(shop, [variant("POLO-R-S", "POLO-R", value("weight", None))])
    await publish(shop, "POLO")
    assert "POLO-R-S" not in await live(pool)
    await put_good(shop, [model("POLO", name("Another"), by="by-colour-size")])
    await publish(shop, "POLO")
    before = await live(pool)
    await roll_back(shop, "POLO", version=2)
    assert await live(pool) == before


async def test_what_is_refused_stays_taken_back(shop: Changes, pool: Pool) -> None:
    await publish(shop, "CAP")
    await unpublish(shop, "CAP")
    await pool.execute(
        """UPDATE publication SET document = jsonb_set(document, '{family,code}', '"gone"')"""
    )
    events = await event_count(pool)
    assert [each.outcome for each in await roll_back(shop, "CAP", version=1)] == ["rejected"]
    await put_good(shop, [simple("CAP", value("weight", None))])
    assert [each.outcome for each in await publish(shop, "CAP")] == ["rejected"]
    kept_off = "SELECT count(*) FROM taken_back WHERE ended_at IS NULL"
    assert (await pool.fetchval(kept_off), await event_count(pool)) == (1, events + 1)
