"""What is kept of versions: checksums, who published them, and what can be done with older ones."""

from catalog.changes import Changes
from catalog.db import Pool
from catalog.products.store import find_products
from catalog.publication.rules import checksum_before, checksum_of
from catalog.publication.writing import load_sources
from tests.publication.polo import document, publish
from tests.support.people import ADA


async def test_the_checksum_is_that_of_the_document_as_it_is_stored(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO", "CAP")
    rows = await pool.fetch("SELECT document, checksum FROM publication")
    assert len(rows) == 5
    assert all(row["checksum"] == checksum_of(row["document"]) for row in rows)


async def test_what_was_published_with_the_older_checksum_is_not_published_anew(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "CAP")
    async with shop.begin(ADA) as change:
        sources = await load_sources(change.conn, "d2c", await find_products(change.conn, ["CAP"]))
    older = checksum_before(await document(pool, "CAP"), sources)
    await pool.execute("UPDATE publication SET checksum = $1, content_digest = NULL", older)
    assert [each.outcome for each in await publish(shop, "CAP")] == ["unchanged"]
    await pool.execute("UPDATE publication SET checksum = 'another'")
    assert [each.outcome for each in await publish(shop, "CAP")] == ["published"]
