"""Versions of presets: drafted, published, given up, retired; no number is given twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.batches import BatchResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.delivery.commands import (
    discard_preset_draft,
    publish_preset,
    put_presets,
    retire_preset,
    save_preset_draft,
)
from catalog.delivery.model import (
    NEWEST_DEFAULTS,
    QUALITY_DEFAULTS,
    Format,
    Preset,
    PresetRecord,
    Recipe,
)
from catalog.delivery.rules import InvalidPresetError
from catalog.delivery.store import presets, recipe_json
from catalog.errors import ConflictError, NotFoundError
from tests.support.people import ADA
from tests.support.purging import purging

CARD = PresetRecord(code="card", recipe=Recipe(widths_px=(320,)))
WIDE = replace(CARD, recipe=Recipe(widths_px=(320, 640)))
TALL = replace(CARD, recipe=Recipe(widths_px=(320,), ratio=(1, 2)))
CHANNELS_SQL = """
INSERT INTO locale (code, name) VALUES ('en-US', 'English');
INSERT INTO channel (code, name, kind, public, country_rule, territory, usages, default_usage,
                     token_window_s, token_min_life_s, locales)
VALUES ('d2c', 'Shop', 'storefront', true, 'viewer', '{}', '{web}', 'web',
        86400, 43200, '{en-US}'),
       ('place', 'Marketplace', 'marketplace', false, 'declared', '{DE}', '{web}', 'web',
        2592000, 1296000, '{en-US}')
"""
LONGEST = timedelta(seconds=2_592_000 + 1_296_000)


@pytest.fixture
async def changes(pool: Pool) -> Changes:
    """Two channels; the marketplace's tokens live longest."""
    await pool.execute(CHANNELS_SQL)
    return await purging(pool, ["varnish"])


async def put(changes: Changes, *records: PresetRecord) -> BatchResult:
    async with changes.begin(ADA) as change:
        return await put_presets(change, records)


async def save(
    changes: Changes, record: PresetRecord, expected_version: int | None = None
) -> Preset:
    async with changes.begin(ADA) as change:
        return await save_preset_draft(change, record, expected_version=expected_version)


async def publish(changes: Changes, expected_version: int | None = None) -> Preset:
    async with changes.begin(ADA) as change:
        return await publish_preset(change, "card", expected_version=expected_version)


async def discard(changes: Changes, expected_version: int | None = None) -> None:
    async with changes.begin(ADA) as change:
        await discard_preset_draft(change, "card", expected_version=expected_version)


async def retire(changes: Changes, expected_version: int | None = None) -> None:
    async with changes.begin(ADA) as change:
        await retire_preset(change, "card", expected_version=expected_version)


async def served(changes: Changes) -> dict[int, str]:
    async with changes.pool.acquire() as conn:
        return {each.version: each.state for each in await presets(conn)}


async def test_a_draft_is_a_version_of_its_own_until_it_becomes_the_current_one(
    changes: Changes,
) -> None:
    await put(changes, CARD)
    draft = await save(changes, WIDE)
    assert (draft.version, draft.state, draft.record) == (2, "draft", WIDE)
    assert await served(changes) == {1: "current", 2: "draft"}

    published = await publish(changes)

    assert (published.version, published.state, published.record) == (2, "current", WIDE)
    assert await served(changes) == {1: "superseded", 2: "current"}


async def test_what_is_superseded_or_retired_is_served_while_any_channels_token_may_name_it(
    changes: Changes,
) -> None:
    await put(changes, CARD)
    await save(changes, WIDE)
    before = await changes.pool.fetchval("SELECT clock_timestamp()")
    await publish(changes)
    await retire(changes)
    after = await changes.pool.fetchval("SELECT clock_timestamp()")

    assert await served(changes) == {1: "superseded", 2: "retired"}
    async with changes.pool.acquire() as conn:
        for each in await presets(conn):
            assert each.served_until is not None
            assert before + LONGEST <= each.served_until <= after + LONGEST
    await changes.pool.execute("UPDATE preset SET served_until = clock_timestamp()")
    assert await served(changes) == {}


async def test_a_draft_that_is_edited_or_given_up_leaves_its_number_to_nobody(
    changes: Changes,
) -> None:
    assert (await save(changes, CARD)).version == 1
    assert (await save(changes, WIDE)).version == 2
    assert await served(changes) == {2: "draft"}
    await discard(changes)
    assert await served(changes) == {}
    await put(changes, CARD)
    assert await served(changes) == {3: "current"}
    assert (await save(changes, TALL)).version == 4


async def test_saving_the_same_draft_again_changes_nothing(changes: Changes) -> None:
    await save(changes, CARD)
    before = await changes.pool.fetchval("SELECT count(*) FROM event")
    assert (await save(changes, CARD)).version == 1
    assert await changes.pool.fetchval("SELECT count(*) FROM event") == before


async def test_a_preset_that_was_retired_can_be_put_or_published_again(changes: Changes) -> None:
    await put(changes, CARD)
    await retire(changes)
    assert await put(changes, CARD) == BatchResult(created=1)
    assert await served(changes) == {1: "retired", 2: "current"}
    await retire(changes)
    await save(changes, CARD)
    assert (await publish(changes)).version == 3


