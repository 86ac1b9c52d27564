"""A restore that was stated explains the end that it cut off, and nothing besides."""

import asyncio
import base64
import json
import uuid
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from catalog.audit.restores import MAX_REASON, RESTORE_STATED, restore_events
from catalog.audit.sealing import HEAD_KEY, kept_head, last_head, seal_audit
from catalog.audit.seals import Head, read_head
from catalog.audit.verifying import KeptHead, verify_audit
from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import InvalidInputError
from catalog.events.model import Event
from catalog.sealing import MasterKeys
from relay.audit_sealing import AuditSealing
from tests.support.commands import vitrine
from tests.support.people import ADA
from tests.support.stage import store_in

KEYS = MasterKeys([bytes(range(32))])
CUT_SQL = """
WITH cut AS (DELETE FROM audit_seal WHERE number > $1)
DELETE FROM audit WHERE id > (SELECT last_id FROM audit_seal WHERE number = $1) RETURNING event
"""


class AuditedHouse:
    """An audit with a row under each seal, its relay, and the commands of its operator."""

    def __init__(self, pool: Pool, database_url: str, folder: Path) -> None:
        self.pool = pool
        self.objects = store_in(folder / "store")
        self.relay = AuditSealing(pool, self.objects, KEYS)
        self.told: list[str] = []
        self._run = partial(
            vitrine,
            home=folder,
            database_url=database_url,
            master_key=base64.b64encode(KEYS.newest.secret).decode(),
            store_url=f"file://{folder / 'store'}",
        )

    async def work(self, *names: str) -> None:
        """Change something, and seal it."""
        for name in names:
            async with Changes(pool=self.pool).begin(ADA) as change:
                subject = f"thing/{name}"
                await change.record(Event(type="thing.changed", subject=subject, version=1))
            with capture_logs() as lines:
                await self.relay.seal(timestamp=0)
            self.told += [json.dumps(each) for each in lines if each["event"] == "audit_sealed"]
            self.complains = "audit_cut_off" in [each["event"] for each in lines]

    async def run(self, *arguments: str) -> tuple[int, str]:
        done = await asyncio.to_thread(partial(self._run, "audit", *arguments))
        return done.returncode, done.stdout + done.stderr

    async def accept(self, *arguments: str) -> tuple[int, str]:
        return await self.run("accept-restore", "--reason", "the disk broke", *arguments)

    async def restore(self, seals: int) -> None:
        """Be as the database was when it had so many seals."""
        lost = await self.cut(seals)
        await self.pool.execute("DELETE FROM event WHERE id = ANY ($1)", lost)

    async def cut(self, seals: int) -> list[uuid.UUID]:
        """Take the end of the audit alone away; return the events of its rows."""
        return [row["event"] for row in await self.pool.fetch(CUT_SQL, seals)]


@pytest.fixture
def house(pool: Pool, database_url: str, tmp_path: Path) -> AuditedHouse:
    return AuditedHouse(pool, database_url, tmp_path)


async def test_a_stated_restore_is_named_and_no_fault(house: AuditedHouse, tmp_path: Path) -> None:
    await house.work("a", "b", "c")
    former_log = tmp_path / "relay-of-before.log"
    former_log.write_text("\n".join(house.told))
    kept = await kept_head(house.objects)
    await house.restore(1)
    await house.work("d")  # so seal 2 is another one
    assert house.complains
    assert (await house.run("verify"))[0] == 1

    assert (await house.run("accept-restore", "--reason", " "))[0] == 2
    status, told = await house.accept()
    assert status == 0, told
    assert "by cli, states a restore: the disk broke (lost: 1 seals, 3 to 3).\n" in told
    assert (await house.run("verify"))[1] == told
    assert kept is not None
    assert read_head(await house.objects.read(f"audit/restored/3-{kept.mac}.json")) == kept
    await house.work("e")
    assert not house.complains
    async with house.pool.acquire() as conn:
        assert await kept_head(house.objects) == await last_head(conn)

    # what others kept besides is lost too, and is to be stated
    told = (await house.run("verify", "--log", f"{former_log}"))[1]
    assert f"seal 2 is another than {former_log} holds" in told
    assert (await house.accept("--log", f"{former_log}"))[0] == 0
    assert (await house.run("verify", "--log", f"{former_log}"))[0] == 0
    assert (await house.run("verify"))[1].count("states a restore") == 2


