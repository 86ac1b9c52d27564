"""Tokens at a running gateway: keys that rotate and end, and what a token is bound to."""

import asyncio
import base64
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial

import httpx2
import pytest

from catalog.changes import Change
from catalog.delivery.keys import create_signing_key, load_signing_keys, retire_signing_key
from catalog.publication.commands import unpublish_products
from catalog.purges.darkness import wait_until_dark
from catalog.sealing import MasterKeys
from gateway.app import create_app
from tests.support.commands import vitrine
from tests.support.people import ADA
from tests.support.processes import ROOT
from tests.support.serve import serve
from tests.support.stage import MASTER_KEYS, WORLDWIDE, Stage, master_key_text
from tests.support.waiting import eventually
from vitrine.settings import Settings, load_settings

GERMANY = replace(WORLDWIDE, include=("DE",))


async def obeyed(stage: Stage, change: Change) -> None:
    await wait_until_dark(stage.pool, change.recorded, lease_s=30)


async def status(gateway: httpx2.AsyncClient, url: str, country: str = "DE") -> int:
    return (await gateway.get(url, headers={"CF-IPCountry": country})).status_code


async def code(gateway: httpx2.AsyncClient, url: str, country: str = "DE") -> str:
    return (await gateway.get(url, headers={"CF-IPCountry": country})).json()["code"]


async def test_after_a_rotation_urls_given_before_go_on_and_new_ones_carry_the_new_key(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    old = stage.url(asset)
    assert await status(gateway, old) == 200
    async with stage.changes.begin(ADA) as change:
        await create_signing_key(change, master_keys=MASTER_KEYS, kid="autumn")
    await stage.reload_keys()
    new = stage.url(asset)
    await obeyed(stage, change)

    assert (old.partition("?t=")[2][:3], new.partition("?t=")[2][:7]) == ("k1.", "autumn.")
    assert [await status(gateway, url) for url in (old, new)] == [200, 200]
    assert "k-autumn" in (await gateway.get(new)).headers["xkey"].split()
    async with stage.changes.begin(ADA) as change:
        assert await retire_signing_key(change, "k1", master_keys=MASTER_KEYS) is None
    assert await status(gateway, old) == 200


async def test_while_the_master_key_is_rotated_a_gateway_goes_on_with_old_and_new_urls(
    stage: Stage, settings: Settings
) -> None:
    new = MasterKeys([bytes(32)])
    keys = {
        "master_key": base64.b64encode(new.newest.secret).decode(),
        "former_master_keys": master_key_text(),
    }
    url = settings.owner_database()

    async def run(*arguments: str, **of: str) -> None:
        done = await asyncio.to_thread(partial(vitrine, *arguments, database_url=url, **of))
        assert done.returncode == 0, done.stderr

    await run("settings", "--state", master_key=master_key_text())
    asset = await stage.asset(WORLDWIDE)
    old = stage.url(asset)
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    async with (
        serve(create_app(load_settings(**given | keys))) as base_url,
        httpx2.AsyncClient(base_url=base_url) as gateway,
    ):
        assert await status(gateway, old) == 200
        another = base64.b64encode(bytes([1]) * 32).decode()
        both = {"master_key": another, "former_master_keys": ",".join(keys.values())}
        early = await asyncio.to_thread(
            partial(vitrine, "key", "master", "rotate", database_url=url, **both)
        )
        assert "vitrine-gateway (on" in early.stderr  # which lacks that one
        await run("key", "master", "rotate", **keys)
        await run("key", "signing", "create", "autumn", master_key=keys["master_key"])
        async with stage.pool.acquire() as conn:
            stage.keys = await load_signing_keys(conn, new)
        assert stage.keys.active.kid == "autumn"
        await eventually(partial(is_delivered, gateway, stage.url(asset)))
        assert await is_delivered(gateway, old)


async def is_delivered(gateway: httpx2.AsyncClient, url: str) -> bool:
    return await status(gateway, url) == 200


async def test_when_the_command_that_revokes_a_key_returns_every_gateway_obeys(
    stage: Stage, gateway: httpx2.AsyncClient, database_url: str
) -> None:
    asset = await stage.asset(WORLDWIDE)
    url = stage.url(asset)
    assert await status(gateway, url) == 200
    said = await asyncio.to_thread(
        _vitrine, *("key", "signing", "revoke", "k1", "--yes"), database_url=database_url
    )

    assert await code(gateway, url) == "TOKEN_INVALID"
    assert said.returncode == 0, said.stderr
    first, second = said.stdout.splitlines()
    assert first == "k1 is revoked; k2 signs in its place."
    assert re.fullmatch(r"obeyed by every gateway at 20\S+Z; no CDN to purge\.", second), (
        said.stdout
    )
    await stage.reload_keys()
    assert await status(gateway, stage.url(asset)) == 200
    again = await asyncio.to_thread(
        _vitrine, *("key", "signing", "revoke", "k1"), database_url=database_url
    )
    assert again.stdout == "k1 is revoked.\n"


async def test_the_rights_of_another_channel_do_not_apply(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    shop = await stage.asset(replace(WORLDWIDE, channels=("d2c",)))
    place = await stage.asset(replace(WORLDWIDE, channels=("marketplace-a",)))

    for asset, good, bad in (
        (shop, "d2c", "marketplace-a"),
        (place, "marketplace-a", "d2c"),
    ):
        assert await status(gateway, stage.url(asset, stage.token(asset, channel=good))) == 200
        refused = stage.url(asset, stage.token(asset, channel=bad))
        assert await code(gateway, refused) == "CHANNEL"


@pytest.mark.parametrize("market", ["DE", "US"])
async def test_the_market_of_a_token_groups_keys_and_is_nobodys_country(
    stage: Stage, gateway: httpx2.AsyncClient, market: str
) -> None:
    asset = await stage.asset(GERMANY)
    url = stage.url(asset, stage.token(asset, market=market))

    assert await status(gateway, url, "DE") == 200
    assert await code(gateway, url, "US") == "TERRITORY"


async def test_unpublishing_an_owner_darkens_its_urls_and_nobody_elses(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    owner, other = await stage.product(), await stage.product()
    for product in (owner, other):
        await stage.publish(product)
    bound, elsewhere = (stage.url(asset, stage.token(asset, owner=each)) for each in (owner, other))
    free = stage.url(asset)
    assert [await status(gateway, url) for url in (bound, elsewhere, free)] == [200, 200, 200]
    async with stage.changes.begin(ADA) as change:
        await unpublish_products(change, [owner], "d2c")
    await obeyed(stage, change)

    assert [await status(gateway, url) for url in (bound, elsewhere, free)] == [404, 200, 200]


def _vitrine(*arguments: str, database_url: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("VITRINE_")}
    settings = {"VITRINE_DATABASE_URL": database_url, "VITRINE_MASTER_KEY": master_key_text()}
    return subprocess.run(
        [sys.executable, "-m", "vitrine", *arguments],
        cwd=ROOT,
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
