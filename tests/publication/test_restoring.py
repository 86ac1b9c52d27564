"""What a version says is written into the draft again, and no more is taken away."""

from collections.abc import Sequence

import pytest

from catalog.changes import Changes
from catalog.channels.commands import put_channels
from catalog.channels.model import ChannelRecord
from catalog.db import Pool
from catalog.errors import ConflictError, InvalidInputError, NotFoundError, faults_of
from catalog.products.commands import put_attributes, put_families
from catalog.products.model import AttributeRecord, FamilyRecord, ProductRecord, ValueRecord
from catalog.publication.restoring import RestoredDraft, restore_draft
from tests.products.shop import FAMILIES, model, name, put_good, simple, value
from tests.publication.polo import (
    document,
    event_count,
    publish,
)
from tests.support.people import ADA


async def test_a_version_is_written_into_the_draft_as_one_change(shop: Changes, pool: Pool) -> None:
    hat = simple(
        "HAT",
        name("Hat"),
        name("Hut", "de"),
        value("weight", 1),
        value("size", "s"),
        value("price", {"EUR": 5, "CHF": 6}),
    )
    await put_good(shop, [hat])
    await publish(shop, "HAT")
    first = await document(pool, "HAT")
    changed = (
        name("Cap"),
        name("Shop hat", channel="d2c"),
        name("Chapeau", market="CH"),
        value("price", {"EUR": None, "CHF": 7}),
        value("weight", None),
        value("mood", "calm"),
        ValueRecord(attribute="name", locale="de", data=None),
    )
    await put_good(shop, [ProductRecord(sku="HAT", values=changed)])
    before = await pool.fetchval("SELECT revision FROM product WHERE sku = 'HAT'")
    count = await event_count(pool)
    with pytest.raises(ConflictError):
        await restore(shop, "HAT", 1, expected_revision=before - 1)
    restored = await restore(shop, "HAT", 1, expected_revision=before)
    assert (restored.revision, restored.remaining) == (before + 1, ())
    assert {(each.attribute, each.locale, each.market) for each in restored.changed} == {
        ("name", "en", None),
        ("name", "de", None),
        ("name", "en", "CH"),
        ("price", None, None),
        ("weight", None, None),
        ("mood", None, None),
    }
    assert await event_count(pool) == count + 1
    assert [each.outcome for each in await publish(shop, "HAT")] == ["unchanged"]
    assert (await document(pool, "HAT")) == first
    globally = """SELECT data FROM product_value JOIN product ON owner = id
                  WHERE sku = 'HAT' AND attribute = 'name' AND channel IS NULL AND locale = 'en'"""
    assert await pool.fetchval(globally) == "Cap"  # the channel's own value was there
    with pytest.raises(NotFoundError):
        await restore(shop, "HAT", 9)


async def test_values_that_break_a_rule_of_today_are_refused_with_it(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "CAP")
    await put_good(shop, [ProductRecord(sku="CAP", values=(name("X"), value("weight", 9)))])
    async with shop.begin(ADA) as change:
        rules = (AttributeRecord(code="name", validation={"max_length": 2}),)
        rules += (AttributeRecord(code="weight", validation={"min": 5}),)
        await put_attributes(change, rules)
    count = await event_count(pool)
    with pytest.raises(InvalidInputError) as refused:
        await restore(shop, "CAP", 1)
    broken = [each.broken for each in faults_of(refused.value) if each.broken]
    assert {(each.attribute, each.rule) for each in broken} == {
        ("name", "max_length"),
        ("weight", "min"),
    }
    assert await event_count(pool) == count


async def test_an_inherited_value_that_a_version_lacks_remains(
    shop: Changes,
) -> None:
    await publish(shop, "POLO")
    await put_good(shop, [model("POLO", name("Polo"), value("mood", "calm"), by="by-colour-size")])
    restored = await restore(shop, "POLO-R-S", 1)
    assert restored.changed == ()
    (left,) = restored.remaining
    assert (left.attribute, left.before, left.after) == ("mood", "calm", None)


async def test_restoring_leaves_what_a_version_could_not_say(shop: Changes, pool: Pool) -> None:
    async def hold(attributes: Sequence[str], locales: Sequence[str]) -> None:
        async with shop.begin(ADA) as change:
            await put_channels(change, [ChannelRecord(code="d2c", locales=(*locales,))])
            await put_families(change, [FamilyRecord(code="shirts", attributes=(*attributes,))])

    family = FAMILIES[0].attributes or ()
    most = [*family]
    most.remove("washable")
    await hold(most, ["en"])
    await publish(shop, "CAP")
    await hold(family, ["en", "de"])
    later = simple("CAP", name("Kappe", "de"), name("Hat"), value("washable", data=True))
    await put_good(shop, [later])
    restored = await restore(shop, "CAP", 1)
    assert {(each.attribute, each.locale) for each in restored.changed} == {("name", "en")}
    assert {each.attribute for each in restored.remaining} == {"name", "washable"}
    await pool.execute("UPDATE publication SET covered = NULL")  # as a release before wrote it
    assert (await restore(shop, "CAP", 1)).changed == ()

    await hold(most, ["en"])  # what the family hides is no difference, and stays
    assert (await restore(shop, "CAP", 1)).changed == ()
    hidden = "SELECT count(*) FROM product_value WHERE attribute = 'washable'"
    assert await pool.fetchval(hidden) == 1


async def restore(
    shop: Changes, sku: str, version: int, *, expected_revision: int | None = None
) -> RestoredDraft:
    async with shop.begin(ADA) as change:
        return await restore_draft(change, sku, "d2c", version, expected_revision=expected_revision)