async def test_an_import_leaves_the_draft_alone_which_then_has_to_be_looked_at_again(
    changes: Changes,
) -> None:
    await put(changes, CARD)
    await save(changes, TALL)
    assert await put(changes, CARD) == BatchResult(unchanged=1)
    await publish(changes)
    await save(changes, CARD)
    assert await put(changes, WIDE) == BatchResult(updated=1)
    assert await served(changes) == {1: "superseded", 2: "superseded", 3: "draft", 4: "current"}

    with pytest.raises(ConflictError):
        await publish(changes)

    assert (await save(changes, CARD)).version == 5
    assert (await publish(changes)).version == 5


async def test_whoever_expects_another_version_is_refused(changes: Changes) -> None:
    await save(changes, CARD, 0)
    with pytest.raises(ConflictError):
        await save(changes, WIDE, 0)
    await save(changes, WIDE, 1)
    for refused in (save(changes, CARD, 1), publish(changes, 1), discard(changes, 1)):
        with pytest.raises(ConflictError):
            await refused
    await publish(changes, 2)
    with pytest.raises(ConflictError):
        await retire(changes, 1)
    await retire(changes, 2)


async def test_what_is_not_there_can_neither_be_published_nor_given_up_nor_retired(
    changes: Changes,
) -> None:
    for refused in (publish(changes), discard(changes), retire(changes)):
        with pytest.raises(NotFoundError):
            await refused
    await put(changes, CARD)
    for refused in (publish(changes), discard(changes)):
        with pytest.raises(NotFoundError):
            await refused


async def test_a_draft_that_breaks_a_rule_is_not_saved(changes: Changes) -> None:
    await save(changes, CARD)
    with pytest.raises(InvalidPresetError):
        await save(changes, replace(CARD, lifetime_s=0))
    assert await served(changes) == {1: "draft"}


async def test_editors_at_the_same_time_get_a_number_each(changes: Changes) -> None:
    drafts = [replace(CARD, recipe=Recipe(widths_px=(width,))) for width in range(100, 106)]
    versions = await asyncio.gather(*(save(changes, draft) for draft in drafts))
    assert sorted(each.version for each in versions) == [1, 2, 3, 4, 5, 6]
    assert list((await served(changes)).values()) == ["draft"]


async def test_every_change_names_the_preset_to_gateways_and_purges_no_edge(
    changes: Changes,
) -> None:
    await put(changes, CARD)
    await save(changes, WIDE)
    await discard(changes)
    await save(changes, WIDE)
    await publish(changes)
    await retire(changes)

    events = await changes.pool.fetch(
        "SELECT type, subjects, actor, data FROM event WHERE subject = 'preset/card' ORDER BY seq"
    )
    assert [(each["type"], each["data"]["version"]) for each in events] == [
        ("preset.created", 1),
        ("preset.draft_saved", 2),
        ("preset.draft_discarded", 2),
        ("preset.draft_saved", 3),
        ("preset.updated", 3),
        ("preset.retired", 3),
    ]
    assert {(*each["subjects"], each["actor"]) for each in events} == {("preset:card", ADA.id)}
    # a version is in the URL: what an edge holds stays true
    assert await changes.pool.fetchval("SELECT count(*) FROM purge") == 0


#: As a process of before there were newer defaults writes it, which may still run.
ADD_FORMER_SQL = "INSERT INTO preset (code, version, recipe) VALUES ('card', 1, $1)"


async def qualities(changes: Changes) -> dict[int, dict[Format, int]]:
    async with changes.pool.acquire() as conn:
        return {each.version: each.complete_recipe.quality_percent for each in await presets(conn)}


async def test_a_version_keeps_the_default_qualities_that_it_was_made_with(
    changes: Changes,
) -> None:
    stated = {Format.WEBP: 50}
    former = replace(CARD, recipe=replace(CARD.recipe, quality_percent=stated))
    await changes.pool.execute(ADD_FORMER_SQL, recipe_json(former.recipe))

    assert (await put(changes, former)).unchanged == 1
    before = await qualities(changes)
    await put(changes, replace(former, recipe=replace(former.recipe, widths_px=(320, 640))))

    assert before == {1: {**QUALITY_DEFAULTS[1], **stated}}
    assert await qualities(changes) == {
        **before,
        2: {**QUALITY_DEFAULTS[NEWEST_DEFAULTS], **stated},
    }


async def test_the_newest_default_qualities_are_taken_up_by_a_draft_that_says_the_same(
    changes: Changes,
) -> None:
    await changes.pool.execute(ADD_FORMER_SQL, recipe_json(CARD.recipe))

    await save(changes, CARD)
    await publish(changes)

    assert await qualities(changes) == {
        1: QUALITY_DEFAULTS[1],
        2: QUALITY_DEFAULTS[NEWEST_DEFAULTS],
    }


def test_default_qualities_that_presets_were_made_with_are_for_ever() -> None:
    assert QUALITY_DEFAULTS[1] == {Format.JPEG: 80, Format.WEBP: 79, Format.AVIF: 63}
    assert QUALITY_DEFAULTS[2] == {Format.JPEG: 69, Format.WEBP: 79, Format.AVIF: 54}
