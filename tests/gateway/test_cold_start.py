"""A gateway that has just started answers for any asset, and knows only what it was asked for."""

import random
import uuid

from starlette.requests import Request

from gateway.app import open_gateway
from gateway.service import Gateway
from tests.support.stage import WORLDWIDE, Stage, StagedAsset
from vitrine.settings import Settings

ASSETS = 100_000
# What an asset may do follows from its number: licensed, licensed elsewhere, not at all, withdrawn.
STATUSES = {0: 200, 1: 403, 2: 403, 3: 410}
CROWD_SQL = """
CREATE TEMP TABLE crowd ON COMMIT DROP AS
SELECT n, gen_random_uuid() AS id, 'crowd' || n AS public_id FROM generate_series(1, $1::int) AS n
"""
FILL_SQL = """
INSERT INTO asset (id, public_id, code, kind, slug, current_version)
SELECT id, public_id, public_id, 'image', 'brass-lamp', 1 FROM crowd;
INSERT INTO asset_epoch (asset) SELECT id FROM crowd;
INSERT INTO asset_state (id, asset, status)
SELECT gen_random_uuid(), id, CASE n % 4 WHEN 3 THEN 'withdrawn' ELSE 'approved' END FROM crowd;
INSERT INTO asset_version (asset, n, sha256, bytes, mime, storage_key, master_key)
SELECT crowd.id, 1, v.sha256, v.bytes, v.mime, v.storage_key, v.master_key
FROM crowd, (SELECT * FROM asset_version LIMIT 1) AS v;
INSERT INTO rights_grant (id, asset, include, channels, usages, valid_from)
SELECT gen_random_uuid(), id, CASE n % 4 WHEN 1 THEN '{FR}'::text[] ELSE '{WORLD}' END,
       '{*}', '{*}', '2020-01-01Z'
FROM crowd WHERE n % 4 <> 2;
"""


async def crowded(stage: Stage) -> None:
    await stage.asset(WORLDWIDE)
    async with stage.pool.acquire() as conn, conn.transaction():
        await conn.execute(CROWD_SQL, ASSETS)
        await conn.execute(FILL_SQL)
    await stage.pool.execute("ANALYZE")


async def status_of(gateway: Gateway, stage: Stage, number: int) -> int:
    asset = StagedAsset(id=uuid.UUID(int=number), public_id=f"crowd{number}", slug="brass-lamp")
    path, _, query = stage.url(asset).partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"cf-ipcountry", b"DE")],
        "client": ("127.0.0.1", 1),
    }
    return (await gateway.handle(Request(scope))).status_code


async def test_of_a_hundred_thousand_assets_only_those_asked_for_are_loaded(
    stage: Stage, settings: Settings
) -> None:
    await crowded(stage)
    asked = random.Random(7).sample(range(1, ASSETS + 1), 160)  # noqa: S311 - repeatable
    few = settings.model_copy(update={"index_assets": 100})

    async with open_gateway(few, {}) as gateway:
        assert len(gateway.index.assets) == 0
        first = {number: await status_of(gateway, stage, number) for number in asked[:20]}
        known = len(gateway.index.assets)
        rest = {number: await status_of(gateway, stage, number) for number in asked[20:]}
        again = await status_of(gateway, stage, asked[0])  # forgotten meanwhile

        assert known == 20
        assert first | rest == {number: STATUSES[number % 4] for number in asked}
        assert again == STATUSES[asked[0] % 4]
        assert len(gateway.index.assets) == 100