async def test_what_was_done_to_it_is_found_after_a_restore_as_before(house: AuditedHouse) -> None:
    await house.work("a", "b")
    await house.restore(1)
    assert (await house.accept())[0] == 0
    await house.work("c", "d")
    assert (await house.run("verify"))[0] == 0

    await house.restore(3)  # this time by somebody who hides something
    assert "the end was cut off: the object store holds seal 4" in (await house.run("verify"))[1]
    await house.pool.execute("UPDATE audit SET actor = gen_random_uuid() WHERE id = 1")
    status, told = await house.accept()
    assert (status, "row 1 was changed: no restore does that" in told) == (1, True)
    assert (await house.run("verify"))[1].endswith("row 1 was changed.\n")
    count = "SELECT count(*) FROM audit WHERE type = $1"
    assert await house.pool.fetchval(count, RESTORE_STATED) == 1


async def test_an_end_that_was_cut_off_is_no_restore(house: AuditedHouse) -> None:
    await house.work("a", "b", "c")
    await house.cut(1)
    await house.work("d")
    status, told = await house.accept()
    assert (status, "2 events are in the event log" in told) == (1, True)
    assert (await house.run("verify"))[0] == 1


async def test_where_nothing_was_lost_none_is_stated(house: AuditedHouse) -> None:
    await house.work("a")
    status, told = await house.accept()
    assert (status, told.startswith("Nothing was lost by a restore")) == (0, True)
    assert await house.pool.fetchval("SELECT count(*) FROM audit") == 1


async def test_a_store_that_holds_no_head_is_no_matter_of_a_restore(house: AuditedHouse) -> None:
    await house.work("a")
    await house.objects.write(HEAD_KEY, b"[]")
    status, told = await house.accept()
    assert (status, "holds something that is no head" in told) == (1, True)
    assert await house.objects.read(HEAD_KEY) == b"[]"


async def test_a_statement_counts_once_it_is_sealed(pool: Pool) -> None:
    lost = Head(seal=9, first=90, last=99, count=10, mac="ab" * 32)
    kept = [KeptHead(where="the object store", head=lost)]
    async with Changes(pool=pool).begin(ADA) as change:
        await change.record(*restore_events("why", [lost, lost]))
        junk = {"heads": [[1], "x", [9, 9], {"9": "ab"}]}
        await change.record(Event(type=RESTORE_STATED, subject="audit", version=1, data=junk))
    async with pool.acquire() as conn:
        assert (await verify_audit(conn, KEYS, kept)).lost == tuple(kept)
        assert [each.count async for each in seal_audit(pool, KEYS, within_s=5)] == [2]
        verdict = await verify_audit(conn, KEYS, kept)
    assert verdict.lost == ()
    assert verdict.fault is None
    assert [(each.by, each.reason, each.heads) for each in verdict.restores] == [
        (ADA.id, "why", frozenset({(9, "ab" * 32)}))
    ]


@pytest.mark.parametrize("reason", ["", "  ", "x" * (MAX_REASON + 1)])
def test_a_restore_has_a_reason(reason: str) -> None:
    with pytest.raises(InvalidInputError, match="say why"):
        restore_events(reason, [])


def test_many_lost_seals_are_stated_in_several_rows() -> None:
    lost = [Head(seal=at, first=at, last=at, count=1, mac=f"{at:064x}") for at in range(1, 2002)]
    assert [len(each.data["heads"]) for each in restore_events("why", lost)] == [1000, 1000, 1]
