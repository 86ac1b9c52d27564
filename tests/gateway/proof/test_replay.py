"""The proof by replay: what was rightly delivered passes, whatever was not is found."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from catalog.clock import utc_now
from catalog.delivery.keys import revoke_signing_key
from catalog.licences.batches import LicenceRecord
from catalog.purges.darkness import wait_until_dark
from catalog.rights.commands import hold_asset, reinstate_asset, withdraw_asset
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import Reason, TermInput, TermKind
from catalog.rights.term_commands import set_terms
from gateway.app import create_app
from gateway.proof.answers import Coverage, Source, UnreadableLogError, log_files, read_answers
from gateway.proof.delivery_log import microseconds
from gateway.proof.hits import read_hits
from gateway.proof.replay import Tally, Tolerances, replay
from tests.support.deliveries import entry, written
from tests.support.people import TEST
from tests.support.serve import serve
from tests.support.stage import LONG_AGO, MASTER_KEYS, WORLDWIDE, Stage, StagedAsset
from vitrine.settings import Settings

SECOND = timedelta(seconds=1)
LEASE = Tolerances(answers=SECOND, hits=36 * SECOND)
GERMANY = TermInput(include=("DE",), channels=("*",), usages=("*",), valid_from=LONG_AGO)


async def judged(stage: Stage, *paths: Path, hits: tuple[Path, ...] = ()) -> Tally:
    coverage = Coverage()
    answers = [*read_answers(log_files(paths), coverage), *read_hits(hits, "cdn", coverage)]
    async with stage.pool.acquire() as conn:
        return await replay(conn, answers, LEASE)


async def test_what_a_gateway_answered_before_and_after_a_revocation_is_right(
    stage: Stage, settings: Settings
) -> None:
    asset = await stage.asset(WORLDWIDE)
    async with (
        serve(create_app(settings)) as base,
        httpx2.AsyncClient(base_url=base, headers={"CF-IPCountry": "DE"}) as client,
    ):
        assert (await client.get(stage.url(asset))).status_code == 200
        async with stage.changes.begin(TEST) as change:
            recorded = await withdraw_asset(change, asset.public_id)
        assert recorded is not None
        await wait_until_dark(stage.pool, [recorded], lease_s=5)
        assert (await client.get(stage.url(asset))).status_code == 410

    tally = await judged(stage, settings.delivery_log)

    assert (tally.judged, tally.delivered) == (2, 1)
    assert (tally.incidents, tally.late, tally.wrongly_denied) == (0, 0, 0)


async def _withdraw(stage: Stage, asset: StagedAsset, _: str) -> None:
    async with stage.changes.begin(TEST) as change:
        await withdraw_asset(change, asset.public_id)


async def _demand(stage: Stage, asset: StagedAsset, _: str) -> None:
    async with stage.changes.begin(TEST) as change:
        await hold_asset(change, asset.public_id)


async def _restrict(stage: Stage, asset: StagedAsset, _: str) -> None:
    async with stage.changes.begin(TEST) as change:
        await set_terms(change, ASSET, asset.public_id, TermKind.RESTRICTIONS, [GERMANY])


async def _unpublish(stage: Stage, _: StagedAsset, owner: str) -> None:
    await stage.pool.execute(
        "UPDATE publication SET ended_at = clock_timestamp() WHERE public_id = $1", owner
    )


async def _revoke_key(stage: Stage, _: StagedAsset, __: str) -> None:
    async with stage.changes.begin(TEST) as change:
        await revoke_signing_key(change, "k1", master_keys=MASTER_KEYS)


async def _declare(stage: Stage, _: StagedAsset, __: str) -> None:
    await stage.pool.execute(
        "UPDATE channel SET public = false, country_rule = 'declared', territory = '{FR}'"
        " WHERE code = 'd2c'"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_withdraw, Reason.WITHDRAWN),
        (_demand, Reason.LEGAL_DEMAND),
        (_restrict, Reason.RESTRICTED),
        (_unpublish, Reason.UNPUBLISHED),
        (_revoke_key, Reason.TOKEN_INVALID),
        (_declare, Reason.TERRITORY),
    ],
)
async def test_an_answer_that_nothing_allowed_any_more_is_an_incident(
    stage: Stage,
    tmp_path: Path,
    change: Callable[[Stage, StagedAsset, str], Awaitable[None]],
    reason: Reason,
) -> None:
    asset, owner = (
        await stage.asset(
            TermInput(include=("DE",), channels=("*",), usages=("*",), valid_from=LONG_AGO)
        ),
        await stage.product(),
    )
    await stage.publish(owner)
    before = utc_now()
    await change(stage, asset, owner)
    after = utc_now()
    folder = await written(
        tmp_path / "log",
        entry(asset, before, owner=owner),
        entry(asset, after + 0.5 * SECOND, owner=owner),
        entry(asset, after + 2 * SECOND, owner=owner),
    )

    tally = await judged(stage, folder)

    assert (tally.judged, tally.incidents, tally.late) == (3, 1, 1)
    (_, _, answer, judgement) = tally.worst[0]
    assert answer.at == after + 2 * SECOND
    assert judgement.reason is reason
    assert judgement.dark_since is not None
    assert before <= judgement.dark_since <= after


ON_THE_ASSET_SQL = "SELECT"  # where the stage has put it
NOW_ON_THE_LICENCE_SQL = """
UPDATE rights_grant SET asset = NULL, licence = (SELECT id FROM licence)
"""
NOW_ON_A_COLLECTION_SQL = """
INSERT INTO collection (id, code, name) VALUES (gen_random_uuid(), 'summer', 'Summer');
INSERT INTO collection_asset (collection, asset)
SELECT collection.id, asset.id FROM collection, asset;
UPDATE rights_grant SET asset = NULL, collection = (SELECT id FROM collection)
"""
GRANT_ENDS_SQL = "UPDATE rights_grant SET ended_at = clock_timestamp()"


@pytest.mark.parametrize(
    ("granted", "ended"),
    [
        (ON_THE_ASSET_SQL, GRANT_ENDS_SQL),
        (ON_THE_ASSET_SQL, "UPDATE territory_member SET ended_at = clock_timestamp()"),
        (NOW_ON_THE_LICENCE_SQL, GRANT_ENDS_SQL),
        (NOW_ON_THE_LICENCE_SQL, "UPDATE asset_licence SET ended_at = clock_timestamp()"),
        (NOW_ON_A_COLLECTION_SQL, GRANT_ENDS_SQL),
        (NOW_ON_A_COLLECTION_SQL, "UPDATE collection_asset SET ended_at = clock_timestamp()"),
    ],
)
async def test_what_a_right_that_is_over_allowed_in_its_time_was_right(
    stage: Stage, tmp_path: Path, granted: str, ended: str
) -> None:
    asset = await stage.asset(replace(GERMANY, include=("EU",)))
    await stage.licence(LicenceRecord(code="studio", licensor="Studio"), asset)
    await stage.pool.execute(granted)
    before = utc_now()
    await stage.pool.execute(ended)
    after = utc_now()
    folder = await written(tmp_path / "log", entry(asset, before), entry(asset, after + 2 * SECOND))

    tally = await judged(stage, folder)

    assert (tally.judged, tally.incidents, tally.late) == (2, 1, 0)
    assert tally.worst[0][2].at == after + 2 * SECOND


async def test_time_itself_is_given_no_tolerance(stage: Stage, tmp_path: Path) -> None:
    ends = utc_now() + timedelta(hours=1)
    asset = await stage.asset(
        TermInput(
            include=("WORLD",),
            channels=("*",),
            usages=("*",),
            valid_from=LONG_AGO,
            valid_until=ends,
        )
    )
    moment = timedelta(microseconds=1)
    late = ends + timedelta(milliseconds=11)
    folder = await written(tmp_path / "log", entry(asset, ends - moment), entry(asset, late))

    tally = await judged(stage, folder)

    assert tally.incidents == 1
    (_, _, answer, judgement) = tally.worst[0]
    assert (answer.at, judgement.reason, judgement.dark_since) == (
        late,
        Reason.LICENCE_EXPIRED,
        ends,
    )


async def test_a_place_or_an_epoch_of_its_own_is_held_against_its_own_rights(
    stage: Stage, tmp_path: Path
) -> None:
    asset = await stage.asset(
        TermInput(
            include=("EU",),
            exclude=("FR",),
            channels=("d2c",),
            usages=("web",),
            valid_from=LONG_AGO,
        )
    )
    now = utc_now()
    forbidden = (
        entry(asset, now, country="FR"),
        entry(asset, now, country=None),
        entry(asset, now, channel="print", usage="print"),
        entry(asset, now, usage="social"),
        entry(asset, now, kid="nobodys"),
        entry(asset, now, expires_at=int(now.timestamp()) - 1),
        entry(replace(asset, public_id="neverwas"), now),
    )
    allowed = (entry(asset, now), entry(asset, now, country="ES", how="leave", status=204))
    folder = await written(tmp_path / "log", *forbidden, *allowed)

    tally = await judged(stage, folder)

    assert (tally.incidents, tally.leaves) == (len(forbidden), 1)


async def test_staff_may_see_everything_but_what_an_authority_blocks(
    stage: Stage, tmp_path: Path
) -> None:
    asset = await stage.asset()
    shown = entry(asset, utc_now(), audience="staff")
    await _demand(stage, asset, "")
    blocked = entry(asset, utc_now() + 2 * SECOND, audience="staff")

    tally = await judged(stage, await written(tmp_path / "log", shown, blocked))

    assert [answer.entry for _, _, answer, _ in tally.worst] == [blocked]


async def test_a_denial_of_what_was_allowed_all_the_while_is_told(
    stage: Stage, tmp_path: Path
) -> None:
    asset = await stage.asset(WORLDWIDE)
    await _withdraw(stage, asset, "")
    async with stage.changes.begin(TEST) as change:
        await reinstate_asset(change, asset.public_id)
    lit = utc_now()
    folder = await written(
        tmp_path / "log",
        entry(asset, lit + 0.5 * SECOND, status=410, reason="WITHDRAWN"),
        entry(asset, lit + 2 * SECOND, status=410, reason="WITHDRAWN"),
        entry(asset, lit + 2 * SECOND, status=503, reason="OVERLOADED"),
    )

    tally = await judged(stage, folder)

    assert (tally.late, tally.wrongly_denied, tally.incidents) == (1, 1, 0)


@pytest.mark.parametrize("form", ["json", "cloudflare", "common"])
async def test_hits_of_a_cache_are_judged_by_its_access_log(
    stage: Stage, tmp_path: Path, form: str
) -> None:
    asset = await stage.asset(WORLDWIDE)
    await _withdraw(stage, asset, "")
    dark = utc_now()
    url = stage.url(asset)
    hits = [
        ("/favicon.ico", 200, dark + 50 * SECOND),
        (url, 200, dark + 20 * SECOND),
        (url, 410, dark + 50 * SECOND),
        (url, 200, dark + 50 * SECOND),
    ]
    log = tmp_path / "access.log"
    log.write_text("".join(_access_line(form, *hit) + "\n" for hit in hits) + "torn")

    coverage = Coverage()
    answers = list(read_hits([log], "cdn", coverage))
    async with stage.pool.acquire() as conn:
        tally = await replay(conn, answers, LEASE)

    assert (tally.hits, tally.late, tally.incidents) == (3, 1, 1)
    assert coverage.unreadable == 1
    assert tally.worst[0][2].place == "access.log:4"


@pytest.mark.parametrize("source", ["edge", "cdn"])
@pytest.mark.parametrize("text", ["# Notes\n\nsome\n", '{"at": 1}\n', "\x00\x1f\n", "[1, 2]", "\n"])
def test_a_file_of_which_no_line_is_an_answer_is_no_access_log(
    tmp_path: Path, text: str, source: Source
) -> None:
    good, other = tmp_path / "good.log", tmp_path / "other.log"
    at = datetime(2026, 11, 1, tzinfo=UTC)
    good.write_text(_access_line("json", "/favicon.ico", 200, at) + "\ntorn\n")
    other.write_text(text)
    coverage = Coverage()
    assert list(read_hits([good], source, coverage)) == []
    assert coverage.unreadable == 1
    with pytest.raises(UnreadableLogError, match=r"other\.log is no access log"):
        list(read_hits([good, other], source, coverage))


def test_an_access_log_without_any_line_is_one(tmp_path: Path) -> None:
    (tmp_path / "edge.jsonl").touch()
    assert list(read_hits([tmp_path / "edge.jsonl"], "edge", Coverage())) == []


def _access_line(form: str, url: str, status: int, at: datetime) -> str:
    match form:
        case "json":
            facts = {"time": at.isoformat(), "url": f"https://media.example{url}"}
            return json.dumps(facts | {"status": status, "country": "DE"})
        case "cloudflare":
            nanoseconds = microseconds(at) * 1000
            facts = {"EdgeStartTimestamp": nanoseconds, "ClientRequestURI": url}
            return json.dumps(
                facts | {"EdgeResponseStatus": status, "ClientCountry": "de", "RayID": "1"}
            )
        case _:
            return (
                f'127.0.0.1 - - [{at:%d/%b/%Y:%H:%M:%S %z}] "GET {url} HTTP/1.1" {status} 5 "-" "-"'
            )
