"""A text that says `unique` belongs to one product, whoever writes at the same time."""

import asyncio

import pytest

from catalog.batches import BatchResult
from catalog.changes import Change, Changes
from catalog.db import Pool
from catalog.products.commands import put_attributes, put_products
from catalog.products.model import AttributeRecord, ProductRecord
from tests.products.shop import name, open_shop, put, put_good, simple
from tests.support.people import TEST
from tests.support.turns import one_behind_the_other

UNIQUE = AttributeRecord(code="name", validation={"unique": True})


@pytest.fixture
async def shop(pool: Pool) -> Changes:
    return await open_shop(pool)


async def state(shop: Changes, record: AttributeRecord) -> BatchResult:
    async with shop.begin(TEST) as change:
        return await put_attributes(change, [record])


async def test_no_two_products_have_a_unique_text(shop: Changes) -> None:
    assert (await state(shop, UNIQUE)).updated == 1
    await put_good(shop, [simple("A", name("One"), name("One", locale="de"))])
    refused = (await put(shop, simple("B", name("One")), simple("C", name("Two")))).rejections
    (fault,) = refused[0].faults
    assert fault.broken is not None
    assert (fault.broken.rule, fault.broken.given, fault.broken.locale) == ("unique", "One", "en")
    # what one gives up another takes, in one batch
    await put_good(shop, [simple("A", name("Three"), name("Four", locale="de"))])
    moved = await put(shop, simple("C", name("Five")), simple("D", name("Two")))
    assert (moved.created, moved.updated, moved.rejections) == (1, 1, ())


async def test_an_attribute_becomes_unique_once_no_text_is_shared(shop: Changes) -> None:
    await put_good(shop, [simple("A", name("One")), simple("B", name("One"))])
    (refused,) = (await state(shop, UNIQUE)).rejections
    assert (refused.code, refused.field) == ("CONFLICT", "validation.unique")
    await put_good(shop, [simple("B", name("Two"))])
    assert (await state(shop, UNIQUE)).updated == 1
    assert len((await put(shop, simple("C", name("Two")))).rejections) == 1
    assert (await state(shop, AttributeRecord(code="name", validation={}))).updated == 1
    await put_good(shop, [simple("C", name("Two"))])


async def test_of_two_writers_at_once_one_has_the_text(shop: Changes) -> None:
    await state(shop, UNIQUE)
    await put_good(shop, [simple("A", name("a")), simple("B", name("b"))])
    both_begin = asyncio.Barrier(2)

    async def write(record: ProductRecord) -> BatchResult:
        async with shop.begin(TEST) as change:
            await both_begin.wait()
            return await put_products(change, [record])

    results = await asyncio.gather(write(simple("A", name("x"))), write(simple("B", name("x"))))
    assert sorted(len(each.rejections) for each in results) == [0, 1]


async def test_who_gives_a_text_while_its_attribute_becomes_unique_is_refused_for_it(
    shop: Changes,
) -> None:
    await put_good(shop, [simple("A", name("One")), simple("B")])

    async def turn(change: Change) -> None:
        assert (await put_attributes(change, [UNIQUE])).updated == 1

    async def give(change: Change) -> BatchResult:
        return await put_products(change, [simple("B", name("One"))])

    (refused,) = (await one_behind_the_other(shop, turn, give)).rejections
    assert refused.faults[0].broken is not None
    assert refused.faults[0].broken.rule == "unique"
