"""What a change of a family would do to its products, asked before it is made."""

import pytest

from catalog.completeness.family_changes import (
    MOST_NAMED,
    AxisClash,
    ChangedVariant,
    FamilyConsequences,
    LineMember,
    LostValues,
    NewlyIncomplete,
    changed_variant,
)
from catalog.completeness.rehearsal import rehearse_family
from catalog.db import Pool
from catalog.products.model import FamilyRecord, FamilyVariant
from tests.products.shop import FAMILIES, model, name, open_shop, put_good, simple, value, variant

SHIRTS = FAMILIES[0]
ATTRIBUTES = SHIRTS.attributes or ()
BY_COLOUR_SIZE = FamilyVariant(code="by-colour-size", axes=(("colour",), ("size",)))


@pytest.fixture
async def stocked(pool: Pool) -> Pool:
    changes = await open_shop(pool)
    await put_good(
        changes,
        [
            model("TEE", name("Tee"), value("weight", 120), value("mood", "calm")),
            variant("TEE-S", "TEE", value("size", "s"), value("mood", "loud")),
            variant("TEE-M", "TEE", value("size", "m"), value("washable", data=True)),
            simple("CAP", name("Cap"), name("Kappe", "de"), value("size", "s")),  # no weight
        ],
    )
    return pool


async def rehearse(pool: Pool, **fields: object) -> FamilyConsequences:
    async with pool.acquire() as conn:
        return await rehearse_family(conn, FamilyRecord(code="shirts", **fields))  # pyright: ignore[reportArgumentType]


async def test_what_an_attribute_takes_along_is_counted(stocked: Pool) -> None:
    left = tuple(code for code in ATTRIBUTES if code not in {"mood", "washable", "since"})
    found = await rehearse(stocked, attributes=left)
    assert found == FamilyConsequences(
        products=4,
        lost=(
            LostValues(attribute="mood", values=2, products=2, skus=("TEE", "TEE-S")),
            LostValues(attribute="washable", values=1, products=1, skus=("TEE-M",)),
        ),
    )


async def test_only_what_a_channel_took_before_becomes_incomplete_there(
    stocked: Pool,
) -> None:
    required = {
        "d2c": ("name", "weight", "size", "washable", "mood"),  # CAP lacks its weight already
        "market-a": ("weight",),
    }
    assert (await rehearse(stocked, required=required)).incomplete == (
        NewlyIncomplete(channel="d2c", attributes=("washable",), products=1, skus=("TEE-S",)),
        NewlyIncomplete(channel="market-a", attributes=("weight",), products=1, skus=("CAP",)),
    )
    assert (await rehearse(stocked, required={"d2c": ("name",)})).incomplete == ()


async def test_a_new_family_and_one_that_stays_have_no_consequences(stocked: Pool) -> None:
    assert await rehearse(stocked) == FamilyConsequences(products=4)
    async with stocked.acquire() as conn:
        new = await rehearse_family(conn, FamilyRecord(code="socks", attributes=("name",)))
    assert new == FamilyConsequences()


async def test_other_axes_are_tried_on_the_products_that_vary_by_them(
    stocked: Pool,
) -> None:
    variants = (FamilyVariant(code="by-size", axes=(("colour",),)), BY_COLOUR_SIZE)
    (told,) = (await rehearse(stocked, variants=variants)).variants
    assert told == ChangedVariant(
        code="by-size", clashes=(), lacking=("TEE-M", "TEE-S"), misplaced=()
    )


async def test_what_happens_to_many_is_told_of_the_first(stocked: Pool) -> None:
    await stocked.execute(
        "INSERT INTO product (id, public_id, sku, kind, family) SELECT gen_random_uuid(), "
        "'many' || n, 'A' || lpad(n::text, 2, '0'), 'SIMPLE', 'shirts' "
        "FROM generate_series(1, 12) AS n"
    )
    (told,) = (await rehearse(stocked, required={"market-a": ("name",)})).incomplete
    assert told.products == 12
    assert told.skus == tuple(f"A{number:02}" for number in range(1, MOST_NAMED + 1))


def member(sku: str, kind: str = "VARIANT", depth: int = 1, **values: str) -> LineMember:
    return LineMember(sku=sku, kind=kind, parent="M" * depth, depth=depth, values=values)


def test_siblings_clash_where_the_axis_that_told_them_apart_is_gone() -> None:
    members = [
        member("B", colour="red", size="m"),
        member("A", colour="red", size="s"),
        member("C", colour="blue", size="s"),
        member("SUB", "MODEL", colour="red"),
        member("DEEP", depth=2, colour="red", size="s"),
    ]
    told = changed_variant("v", (("colour",),), members)
    assert told.clashes == (AxisClash(model="M", skus=("A", "B")),)
    assert told.misplaced == ("DEEP", "SUB")
    assert changed_variant("v", (), members).misplaced == ("A", "B", "C", "DEEP", "SUB")
