"""Starts and ends of rights and publications, as time reaches them."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import pytest

from catalog.changes import Changes
from catalog.clock import utc_now
from catalog.db import Pool
from catalog.events.model import Event
from catalog.ids import new_id
from catalog.purges.rules import tags_of
from catalog.subjects import Subject
from purger.boundaries import announce_boundaries, announce_reached
from tests.purger.conftest import until
from tests.support.people import TEST
from tests.support.purging import purging

SETUP_SQL = """
INSERT INTO locale (code, name) VALUES ('en-US', 'English');
INSERT INTO channel (code, name, kind, public, country_rule, territory, usages, default_usage,
                     token_window_s, token_min_life_s, locales)
VALUES ('d2c', 'Shop', 'storefront', true, 'viewer', '{}', '{web}', 'web', 86400, 43200, '{en-US}');
INSERT INTO family (code) VALUES ('lamps');
INSERT INTO family_variant (code, family) VALUES ('by-colour', 'lamps');
"""
ASSET_SQL = """
WITH a AS (
    INSERT INTO asset (id, public_id, code, kind, slug) VALUES ($1, $2, $2, 'image', 'lamp')
)
INSERT INTO asset_epoch (asset, epoch) VALUES ($1, 4)
"""
LICENCE_SQL = """
WITH l AS (INSERT INTO licence (id, public_id, code, licensor) VALUES ($1, $2, $2, 'Studio'))
INSERT INTO asset_licence (asset, licence) VALUES ($3, $1)
"""
COLLECTION_SQL = """
WITH c AS (INSERT INTO collection (id, code, name) VALUES ($1, $2, 'Autumn'))
INSERT INTO collection_asset (asset, collection) VALUES ($3, $1)
"""
GRANT_SQL = """
INSERT INTO rights_grant (id, asset, collection, licence, include, channels, usages,
                          valid_from, valid_until, recorded_at)
VALUES ($1, $2, $3, $4, '{WORLD}', '{*}', '{*}', $5, $6, $7)
"""
RESTRICTION_SQL = """
INSERT INTO rights_restriction (id, asset, collection, licence, include, channels, usages,
                                valid_from, valid_until, recorded_at)
VALUES ($1, $2, $3, $4, '{DE}', '{*}', '{*}', $5, $6, $7)
"""
PRODUCT_SQL = """
INSERT INTO product (id, public_id, sku, kind, family, family_variant, parent)
VALUES ($1, $2, $2, $3, 'lamps', CASE $3 WHEN 'MODEL' THEN 'by-colour' END, $4)
"""
PUBLISH_SQL = """
INSERT INTO publication (product, channel, version, sku, public_id, kind, ancestors, document,
                         checksum, visible_from, visible_until, published_at)
SELECT id, 'd2c', 1, sku, public_id, kind, array_remove(ARRAY[parent], NULL), '{}', '',
       $2, $3, $4 FROM product WHERE public_id = $1
"""

EVENTS_SQL = """
SELECT subject, subjects, data, aggregate_version, id FROM event
WHERE type = 'rights.boundary_reached' ORDER BY seq
"""

Row: TypeAlias = dict[str, Any]


class BoundaryStage:
    """One asset in a licence and a collection, a model and its variant, and a time to begin at."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.now = utc_now()
        self.asset, self.licence, self.collection = new_id(), new_id(), new_id()

    async def set_up(self) -> None:
        await self.pool.execute(SETUP_SQL)
        await self.pool.execute(ASSET_SQL, self.asset, "lamp1")
        await self.pool.execute(LICENCE_SQL, self.licence, "lic1", self.asset)
        await self.pool.execute(COLLECTION_SQL, self.collection, "autumn", self.asset)
        model = new_id()
        await self.pool.execute(PRODUCT_SQL, model, "model1", "MODEL", None)
        await self.pool.execute(PRODUCT_SQL, new_id(), "variant1", "VARIANT", model)
        await self.pool.execute("UPDATE boundary_cursor SET reached = $1", self.at(-100))

    def at(self, seconds: float) -> datetime:
        return self.now + timedelta(seconds=seconds)

    async def grant(self, start_s: float, end_s: float | None, **on: uuid.UUID) -> uuid.UUID:
        return await self._term(GRANT_SQL, start_s, end_s, **on)

    async def restrict(self, start_s: float, end_s: float | None, **on: uuid.UUID) -> uuid.UUID:
        return await self._term(RESTRICTION_SQL, start_s, end_s, **on)

    async def _term(
        self, sql: str, start_s: float, end_s: float | None, **on: uuid.UUID
    ) -> uuid.UUID:
        key = new_id()
        await self.pool.execute(
            sql,
            key,
            on.get("asset"),
            on.get("collection"),
            on.get("licence"),
            self.at(start_s),
            None if end_s is None else self.at(end_s),
            self.at(-1000),
        )
        return key

    async def publish(self, product: str, start_s: float, end_s: float | None) -> None:
        end = None if end_s is None else self.at(end_s)
        await self.pool.execute(PUBLISH_SQL, product, self.at(start_s), end, self.at(-1000))

    async def events(self) -> list[Row]:
        return [dict(row) for row in await self.pool.fetch(EVENTS_SQL)]

    async def tags(self) -> set[str]:
        rows = await self.pool.fetch("SELECT DISTINCT tag FROM purge")
        return {row["tag"] for row in rows}


@pytest.fixture
async def stage(pool: Pool) -> BoundaryStage:
    made = BoundaryStage(pool)
    await made.set_up()
    return made


@pytest.fixture
async def changes(pool: Pool) -> Changes:
    return await purging(pool, ("cdn",))


