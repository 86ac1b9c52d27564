"""Every row of the tables of denials: status, code, and nothing more about the asset."""

from datetime import timedelta

import httpx2
import pytest

from catalog.clock import utc_now
from catalog.delivery.commands import put_presets
from catalog.delivery.keys import revoke_signing_key
from catalog.delivery.model import Format, PresetRecord, Recipe
from catalog.rights.commands import hold_asset, withdraw_asset
from catalog.rights.model import TermInput
from tests.support.people import TEST
from tests.support.stage import LONG_AGO, MASTER_KEYS, WORLDWIDE, Stage, StagedAsset

DAY = timedelta(days=1)


def term(
    *include: str,
    channels: tuple[str, ...] = ("*",),
    usages: tuple[str, ...] = ("*",),
    begins: timedelta | None = None,
    ends: timedelta | None = None,
) -> TermInput:
    now = utc_now()
    return TermInput(
        include=include,
        channels=channels,
        usages=usages,
        valid_from=LONG_AGO if begins is None else now + begins,
        valid_until=None if ends is None else now + ends,
    )


def assert_refused(answer: httpx2.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    for header in ("xkey", "Surrogate-Key", "Cache-Tag", "ETag", "Server-Timing", "Vary"):
        assert header not in answer.headers
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == 'Vitrine realm="media"'


@pytest.mark.parametrize(
    ("grants", "restrictions", "status", "code"),
    [
        ([], [], 403, "NO_GRANT"),
        ([term("WORLD")], [term("DE")], 403, "RESTRICTED"),
        ([term("WORLD", begins=DAY)], [], 404, "NOT_FOUND"),
        ([term("WORLD", ends=-DAY)], [], 410, "LICENCE_EXPIRED"),
        ([term("FR", "US")], [], 403, "TERRITORY"),
        ([term("WORLD", channels=("print",))], [], 403, "CHANNEL"),
        ([term("WORLD", usages=("social",))], [], 403, "USAGE"),
        ([term("WORLD", channels=())], [], 403, "CHANNEL"),
    ],
)
async def test_what_the_rights_forbid_is_refused_with_its_reason(
    stage: Stage,
    gateway: httpx2.AsyncClient,
    grants: list[TermInput],
    restrictions: list[TermInput],
    status: int,
    code: str,
) -> None:
    asset = await stage.asset(*grants, restrictions=restrictions)

    assert_refused(await gateway.get(stage.url(asset)), status, code)


async def test_a_withdrawn_asset_is_gone(stage: Stage, gateway: httpx2.AsyncClient) -> None:
    asset = await stage.asset(WORLDWIDE)
    async with stage.changes.begin(TEST) as change:
        await withdraw_asset(change, asset.public_id)

    assert_refused(await gateway.get(stage.url(asset)), 410, "WITHDRAWN")


@pytest.mark.parametrize("authority", ["https://court.example/order-7", None])
async def test_a_legal_demand_blocks_staff_too_and_says_by_whom(
    stage: Stage, gateway: httpx2.AsyncClient, authority: str | None
) -> None:
    asset = await stage.asset(WORLDWIDE)
    async with stage.changes.begin(TEST) as change:
        await hold_asset(change, asset.public_id, authority_url=authority)

    for token in (stage.token(asset), stage.staff_token(asset)):
        answer = await gateway.get(stage.url(asset, token))
        assert_refused(answer, 451, "LEGAL_DEMAND")
        assert answer.headers["Link"].startswith(f"<{authority or 'http://127.0.0.1'}")
        assert answer.headers["Link"].endswith('>; rel="blocked-by"')


async def test_every_404_has_the_same_bytes_whatever_the_true_reason(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    draft = await stage.asset(WORLDWIDE, status="draft")
    embargoed = await stage.asset(term("WORLD", begins=DAY))
    unbound = await stage.product()
    free = await stage.asset(WORLDWIDE)
    absent = StagedAsset(id=free.id, public_id="0000000000", slug="brass-lamp")
    urls = [
        stage.url(draft),
        stage.url(embargoed),
        stage.url(free, stage.token(free, owner=unbound)),
        stage.url(free, stage.token(free, owner="0000000000")),
        stage.url(absent),
        stage.url(free, epoch=free.epoch + 1),
        stage.url(free, preset="poster"),
        stage.url(free, version=9),
        stage.url(free, width_px=65),
        stage.url(free, preset="thumb", width_px=48, image_format=Format.PNG),
        "/favicon.ico",
        "/",
        stage.url(free).replace("/card", "/%63ard"),
    ]

    answers = [await gateway.get(url) for url in urls]

    for answer in answers:
        assert_refused(answer, 404, "NOT_FOUND")
    assert len({answer.content for answer in answers}) == 1
    reasons = await _denials_after(gateway, stage)
    assert {"NOT_APPROVED", "EMBARGOED", "UNPUBLISHED", "NOT_FOUND"} <= reasons


async def _denials_after(gateway: httpx2.AsyncClient, stage: Stage) -> set[str]:
    metrics = (await gateway.get("/metrics")).text
    assert stage
    return {
        line.split('reason="')[1].split('"')[0]
        for line in metrics.splitlines()
        if line.startswith("vitrine_denials_total{")
    }


async def test_a_publication_binds_its_pictures_by_its_window(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    live, over, other = [await stage.product() for _ in range(3)]
    await stage.publish(live)
    await stage.publish(over, visible_until=utc_now() - DAY)
    await stage.publish(other, "print")

    async def status(owner: str) -> int:
        answer = await gateway.get(stage.url(asset, stage.token(asset, owner=owner)))
        return answer.status_code

    assert [await status(owner) for owner in (live, over, other)] == [200, 404, 404]


async def test_a_token_is_needed_and_has_to_fit(stage: Stage, gateway: httpx2.AsyncClient) -> None:
    asset, other = await stage.asset(WORLDWIDE), await stage.asset(WORLDWIDE)
    good = stage.token(asset)
    payload, _, mac = good.rpartition(".")
    altered = f"{payload.replace('d2c', 'print')}.{mac}"
    expired = stage.token(asset, begins=-DAY, lives=DAY / 2)
    early = stage.token(asset, begins=DAY, lives=DAY)
    expected = [
        (stage.path(asset), 401, "TOKEN_MISSING"),
        (stage.path(asset) + "?v=1", 401, "TOKEN_MISSING"),
        (stage.path(asset) + "?t=", 401, "TOKEN_INVALID"),
        (stage.path(asset) + "?" + "x&" * 100, 401, "TOKEN_INVALID"),
        (stage.url(asset, good) + "&x" * 100, 401, "TOKEN_INVALID"),
        (stage.url(asset, altered), 401, "TOKEN_INVALID"),
        (stage.url(asset, good + "="), 401, "TOKEN_INVALID"),
        (stage.url(asset, "x" * 5000), 401, "TOKEN_INVALID"),
        (stage.url(asset, good.replace("k1.", "k9.")), 401, "TOKEN_INVALID"),
        (stage.url(asset, expired), 401, "TOKEN_EXPIRED"),
        (stage.url(asset, early), 401, "TOKEN_NOT_YET"),
        (stage.url(asset, stage.token(other)), 403, "TOKEN_SCOPE"),
        (stage.url(asset, preset="staff-thumb", width_px=48), 403, "TOKEN_SCOPE"),
    ]

    for url, status, code in expected:
        assert_refused(await gateway.get(url), status, code)


async def test_the_scope_is_checked_before_anything_is_looked_up(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    absent = StagedAsset(id=asset.id, public_id="0000000000", slug="brass-lamp")

    answer = await gateway.get(stage.url(absent, stage.token(asset)))

    assert_refused(answer, 403, "TOKEN_SCOPE")


async def test_a_revoked_signing_key_verifies_nothing(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    url = stage.url(asset)
    assert (await gateway.get(url)).status_code == 200

    async with stage.changes.begin(TEST) as change:
        successor = await revoke_signing_key(change, stage.keys.active.kid, master_keys=MASTER_KEYS)
    await stage.reload_keys()

    assert successor == stage.keys.active.kid
    await _eventually(gateway, url, 401)
    assert (await gateway.get(stage.url(asset))).status_code == 200


async def test_a_preset_that_was_edited_is_served_in_both_versions(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    asset = await stage.asset(WORLDWIDE)
    assert (await gateway.get(stage.url(asset))).status_code == 200

    async with stage.changes.begin(TEST) as change:
        await put_presets(change, [PresetRecord(code="card", recipe=Recipe(widths_px=(64,)))])

    assert (await gateway.get(stage.url(asset, version=2))).status_code == 200
    assert (await gateway.get(stage.url(asset, version=1))).status_code == 200
    await stage.pool.execute("UPDATE preset SET served_until = now() WHERE state = 'superseded'")
    async with stage.changes.begin(TEST) as change:
        await put_presets(change, [PresetRecord(code="card", recipe=Recipe(widths_px=(32, 64)))])
    await _eventually(gateway, stage.url(asset, version=1), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_only_get_and_head_are_answered(
    stage: Stage, gateway: httpx2.AsyncClient, method: str
) -> None:
    asset = await stage.asset(WORLDWIDE)

    answer = await gateway.request(method, stage.url(asset))

    assert_refused(answer, 405, "METHOD")
    assert answer.headers["Allow"] == "GET, HEAD"


async def test_a_path_over_1024_bytes_is_too_long(gateway: httpx2.AsyncClient) -> None:
    assert_refused(await gateway.get("/" + "a" * 1024), 414, "PATH_TOO_LONG")


async def test_an_unknown_country_sees_only_what_the_whole_world_may(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    europe, world = await stage.asset(term("EU")), await stage.asset(term("WORLD"))

    for said in ("XX", "T1", "de", "D", "DEU", "", "XK", "D\u00c9"):
        headers = [(b"CF-IPCountry", said.encode("latin-1"))]
        refused = await gateway.get(stage.url(europe), headers=headers)
        assert_refused(refused, 403, "TERRITORY")
        assert (await gateway.get(stage.url(world), headers=headers)).status_code == 200


async def test_a_declared_channel_is_decided_for_its_whole_territory(
    stage: Stage, gateway: httpx2.AsyncClient
) -> None:
    both = await stage.asset(term("DE", "FR"))
    one = await stage.asset(term("DE"))
    crawler = {"CF-IPCountry": "US"}

    async def get(asset: StagedAsset) -> httpx2.Response:
        token = stage.token(asset, channel="marketplace-a")
        return await gateway.get(stage.url(asset, token), headers=crawler)

    assert (await get(both)).status_code == 200
    assert_refused(await get(one), 403, "TERRITORY")


async def _eventually(gateway: httpx2.AsyncClient, url: str, status: int) -> None:
    deadline = utc_now() + timedelta(seconds=5)
    while utc_now() < deadline:
        if (await gateway.get(url)).status_code == status:
            return
    pytest.fail(f"{url} never answered {status}")
