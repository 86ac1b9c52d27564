"""Which combinations a model has, and where each is published."""

from catalog.access.rules import Narrowing
from catalog.db import Pool
from catalog.graph.reference import load_reference
from catalog.graph.variant_matrix import Combination, load_matrix
from tests.products.shop import model, name, open_shop, put_good, value, variant
from tests.publication.polo import publish

_SIZE = value("size", "s")


async def test_a_matrix_knows_drafts_and_where_each_combination_is_published(pool: Pool) -> None:
    shop = await open_shop(pool)
    by = "by-colour-size"
    await put_good(
        shop,
        [
            model("POLO", name("Polo"), value("weight", 1), value("price", {"EUR": 9}), by=by),
            model("POLO-R", value("colour", "red"), by=by, parent="POLO"),
            variant("POLO-R-S", "POLO-R", value("size", "s")),
            variant(
                "POLO-R-M", "POLO-R", value("size", "m"), value("price", {"CHF": 8}, market="CH")
            ),
        ],
    )
    await publish(shop, "POLO")
    await put_good(shop, [variant("POLO-R-L", "POLO-R", value("size", "l"))])
    caps = (Narrowing(families=frozenset({"caps"})),)
    async with pool.acquire() as conn:
        reference = await load_reference(conn)
        matrix = await load_matrix(conn, reference, "POLO-R", within=None)
        first = await load_matrix(conn, reference, "POLO-R-S", within=None, most=1)
        assert await load_matrix(conn, reference, "POLO", within=caps) is None
        assert await load_matrix(conn, reference, "NOTHING", within=None) is None
    assert matrix is not None
    assert first is not None
    assert (matrix.model, matrix.axes, matrix.count) == ("POLO", ("colour", "size"), 3)
    assert (first.count, first.combinations) == (3, matrix.combinations[:1])
    assert [(each.sku, each.values, places(each)) for each in matrix.combinations] == [
        ("POLO-R-L", ("red", "l"), []),
        ("POLO-R-M", ("red", "m"), [("d2c", ("CH", "DACH"))]),
        ("POLO-R-S", ("red", "s"), [("d2c", ("DACH",))]),
    ]


async def test_of_a_matrix_publications_are_told_on_the_channels_of_the_role_that_it_lies_within(
    pool: Pool,
) -> None:
    shop = await open_shop(pool)
    await put_good(
        shop, [model("TEE", name("Tee"), value("weight", 1)), variant("TEE-S", "TEE", _SIZE)]
    )
    await publish(shop, "TEE")
    await publish(shop, "TEE", channel="market-a")
    shirts = Narrowing(families=frozenset({"shirts"}), channels=frozenset({"d2c"}))
    men = Narrowing(categories=frozenset({"men"}), channels=frozenset({"market-a"}))
    caps = Narrowing(families=frozenset({"caps"}))  # on all channels, and not here
    async with pool.acquire() as conn:
        reference = await load_reference(conn)
        for within, told in (
            (None, ["d2c", "market-a"]),
            ([shirts], ["d2c"]),
            ([men, caps], ["market-a"]),
            ([shirts, men], ["d2c", "market-a"]),
        ):
            matrix = await load_matrix(conn, reference, "TEE", within=within)
            assert matrix is not None
            (combination,) = matrix.combinations
            assert [each.channel for each in combination.publications] == told


def places(combination: Combination) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.channel, each.markets) for each in combination.publications]
