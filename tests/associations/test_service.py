"""The association service: origins that meet, decisions that stay, what is refused."""

import asyncio
import uuid
from typing import Any

import pytest

from catalog.associations.commands import bind_media, put_media_associations, unbind_media
from catalog.associations.model import BindingResult, MediaAssociationRecord, MediaBinding
from catalog.batches import BatchResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.principal import IMPORT, RELAY, Principal
from catalog.products.commands import put_attributes
from catalog.products.model import AttributeRecord
from tests.products.shop import open_shop, put_good, simple
from tests.support.people import ADA, TEST, WORKERS


async def test_an_attribute_of_media_is_a_role(shop: Changes, pool: Pool) -> None:
    sheet = AttributeRecord(code="care_sheet", attribute_type="asset")
    hero = AttributeRecord(code="hero", attribute_type="asset")
    async with shop.begin(TEST) as change:
        applied = await put_attributes(change, [sheet, hero])
    assert (applied.created, applied.rejections[0].field) == (1, "code")
    assert (await put(shop, found(role="care_sheet"))).created == 1
    assert (await the_row(pool))["role"] == "care_sheet"
    assert (await put(shop, found(role="custom"))).rejections[0].field == "role"


@pytest.fixture
async def shop(pool: Pool) -> Changes:
    changes = await open_shop(pool)
    await put_good(changes, [simple("CAP"), simple("HAT")])
    await pool.executemany(
        "INSERT INTO asset (id, public_id, code, kind, slug) VALUES ($1, $2, $3, 'image', 'x')",
        [(uuid.uuid4(), f"pic{i}", f"pic-{i}") for i in range(3)],
    )
    return changes


async def put(
    shop: Changes, *records: MediaAssociationRecord, actor: Principal = IMPORT
) -> BatchResult:
    async with shop.begin(actor) as change:
        return await put_media_associations(change, records)


def found(origin: str = "dam", **fields: object) -> MediaAssociationRecord:
    asked: dict[str, Any] = {
        "product": "CAP",
        "asset": "pic-0",
        "role": "hero",
        "origin": origin,
        **fields,
    }
    return MediaAssociationRecord(**asked)


async def bind(shop: Changes, pool: Pool, **fields: object) -> BindingResult:
    product = await pool.fetchval("SELECT public_id FROM product WHERE sku = 'CAP'")
    asked: dict[str, Any] = {"product": product, "asset": "pic0", "role": "hero", **fields}
    async with shop.begin(ADA) as change:
        return (await bind_media(change, [MediaBinding(**asked)]))[0]


async def the_row(pool: Pool) -> dict[str, Any]:
    (row,) = await pool.fetch("SELECT * FROM media_association")
    return dict(row.items())


