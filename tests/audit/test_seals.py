"""What was changed, removed, moved or cut off after it was sealed is named."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from catalog.audit import sealing
from catalog.audit.seal_store import rows_between
from catalog.audit.sealing import HEAD_KEY, kept_head, last_head, seal_audit
from catalog.audit.seals import Head
from catalog.audit.verifying import KeptHead, Verdict, verify_audit
from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import SettingsError
from catalog.events.model import Event
from catalog.sealing import MasterKeys
from relay import audit_sealing
from relay.audit_sealing import AuditSealing
from tests.support.commands import vitrine
from tests.support.people import ADA
from tests.support.stage import store_in

KEYS = MasterKeys([bytes(range(32))])


async def change(pool: Pool, *names: str) -> None:
    async with Changes(pool=pool).begin(ADA) as begun:
        for name in names:
            event = Event(type="thing.changed", subject=f"thing/{name}", version=1)
            await begun.record(event)


async def seal(pool: Pool, keys: MasterKeys = KEYS, within_s: float = 5.0) -> list[Head]:
    return [head async for head in seal_audit(pool, keys, within_s=within_s)]


async def verify(pool: Pool, *heads: Head) -> Verdict:
    async with pool.acquire() as conn:
        return await verify_audit(
            conn, KEYS, [KeptHead(where="the object store", head=head) for head in heads]
        )


async def test_an_empty_audit_holds(pool: Pool) -> None:
    assert await seal(pool) == []
    assert await verify(pool) == Verdict(rows=0, seals=0, unsealed=0)


async def test_what_is_sealed_holds_and_the_rest_is_counted(pool: Pool) -> None:
    await change(pool, "a", "b")
    (first,) = await seal(pool)
    await change(pool, "c")
    (second,) = await seal(pool)
    await change(pool, "d", "e")
    assert (first.seal, first.count, second.seal, second.count) == (1, 2, 2, 1)
    assert await verify(pool, first, second) == Verdict(rows=3, seals=2, unsealed=2)


async def test_a_seal_has_so_many_rows(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_ROWS", 2)
    await change(pool, "a", "b", "c")
    first, second = await seal(pool)
    assert (first.count, second.count) == (2, 1)
    assert await verify(pool, second) == Verdict(rows=3, seals=2, unsealed=0)


async def test_no_row_comes_before_one_that_is_sealed(pool: Pool) -> None:
    async with Changes(pool=pool).begin(ADA) as slow:
        await slow.record(Event(type="thing.changed", subject="thing/slow", version=1))
        await change(pool, "quick")
        assert await seal(pool, within_s=0.05) == []  # what is open may commit a lower id
    (head,) = await seal(pool)
    assert head.count == 2


async def test_a_lower_id_of_a_later_transaction_is_waited_for(pool: Pool) -> None:
    changes, number = Changes(pool=pool), "SELECT pg_current_xact_id()"
    async with changes.begin(ADA) as late:
        async with changes.begin(ADA) as early:
            for each in (early, late):
                await each.conn.execute(number)
            for each in (late, early):
                await each.record(Event(type="thing.changed", subject="thing/x", version=1))
        assert await seal(pool, within_s=0.05) == []
    (head,) = await seal(pool)
    assert head.count == 2


#: The rows 1 and 2 in each other's place.
SWAPPED = (
    "UPDATE audit SET id = -id; UPDATE audit SET id = 3 + id WHERE id IN (-1, -2);"
    "UPDATE audit SET id = -id WHERE id < 0"
)


# Of the rows 1 to 4 under the seals (1, 2) and (3, 4); row 5 is not sealed.
@pytest.mark.parametrize(
    ("attack", "told", "row"),
    [
        ("UPDATE audit SET actor = gen_random_uuid() WHERE id = 3", "row 3 was changed", 3),
        ("UPDATE audit SET time = time + interval '1 us' WHERE id = 1", "row 1 was changed", 1),
        ("UPDATE audit SET after = '{\"x\": 1}' WHERE id > 1 AND id < 5", "row 2 was changed", 2),
        ("DELETE FROM audit WHERE id = 2", "row 2 was removed", 2),
        ("DELETE FROM audit WHERE id = 4", "row 4 was removed", 4),
        (SWAPPED, "row 1 was moved to 2", 1),
        ("UPDATE audit SET id = -1 WHERE id = 1", "row 1 was moved to -1", -1),
        ("UPDATE audit SET id = 99 WHERE id = 3", "row 3 was removed", 3),
        ("UPDATE audit_seal SET ids = '{1}', marks = substr(marks, 1, 16)", "seal 1 was ch", None),
        ("UPDATE audit_seal SET before = mac WHERE number = 2", "seal 2 was changed", None),
        ("DELETE FROM audit_seal WHERE number = 1", "seal 1 was removed", None),
        ("DELETE FROM audit_key", "the key", None),
        (
            "DELETE FROM audit WHERE id > 2; DELETE FROM audit_seal WHERE number = 2",
            "the end was cut off: the object store holds seal 2 of the rows 3 to 4",
            3,
        ),
        ("DELETE FROM audit; DELETE FROM audit_seal", "the end was cut off", 3),
    ],
)
async def test_what_was_done_to_it_is_named(
    pool: Pool, attack: str, told: str, row: int | None
) -> None:
    await change(pool, "a", "b")
    await seal(pool)
    await change(pool, "c", "d")
    (head,) = await seal(pool)
    await change(pool, "e")
    assert (await verify(pool, head)).fault is None
    async with pool.acquire() as conn:
        await conn.execute("ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_key_fkey")
        await conn.execute("ALTER TABLE audit ALTER id DROP IDENTITY")
        for each in attack.split(";"):
            await conn.execute(each)
    verdict = await verify(pool, head)
    assert verdict.fault is not None
    assert verdict.fault.startswith(told)
    assert verdict.row == row


async def test_a_row_that_was_put_between_is_named(pool: Pool) -> None:
    await change(pool, "a", "b", "c")
    async with pool.acquire() as conn:
        await conn.execute("DELETE FROM audit WHERE id = 2")  # as a number that was rolled back
        await seal(pool)
        await conn.execute(
            "INSERT INTO audit (id, event, actor, type, subject, data) OVERRIDING SYSTEM VALUE"
            " VALUES (2, gen_random_uuid(), gen_random_uuid(), 'a.b', 'c', '{}')"
        )
    told = "row 2 was added after the rows around it were sealed"
    assert (await verify(pool)).fault == told


async def test_seals_that_another_made_are_not_taken(pool: Pool) -> None:
    await change(pool, "a")
    (head,) = await seal(pool)
    async with pool.acquire() as conn:
        await conn.execute("DELETE FROM audit_seal; DELETE FROM audit_key")
    await seal(pool, MasterKeys([bytes(32)]))
    with pytest.raises(SettingsError):
        await verify(pool, head)


async def test_a_seal_differs_from_what_the_object_store_holds(pool: Pool) -> None:
    await change(pool, "a")
    (head,) = await seal(pool)
    async with pool.acquire() as conn:
        await conn.execute("DELETE FROM audit_seal")
        await conn.execute("UPDATE audit SET subject = 'thing/b'")
    await seal(pool)  # by whoever has the key
    assert (await verify(pool, head)).fault == "seal 1 is another than the object store holds"


async def test_rows_read_alike_whatever_a_session_is_set_to(pool: Pool) -> None:
    await change(pool, "a")
    async with pool.acquire() as conn:
        one = await rows_between(conn, 0, 9)
        await conn.execute("SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German, DMY'")
        assert await rows_between(conn, 0, 9) == one
        await conn.execute("RESET ALL")


async def test_what_the_store_keeps_of_a_cut_off_end_stays(pool: Pool, tmp_path: Path) -> None:
    objects = store_in(tmp_path / "store")
    relay = AuditSealing(pool, objects, KEYS)
    for name in ("a", "b"):
        await change(pool, name)
        await relay.seal(timestamp=0)
    kept = await kept_head(objects)
    assert kept is not None
    cut = "DELETE FROM audit_seal WHERE number >= $1"
    for number in (2, 1):
        await pool.execute(cut, number)
        await pool.execute("DELETE FROM audit WHERE id >= $1", number)
        for more in ("", "c", "d", "e"):  # none, as many and more than there were
            if more:
                await change(pool, more)
            with capture_logs() as lines:
                await relay.seal(timestamp=60)
            assert "audit_cut_off" in [each["event"] for each in lines]
            assert await kept_head(objects) == kept


async def test_rows_that_wait_for_their_seal_are_told_of(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_sealing, "_WITHIN_S", 0.05)
    relay = AuditSealing(pool, store_in(tmp_path / "store"), KEYS)
    await change(pool, "a")
    await pool.execute("UPDATE audit SET time = time - interval '1 hour'")
    async with Changes(pool=pool).begin(ADA) as slow:
        await slow.conn.execute("SELECT pg_current_xact_id()")
        with capture_logs() as lines:
            await relay.seal(timestamp=0)
    (told,) = [each for each in lines if each["event"] == "audit_held_up"]
    assert (told["rows"], told["oldest_s"] // 60) == (1, 60)
    with capture_logs() as lines:
        await relay.seal(timestamp=60)
    assert [each["event"] for each in lines] == ["audit_sealed"]


def test_a_relay_without_the_master_key_has_no_such_task(pool: Pool, tmp_path: Path) -> None:
    objects = store_in(tmp_path / "store")
    for key, queues in ((None, set[str]()), (KEYS, {"audit"})):
        tasks: Any = AuditSealing(pool, objects, key).tasks()  # of any function
        assert {each.queue for each in tasks.tasks.values()} == queues


@pytest.mark.parametrize(
    "damaged", [b"{", b"[]", b"{}", b'{"seal":"1","first":1,"last":1,"count":1,"mac":""}']
)
async def test_what_is_no_head_stays_and_is_told_of(
    pool: Pool, tmp_path: Path, damaged: bytes
) -> None:
    objects = store_in(tmp_path / "store")
    await objects.write(HEAD_KEY, damaged)
    await change(pool, "a")
    with capture_logs() as lines:
        await AuditSealing(pool, objects, KEYS).seal(timestamp=0)
    assert [each["event"] for each in lines] == ["audit_sealed", "audit_head_unreadable"]
    assert await objects.read(HEAD_KEY) == damaged


async def test_the_command_verifies_against_store_and_log(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = vitrine(
            *("audit", "verify", *arguments),
            home=tmp_path,
            database_url=database_url,
            master_key=base64.b64encode(KEYS.newest.secret).decode(),
            store_url=f"file://{tmp_path / 'store'}",
        )
        return done.returncode, done.stdout + done.stderr

    objects = store_in(tmp_path / "store")
    assert run() == (0, "0 rows hold under 0 seals; 0 are not sealed yet.\n")

    await change(pool, "a", "b")
    relay = AuditSealing(pool, objects, KEYS)
    with capture_logs() as lines:
        await relay.seal(timestamp=0)
        await relay.seal(timestamp=60)
    log = tmp_path / "relay.log"
    log.write_text("\n".join(["not JSON: audit_sealed", *map(json.dumps, lines)]))
    async with pool.acquire() as conn:
        assert await kept_head(objects) == await last_head(conn)
    await change(pool, "c")
    assert run() == (0, "2 rows hold under 1 seals; 1 are not sealed yet.\n")
    assert run("--log", f"{log}")[0] == 0
    (tmp_path / "store" / HEAD_KEY).unlink()
    assert run()[1].endswith("no relay could write it yet.\n")
    await AuditSealing(pool, objects, KEYS).seal(timestamp=120)

    async with pool.acquire() as conn:
        await conn.execute("DELETE FROM audit_seal; DELETE FROM audit")
    assert run()[0] == 1
    (tmp_path / "store" / HEAD_KEY).write_text("[]")
    assert run()[1].endswith(f"holds something that is no head in {HEAD_KEY}.\n")
    (tmp_path / "store" / HEAD_KEY).unlink()
    assert run()[0] == 0  # whoever removes it everywhere else leaves the log
    assert (
        f"the end was cut off: {log} holds seal 1 of the rows 1 to 2" in run("--log", f"{log}")[1]
    )
