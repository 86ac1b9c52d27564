"""Rich text that was stored before it was sanitised when it is written."""

from catalog.db import Pool
from catalog.products.sanitising import sanitise_stored
from tests.products.shop import open_shop, put_good, simple, value


async def test_what_is_stored_is_sanitised_once_with_its_events(pool: Pool) -> None:
    shop = await open_shop(pool)
    texts = {"CLEAN": "<p>a</p>", "BAD": "<p onclick='x()'>b</p>", "EMPTY": "<script>c</script>"}
    await put_good(
        shop, [simple(sku, value("description", "<p>x</p>", locale="en")) for sku in texts]
    )
    for sku, text in texts.items():
        await pool.execute(
            "UPDATE product_value SET data = to_jsonb($2::text) WHERE attribute = 'description' "
            "AND owner = (SELECT id FROM product WHERE sku = $1)",
            sku,
            text,
        )
    await pool.execute("UPDATE attribute SET to_sanitise = true WHERE code = 'description'")
    events = await pool.fetchval("SELECT max(seq) FROM event")

    assert await sanitise_stored(shop) == []
    rows = await pool.fetch(
        "SELECT sku, data FROM product_value JOIN product ON id = owner "
        "WHERE attribute = 'description' ORDER BY sku"
    )
    assert [tuple(row) for row in rows] == [("BAD", "<p>b</p>"), ("CLEAN", "<p>a</p>")]
    rows = await pool.fetch("SELECT subject FROM event WHERE seq > $1 ORDER BY subject", events)
    assert [row["subject"] for row in rows] == ["product/BAD", "product/EMPTY"]
    assert await pool.fetchval("SELECT bool_or(to_sanitise) FROM attribute") is False