async def test_start_and_end_of_a_grant_are_announced_and_purge_the_asset(
    stage: BoundaryStage, changes: Changes
) -> None:
    await stage.grant(-20, -10, asset=stage.asset)
    assert await announce_reached(changes) == 2
    start, end = await stage.events()
    assert start["subject"] == end["subject"] == "asset/lamp1"
    assert start["subjects"] == ["asset:lamp1"]
    assert start["aggregate_version"] == 4
    assert (start["data"]["edge"], end["data"]["edge"]) == ("start", "end")
    assert end["data"] == {"at": stage.at(-10).isoformat(), "edge": "end", "kind": "grant"}
    assert await stage.tags() == {"a-lamp1"}


@pytest.mark.parametrize("term", [BoundaryStage.grant, BoundaryStage.restrict])
async def test_a_licences_term_names_and_purges_the_licence_alone(
    stage: BoundaryStage, changes: Changes, term: Callable[..., Awaitable[uuid.UUID]]
) -> None:
    await term(stage, -10, None, licence=stage.licence)
    await announce_reached(changes)
    (event,) = await stage.events()
    assert event["subjects"] == ["licence:lic1"]
    assert await stage.tags() == {"l-lic1"}


async def test_a_collections_term_purges_its_assets(stage: BoundaryStage, changes: Changes) -> None:
    await stage.restrict(-10, None, collection=stage.collection)
    await announce_reached(changes)
    (event,) = await stage.events()
    assert event["subjects"] == ["collection:autumn", "asset:lamp1"]
    assert await stage.tags() == {"a-lamp1"}


async def test_the_end_of_a_publication_purges_its_owner_and_every_model_above(
    stage: BoundaryStage, changes: Changes
) -> None:
    await stage.publish("variant1", -20, -10)
    await announce_reached(changes)
    start, end = await stage.events()
    assert start["subject"] == "publication/variant1/d2c"
    assert end["subjects"] == ["publication:variant1:d2c", "publication:model1:d2c"]
    assert await stage.tags() == {"p-variant1", "p-model1"}


async def test_the_start_of_a_publication_takes_nothing_away_and_purges_nothing(
    stage: BoundaryStage, changes: Changes
) -> None:
    await stage.publish("variant1", -20, 3600)
    assert await announce_reached(changes) == 1
    assert await stage.tags() == set()


async def test_a_boundary_is_announced_once_over_restarts_and_beside_other_purgers(
    stage: BoundaryStage, changes: Changes
) -> None:
    await stage.grant(-20, -10, asset=stage.asset)
    counts = await asyncio.gather(*(announce_reached(changes) for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 2]
    assert await announce_reached(changes) == 0
    assert len(await stage.events()) == 2


async def test_boundaries_of_one_instant_are_all_announced(
    stage: BoundaryStage, changes: Changes
) -> None:
    for _ in range(3):
        await stage.grant(-900, -10, asset=stage.asset)
    assert await announce_reached(changes) == 3
    await stage.restrict(-10, None, asset=stage.asset)  # recorded late, its key above the others
    assert await announce_reached(changes) == 1


async def test_what_is_not_reached_or_was_ended_is_not_announced(
    stage: BoundaryStage, changes: Changes
) -> None:
    await stage.grant(3600, None, asset=stage.asset)
    ended = await stage.grant(-20, None, asset=stage.asset)
    await stage.pool.execute(
        "UPDATE rights_grant SET ended_at = $2 WHERE id = $1", ended, stage.at(-30)
    )
    assert await announce_reached(changes) == 0


async def test_an_instant_that_was_past_when_it_was_recorded_is_no_boundary(
    stage: BoundaryStage, changes: Changes
) -> None:
    key = await stage.grant(-20, None, asset=stage.asset)
    await stage.pool.execute("UPDATE rights_grant SET recorded_at = valid_from WHERE id = $1", key)
    assert await announce_reached(changes) == 0


async def test_a_failed_announcement_is_made_the_next_time(
    stage: BoundaryStage, pool: Pool, changes: Changes
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("a reaction failed")

    await stage.grant(-20, None, asset=stage.asset)
    with pytest.raises(RuntimeError):
        await announce_reached(Changes(pool=pool, reactions=(fail,)))
    assert await stage.events() == []
    assert await announce_reached(changes) == 1


async def test_the_loop_wakes_for_a_boundary_that_an_event_brings_nearer(
    stage: BoundaryStage, changes: Changes, database_url: str
) -> None:
    task = asyncio.create_task(announce_boundaries(database_url, changes))
    try:
        await until(_is_listening(stage.pool))
        await stage.grant((utc_now() - stage.now).total_seconds() + 0.5, None, asset=stage.asset)
        async with changes.begin(TEST) as change:
            await change.record(Event(type="rights.changed", subject="asset/lamp1", version=5))

        async def announced() -> bool:
            return len(await stage.events()) == 1

        await until(announced, timeout_s=10)  # it would have slept for a minute
        (event,) = await stage.events()
        reached = await stage.pool.fetchval("SELECT time FROM event WHERE id = $1", event["id"])
        assert reached >= datetime.fromisoformat(event["data"]["at"])
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_only_an_end_takes_a_publication_away() -> None:
    def event(edge: str) -> Event:
        return Event(
            type="rights.boundary_reached",
            subject="publication/x/d2c",
            version=1,
            subjects=(Subject("publication:xxxx:d2c"), Subject("asset:aaaa")),
            data={"edge": edge},
        )

    assert tags_of(event("start")) == ("a-aaaa",)
    assert tags_of(event("end")) == ("p-xxxx", "a-aaaa")


def _is_listening(pool: Pool) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return bool(
            await pool.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'vitrine-boundaries' AND state = 'idle'"
                " AND datname = current_database()"
            )
        )

    return check