async def events(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT type FROM event WHERE type LIKE 'association.%' ORDER BY seq")
    return [row["type"].removeprefix("association.") for row in rows]


async def test_a_person_binds_and_it_is_approved_at_once(shop: Changes, pool: Pool) -> None:
    bound = await bind(shop, pool, position=2)
    row = await the_row(pool)
    assert (bound.id, bound.status) == (row["public_id"], "approved")
    assert (row["position"], row["origin"], row["confidence"]) == (2, "pim", 1)
    event = await pool.fetchrow("SELECT * FROM event WHERE type = 'association.approved'")
    product = await pool.fetchval("SELECT public_id FROM product WHERE sku = 'CAP'")
    assert event is not None
    assert event["subjects"] == [f"product:{product}"]


@pytest.mark.parametrize(
    ("confidence", "status"), [(0.89, "proposed"), (0.9, "approved"), (1.0, "approved")]
)
async def test_a_machine_has_to_be_sure(
    shop: Changes, pool: Pool, confidence: float, status: str
) -> None:
    await put(shop, found(confidence=confidence, status="approved"))
    assert (await the_row(pool))["status"] == status


async def test_a_second_run_changes_nothing(shop: Changes, pool: Pool) -> None:
    records = (found(confidence=0.95), found("pim", asset="pic-1"), found("auto", asset="pic-2"))
    assert await put(shop, *records) == BatchResult(created=3)
    assert await put(shop, *records) == BatchResult(unchanged=3)
    assert len(await events(pool)) == 3


async def test_origins_merge_into_one_row_that_keeps_every_provenance(
    shop: Changes, pool: Pool
) -> None:
    await put(shop, found("auto", confidence=0.4), actor=TEST)
    await put(shop, found("dam", confidence=0.95, position=1), actor=IMPORT)
    await put(shop, found("auto", confidence=0.5), actor=RELAY)
    row = await the_row(pool)
    assert [(each["origin"], each["confidence"]) for each in row["provenance"]] == [
        ("auto", 0.4),
        ("dam", 0.95),
        ("auto", 0.5),
    ]
    assert (row["origin"], row["status"], row["position"]) == ("dam", "approved", 1)
    assert await events(pool) == ["proposed", "approved", "updated"]


async def test_a_machine_that_becomes_less_sure_takes_its_approval_back(
    shop: Changes, pool: Pool
) -> None:
    await put(shop, found(confidence=0.95))
    await put(shop, found(confidence=0.3))
    row = await the_row(pool)
    assert (len(row["provenance"]), row["status"]) == (1, "proposed")
    assert row["confidence"] == pytest.approx(0.3)


async def test_a_machine_may_propose_or_retire_what_no_person_decided(
    shop: Changes, pool: Pool
) -> None:
    await put(shop, found(confidence=0.95, status="proposed"))
    assert (await the_row(pool))["status"] == "proposed"
    await put(shop, found(confidence=0.95, status="retired"))
    assert (await the_row(pool))["status"] == "retired"


async def test_what_a_person_retired_no_machine_brings_back(shop: Changes, pool: Pool) -> None:
    bound = await bind(shop, pool, position=3)
    async with shop.begin(ADA) as change:
        results = await unbind_media(change, [bound.id or "", "nothing"])
    assert [(each.status, each.code) for each in results] == [
        ("retired", None),
        (None, "NOT_FOUND"),
    ]
    await put(shop, found("dam", confidence=1.0, position=9))
    row = await the_row(pool)
    assert (row["status"], row["origin"], row["position"]) == ("retired", "pim", 3)
    assert await events(pool) == ["approved", "retired", "updated"]


async def test_a_person_may_bind_again_what_was_retired(shop: Changes, pool: Pool) -> None:
    bound = await bind(shop, pool)
    async with shop.begin(ADA) as change:
        await unbind_media(change, [bound.id or ""])
    assert await bind(shop, pool) == bound
    assert await events(pool) == ["approved", "retired", "approved"]


async def test_a_person_approves_what_a_machine_proposed(shop: Changes, pool: Pool) -> None:
    await put(shop, found("dam", confidence=0.5))
    await bind(shop, pool)
    row = await the_row(pool)
    assert (row["status"], row["confidence"], row["revision"]) == ("approved", 1, 2)


async def test_a_scope_makes_an_association_of_its_own(shop: Changes, pool: Pool) -> None:
    assert await put(shop, found(), found(locale="de"), found(market="CH")) == BatchResult(
        created=3
    )
    assert await pool.fetchval("SELECT count(*) FROM media_association") == 3


REFUSED = {
    "product": found(product="NONE"),
    "asset": found(asset="none"),
    "role": found(role="poster"),
    "locale": found(locale="fr"),
    "market": found(market="XX"),
    "channel": found(channel="tv"),
    "confidence": found(confidence=1.5),
    "position": found(position=-1),
    "origin": found("guess"),
    "status": found(status="maybe"),
}


@pytest.mark.parametrize(("field", "record"), REFUSED.items(), ids=REFUSED.keys())
async def test_a_bad_record_costs_only_itself(
    shop: Changes, field: str, record: MediaAssociationRecord
) -> None:
    applied = await put(shop, found(), record, found(product="HAT"))
    assert applied.created == 2
    assert [(each.index, each.field) for each in applied.rejections] == [(1, field)]


async def test_a_bad_binding_is_answered_in_its_place(shop: Changes, pool: Pool) -> None:
    assert (await bind(shop, pool, asset="none")).field == "asset"


async def test_two_origins_at_once_make_one_row(shop: Changes, pool: Pool) -> None:
    both = [(found("dam", confidence=0.5, product=sku)) for sku in ("CAP", "HAT")]
    await asyncio.gather(
        *(put(shop, *both[:: 1 if i % 2 else -1], actor=WORKERS[i]) for i in range(6))
    )
    rows = await pool.fetch("SELECT jsonb_array_length(provenance) AS n FROM media_association")
    assert [row["n"] for row in rows] == [6, 6]
