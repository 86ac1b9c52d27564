"""What a batch of asset records makes of the catalogue."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from catalog.batches import BatchResult
from catalog.changes import Change, Changes
from catalog.db import Pool
from catalog.licences.batches import (
    CollectionRecord,
    LicenceRecord,
    TerritorySetRecord,
    put_collections,
    put_licences,
    put_territory_sets,
)
from catalog.media.commands import put_assets
from catalog.media.model import AssetRecord, FocalPointRecord, IngestedFile, LegalDemand
from catalog.members import Edit
from catalog.rights.stated_instants import parse_stated_instant
from catalog.rights.terms import TermRecord, Territory
from tests.support.people import TEST
from tests.support.purging import purging
from tests.support.turns import one_behind_the_other

SHOE = AssetRecord(
    code="shoe-front",
    file="shoe.jpg",
    status="approved",
    values={"title": {"en-US": "Red Shoe", "de-DE": "Roter Schuh"}, "credit": "Studio"},
)
EVERYWHERE = TermRecord(
    territory=Territory(include=["WORLD"]),
    channels=["*"],
    usages=["*"],
    valid_from=parse_stated_instant("now-1d"),
)


def ingested(number: int = 1) -> IngestedFile:
    digest = f"{number:064x}"
    return IngestedFile(
        sha256=digest,
        bytes=1000,
        width_px=800,
        height_px=600,
        mime="image/jpeg",
        storage_key=f"originals/{digest}",
        master_key=f"originals/{digest}",
        dominant_rgb="#aabbcc",
    )


async def put(changes: Changes, *records: AssetRecord, number: int = 1) -> BatchResult:
    async with changes.begin(TEST) as change:
        return await put_assets(
            change, records, {each.code: ingested(number) for each in records if each.file}
        )


async def live(pool: Pool, code: str = "shoe-front") -> dict[str, object]:
    row = await pool.fetchrow("SELECT * FROM live_asset WHERE code = $1", code)
    assert row is not None
    return dict(row)


async def event_types(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT type FROM event WHERE subject LIKE 'asset/%' ORDER BY seq")
    return [row["type"] for row in rows]


async def test_a_new_asset_has_a_version_a_state_a_slug_and_its_first_epoch(
    changes: Changes, pool: Pool
) -> None:
    applied = await put(changes, SHOE)

    assert (applied.created, applied.updated, applied.unchanged) == (1, 0, 0)
    asset = await live(pool)
    assert asset["slug"] == "red-shoe"
    assert (asset["version"], asset["epoch"], asset["status"]) == (1, 1, "approved")
    assert await event_types(pool) == ["asset.ingested"]
    values = await pool.fetch("SELECT key, locale, data FROM asset_value ORDER BY key, locale")
    assert [tuple(row) for row in values] == [
        ("credit", None, "Studio"),
        ("title", "de-DE", "Roter Schuh"),
        ("title", "en-US", "Red Shoe"),
    ]


async def test_the_same_record_again_writes_nothing(changes: Changes, pool: Pool) -> None:
    record = replace(SHOE, grants=[EVERYWHERE], focal_point=FocalPointRecord(x=0.3, y=0.7))
    await put(changes, record)
    before = await live(pool)

    applied = await put(changes, record)

    assert (applied.created, applied.updated, applied.unchanged) == (0, 0, 1)
    assert await live(pool) == before
    assert await event_types(pool) == ["asset.ingested"]


async def test_two_imports_of_a_new_asset_at_once_make_one(changes: Changes, pool: Pool) -> None:
    async def put(change: Change) -> BatchResult:
        return await put_assets(change, [SHOE], {SHOE.code: ingested()})

    assert await one_behind_the_other(changes, put, put) == BatchResult(unchanged=1)
    assert await pool.fetchval("SELECT count(*) FROM asset_version") == 1


async def test_other_bytes_make_a_version_and_raise_the_epoch(changes: Changes, pool: Pool) -> None:
    await put(changes, SHOE)
    await put(changes, SHOE, number=2)

    asset = await live(pool)
    assert (asset["version"], asset["epoch"]) == (2, 2)
    assert await event_types(pool) == ["asset.ingested", "asset.version_created"]


async def test_a_change_of_texts_raises_no_epoch(changes: Changes, pool: Pool) -> None:
    await put(changes, SHOE)
    applied = await put(changes, AssetRecord(code=SHOE.code, values={"title": {"en-US": "Boot"}}))

    asset = await live(pool)
    assert applied.updated == 1
    assert (asset["epoch"], asset["slug"], asset["revision"]) == (1, "red-shoe", 2)
    assert await event_types(pool) == ["asset.ingested", "asset.updated"]


async def stored_texts(pool: Pool) -> dict[tuple[str, str | None], str]:
    rows = await pool.fetch("SELECT key, locale, data FROM asset_value")
    return {(row["key"], row["locale"]): row["data"] for row in rows}


async def test_texts_that_are_not_named_stay(changes: Changes, pool: Pool) -> None:
    await put(changes, SHOE)
    texts = await stored_texts(pool)
    german = ("title", "de-DE")
    for stated, expected in (
        ({"alt": {"en-US": "A shoe"}}, {**texts, ("alt", "en-US"): "A shoe"}),
        ({"alt": ""}, texts),
        ({"title": {"de-DE": None}}, {at: texts[at] for at in texts if at != german}),
        ({"title": None}, {("credit", None): "Studio"}),
    ):
        record = AssetRecord(code=SHOE.code, values=stated)
        assert (await put(changes, record)).updated == 1
        assert await stored_texts(pool) == expected
        assert (await put(changes, record)).unchanged == 1


async def test_a_record_may_state_the_whole_set_of_texts(changes: Changes, pool: Pool) -> None:
    await put(changes, SHOE)
    whole = AssetRecord(code=SHOE.code, values={"alt": "A shoe"}, replace_values=True)
    await put(changes, whole)
    assert await stored_texts(pool) == {("alt", None): "A shoe"}


@pytest.mark.parametrize(
    ("record", "event"),
    [
        (AssetRecord(code=SHOE.code, status="withdrawn"), "asset.withdrawn"),
        (AssetRecord(code=SHOE.code, legal_demand=LegalDemand()), "asset.status_changed"),
        (AssetRecord(code=SHOE.code, grants=[EVERYWHERE]), "rights.changed"),
        (AssetRecord(code=SHOE.code, restrictions=[EVERYWHERE]), "rights.changed"),
        (AssetRecord(code=SHOE.code, licences=["photo"]), "rights.changed"),
        (AssetRecord(code=SHOE.code, collections=["summer"]), "rights.changed"),
        (AssetRecord(code=SHOE.code, focal_point=FocalPointRecord(x=0, y=1)), "asset.updated"),
    ],
)
async def test_what_may_alter_delivery_raises_the_epoch(
    changes: Changes, pool: Pool, record: AssetRecord, event: str
) -> None:
    await put(changes, SHOE)
    async with changes.begin(TEST) as change:
        await put_licences(change, [LicenceRecord(code="photo", licensor="Studio")])
        await put_collections(change, [CollectionRecord(code="summer")])

    assert (await put(changes, record)).updated == 1
    assert (await live(pool))["epoch"] == 2
    assert await event_types(pool) == ["asset.ingested", event]
    assert (await put(changes, record)).unchanged == 1


async def test_a_bad_record_costs_only_itself(changes: Changes) -> None:
    applied = await put(
        changes,
        replace(SHOE, code="a", licences=["nobody"]),
        SHOE,
        replace(SHOE, code="b", values={"cost": "9"}),
        replace(SHOE, code="c", values={"title": {"xx": "?"}}),
        replace(SHOE, code="d", file=None),
        replace(SHOE, code="e", legal_demand=LegalDemand(authority_url="https://court.test/ä")),
    )

    assert applied.created == 1
    assert [(each.index, each.code, each.field) for each in applied.rejections] == [
        (0, "INVALID_INPUT", "licences"),
        (2, "PRICE_IN_ASSET", "values.cost"),
        (3, "INVALID_INPUT", "values.title"),
        (4, "INVALID_INPUT", "file"),
        (5, "INVALID_INPUT", "legal_demand"),
    ]


async def grants(pool: Pool) -> Sequence[dict[str, object]]:
    rows = await pool.fetch(
        "SELECT valid_until, ended_at FROM rights_grant ORDER BY recorded_at, id"
    )
    return [dict(row) for row in rows]


async def test_a_grant_that_is_left_out_of_the_list_stays_on_record_as_expired(
    changes: Changes, pool: Pool
) -> None:
    await put(changes, replace(SHOE, grants=[EVERYWHERE]))
    await put(changes, replace(SHOE, grants=[]))

    ended, expired = await grants(pool)
    assert ended["ended_at"] is not None
    assert expired["ended_at"] is None
    assert expired["valid_until"] is not None
    assert (await put(changes, replace(SHOE, grants=[]))).unchanged == 1


async def test_single_grants_come_and_leave_while_the_others_stay(
    changes: Changes, pool: Pool
) -> None:
    async def places() -> list[str]:
        rows = await pool.fetch(
            "SELECT include FROM rights_grant "
            "WHERE ended_at IS NULL AND (valid_until IS NULL OR valid_until > clock_timestamp())"
        )
        return sorted(row["include"][0] for row in rows)

    german, french = (
        replace(EVERYWHERE, territory=Territory(include=[country])) for country in ("DE", "FR")
    )
    await put(changes, replace(SHOE, grants=[german]))
    for edit, expected in (
        (Edit(add=(french,)), ["DE", "FR"]),
        (Edit(add=(EVERYWHERE,), remove=(german,)), ["FR", "WORLD"]),
        (Edit(remove=(french,)), ["WORLD"]),
    ):
        assert (await put(changes, AssetRecord(code=SHOE.code, grants=edit))).updated == 1
        assert await places() == expected
        assert (await put(changes, AssetRecord(code=SHOE.code, grants=edit))).unchanged == 1

    both = Edit(add=(german,), remove=(german,))
    (refused,) = (await put(changes, AssetRecord(code=SHOE.code, grants=both))).rejections
    assert refused.field == "grants"


async def test_a_grant_that_stands_twice_ends_twice(changes: Changes, pool: Pool) -> None:
    await put(changes, replace(SHOE, grants=[EVERYWHERE, EVERYWHERE]))
    await put(changes, AssetRecord(code=SHOE.code, grants=Edit(remove=(EVERYWHERE,))))
    standing = "SELECT count(*) FROM rights_grant WHERE ended_at IS NULL AND valid_until IS NULL"
    assert await pool.fetchval(standing) == 0


async def test_what_a_whole_list_leaves_out_is_withdrawn_as_ever(
    changes: Changes, pool: Pool
) -> None:
    """Values are upserted one by one; lists of rights are not: leaving one out ends it."""
    async with changes.begin(TEST) as change:
        await put_licences(
            change, [LicenceRecord(code="photo", licensor="Us", grants=[EVERYWHERE])]
        )
        await put_collections(change, [CollectionRecord(code="summer", grants=[EVERYWHERE])])
    own = replace(SHOE, licences=["photo"], collections=["summer"], grants=[EVERYWHERE])
    await put(changes, own)
    assert len((await live(pool))["grants"]) == 3  # pyright: ignore[reportArgumentType] - jsonb
    await put(changes, AssetRecord(code=SHOE.code, licences=[], values={"alt": "A shoe"}))
    await put(changes, AssetRecord(code=SHOE.code, collections=Edit(remove=("summer",))))
    await put(changes, AssetRecord(code=SHOE.code, grants=[]))
    async with changes.begin(TEST) as change:
        await put_licences(change, [LicenceRecord(code="photo", grants=[])])
        await put_collections(change, [CollectionRecord(code="summer", grants=[])])
    standing = "SELECT count(*) FROM rights_grant WHERE ended_at IS NULL AND valid_until IS NULL"
    assert await pool.fetchval(standing) == 0
    members = "SELECT count(*) FROM asset_licence, collection_asset WHERE {} IS NULL"
    assert await pool.fetchval(members.format("asset_licence.ended_at")) == 0
    assert await pool.fetchval(members.format("collection_asset.ended_at")) == 0


async def test_the_terms_of_a_licence_and_of_a_set_reach_its_assets(
    changes: Changes, pool: Pool
) -> None:
    async with changes.begin(TEST) as change:
        await put_territory_sets(change, [TerritorySetRecord(code="EUR", countries=["DE", "FR"])])
        await put_licences(change, [LicenceRecord(code="photo", licensor="Studio")])
    await put(changes, replace(SHOE, licences=["photo"]))
    term = replace(EVERYWHERE, territory=Territory(include=["EUR"]))
    wanted = LicenceRecord(code="photo", credit="By Studio", grants=[term])

    async with changes.begin(TEST) as change:
        applied = await put_licences(change, [wanted])
    assert applied.updated == 1
    asset = await live(pool)
    assert (asset["epoch"], asset["credit"]) == (2, "By Studio")

    async with changes.begin(TEST) as change:
        assert (await put_licences(change, [wanted])).unchanged == 1
        await put_territory_sets(change, [TerritorySetRecord(code="EUR", countries=["DE", "AT"])])
    asset = await live(pool)
    assert asset["epoch"] == 3
    assert isinstance(asset["grants"], list)
    assert sorted(asset["grants"][0]["countries"]) == ["AT", "DE"]  # pyright: ignore[reportUnknownArgumentType] - jsonb


async def test_dates_are_meant_in_the_zone_of_the_licence(changes: Changes, pool: Pool) -> None:
    term = replace(
        EVERYWHERE,
        valid_from=parse_stated_instant("2026-01-01"),
        valid_until=parse_stated_instant("2026-06-30"),
    )
    record = LicenceRecord(code="tokyo", licensor="Studio", time_zone="Asia/Tokyo", grants=[term])
    async with changes.begin(TEST) as change:
        await put_licences(change, [record])
        assert (await put_licences(change, [record])).unchanged == 1

    row = await pool.fetchrow(
        "SELECT valid_from::text, valid_until::text FROM rights_grant WHERE licence IS NOT NULL"
    )
    assert row is not None
    assert tuple(row) == ("2025-12-31 15:00:00+00", "2026-06-30 15:00:00+00")


async def test_only_what_an_edge_may_hold_wrongly_is_purged(changes: Changes, pool: Pool) -> None:
    async def purged() -> int:
        return await pool.fetchval("SELECT count(*) FROM purge WHERE pass = 1")

    await purging(pool, ["varnish"])
    await put(changes, SHOE)
    assert await pool.fetchval("SELECT subjects FROM event WHERE type = 'asset.ingested'")
    assert await purged() == 0
    await put(changes, replace(SHOE, values={"title": "Blue shoe"}))
    (subject,) = await pool.fetchval("SELECT subjects FROM event WHERE type = 'asset.updated'")
    assert subject.startswith("texts:")  # which answers of the graph rest on, and no image
    assert await purged() == 0
    await put(changes, replace(SHOE, focal_point=FocalPointRecord(x=0.5, y=0.1)))
    assert await purged() == 1
