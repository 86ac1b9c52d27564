"""Work: it goes on after the last commit, stops within a batch, and tries again what failed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from catalog.access import principals
from catalog.access.assignments import give_role, take_role
from catalog.access.commands import create_key, revoke_key
from catalog.access.roles import Action
from catalog.changes import Change, Changes
from catalog.db import Pool
from catalog.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from catalog.principal import Principal
from catalog.work import commands, store
from catalog.work.model import RowState, Work, WorkRow, WorkState, WorkTakenOverError
from relay.works.running import WorkResult, WorkRun, Works
from tests.support.people import ADA, TEST

ROWS = 25
BATCH = 10


@dataclass
class Counting:
    """Goes through numbers in batches, each of which writes its numbers down.

    Attributes:
        bad: numbers that fail.
        after: what happens once so many are committed.
    """

    changes: Changes
    bad: set[int] = field(default_factory=set[int])
    after: dict[int, Any] = field(default_factory=dict[int, Any])

    async def __call__(self, run: WorkRun) -> WorkResult | None:
        position = (run.progress.position or {"next": 0})["next"]
        numbers = list(range(ROWS))
        if run.work.args.get(commands.AGAIN):
            async with self.changes.pool.acquire() as conn:
                again = await store.rows_of(conn, [run.work.id], state=RowState.FAILED, size=ROWS)
            numbers = [each.number for each in again[run.work.id]]
        await run.expect(len(numbers))
        while position < len(numbers):
            part = numbers[position : position + BATCH]
            position += len(part)
            await run.commit(
                lambda change, part=part: self._batch(change, part), position={"next": position}
            )
            if (happens := self.after.pop(position, None)) is not None:
                await happens(run)
        return WorkResult("works/counted", "counted.csv")

    async def _batch(self, change: Change, numbers: Sequence[int]) -> list[WorkRow]:
        rows: list[WorkRow] = []
        for number in numbers:
            is_bad = number in self.bad
            if not is_bad:
                await change.conn.execute("INSERT INTO counted VALUES ($1)", number)
            state = RowState.FAILED if is_bad else RowState.DONE
            rows.append(WorkRow(number=number, state=state, code="BAD" if is_bad else None))
        return rows


@pytest.fixture
async def counting(pool: Pool) -> Counting:
    await pool.execute("CREATE TABLE counted (number integer PRIMARY KEY)")
    return Counting(Changes(pool=pool))


async def started(counting: Counting, by: Principal = ADA) -> str:
    async with counting.changes.begin(by) as change:
        return (await commands.start_work(change, "counting", {})).public_id


async def run(counting: Counting, work: str, *, is_last: bool = False) -> Work:
    await Works(counting.changes, {"counting": counting}).run(work, is_last=is_last)
    return await found(counting, work)


async def found(counting: Counting, work: str) -> Work:
    async with counting.changes.pool.acquire() as conn:
        there = await store.find_work(conn, work)
    assert there is not None
    return there


async def counted(counting: Counting) -> int:
    return await counting.changes.pool.fetchval("SELECT count(*) FROM counted")


async def events(counting: Counting) -> list[str]:
    rows = await counting.changes.pool.fetch("SELECT type FROM event ORDER BY seq")
    return [row["type"].removeprefix("work.") for row in rows]


async def test_work_is_done_in_batches_with_a_result_for_each_row(counting: Counting) -> None:
    counting.bad = {3, 14}
    work = await run(counting, await started(counting))
    assert (work.state, work.done, work.total, work.failed) == (WorkState.DONE, ROWS, ROWS, 2)
    assert (work.result_key, work.result_name) == ("works/counted", "counted.csv")
    assert await events(counting) == ["queued", "begun", "done"]
    async with counting.changes.pool.acquire() as conn:
        bad = await store.rows_of(conn, [work.id], state=RowState.FAILED, size=ROWS)
        page = await store.rows_of(conn, [work.id], after=2, size=2)
    assert [(each.number, each.code) for each in bad[work.id]] == [(3, "BAD"), (14, "BAD")]
    assert [each.number for each in page[work.id]] == [3, 4]


async def test_a_relay_that_is_gone_leaves_off_where_the_next_one_goes_on(
    counting: Counting,
) -> None:
    async def gone(_: WorkRun) -> None:
        raise UnavailableError("the store does not answer")

    counting.after = {BATCH: gone}
    work = await started(counting)
    with pytest.raises(UnavailableError):
        await run(counting, work)
    assert (await found(counting, work)).state is WorkState.RUNNING
    assert (await run(counting, work)).state is WorkState.DONE  # each number once: none twice
    assert await counted(counting) == ROWS
    assert await events(counting) == ["queued", "begun", "begun", "done"]
    await run(counting, work)  # a job that was given out twice
    assert (await events(counting))[4:] == []


async def test_whoever_gave_no_sign_of_life_writes_no_more(counting: Counting) -> None:
    work = await started(counting)
    taken = list[WorkTakenOverError]()

    async def frozen(late: WorkRun) -> None:
        assert (await run(counting, work)).state is WorkState.DONE  # by another relay
        with pytest.raises(WorkTakenOverError) as caught:
            await late.expect(99)
        taken.append(caught.value)
        raise caught.value

    counting.after = {BATCH: frozen}
    assert (await run(counting, work)).state is WorkState.DONE
    assert len(taken) == 1
    assert (await found(counting, work)).total == ROWS
    assert await counted(counting) == ROWS


async def test_cancelling_stops_within_a_batch_and_retrying_goes_on(counting: Counting) -> None:
    work = await started(counting)

    async def cancel(_: WorkRun) -> None:
        for _again in range(2):
            async with counting.changes.begin(ADA) as change:
                await commands.cancel_work(change, work)

    counting.after = {BATCH: cancel}
    cancelled = await run(counting, work)
    assert (cancelled.state, cancelled.done) == (WorkState.CANCELLED, BATCH)
    assert await counted(counting) == BATCH
    async with counting.changes.begin(ADA) as change:
        await commands.cancel_work(change, work)  # says the same again
        assert (await commands.retry_work(change, work)).state is WorkState.QUEUED
        await commands.retry_work(change, work)
    assert (await run(counting, work)).state is WorkState.DONE
    assert await counted(counting) == ROWS
    told = ["queued", "begun", "cancel_asked", "cancelled", "queued", "begun", "done"]
    assert await events(counting) == told


async def test_what_is_queued_is_cancelled_at_once(counting: Counting) -> None:
    work = await started(counting)
    async with counting.changes.begin(ADA) as change:
        assert (await commands.cancel_work(change, work)).state is WorkState.CANCELLED
    assert (await run(counting, work)).state is WorkState.CANCELLED
    assert await counted(counting) == 0


async def test_retrying_what_is_done_goes_through_the_rows_that_failed(
    counting: Counting,
) -> None:
    counting.bad = {3, 14}
    work = await started(counting)
    await run(counting, work)
    counting.bad = {14}
    async with counting.changes.begin(ADA) as change:
        await commands.retry_work(change, work)
    again = await run(counting, work)
    assert (again.done, again.total, again.failed) == (2, 2, 1)
    assert await counted(counting) == ROWS - 1


async def test_what_is_to_be_tried_again_stays_while_trying_fails(counting: Counting) -> None:
    async def wrong(_: WorkRun) -> None:
        raise InvalidInputError("there is no such channel")

    counting.bad = {3, 14}
    work = await started(counting)
    await run(counting, work)
    counting.after = {2: wrong}
    async with counting.changes.begin(ADA) as change:
        await commands.retry_work(change, work)
    failed = await run(counting, work)
    assert (failed.state, failed.result_key) == (WorkState.FAILED, "works/counted")


async def test_work_fails_with_its_cause_and_keeps_what_it_committed(counting: Counting) -> None:
    async def wrong(_: WorkRun) -> None:
        raise InvalidInputError("there is no such channel")

    async def bug(_: WorkRun) -> None:
        raise ZeroDivisionError

    async def gone(_: WorkRun) -> None:
        raise UnavailableError("the store does not answer")

    for happens, cause in (
        (wrong, "there is no such channel (INVALID_INPUT)"),
        (bug, "an error of ours: the log of the relay has it (INTERNAL)"),
        (gone, "the store does not answer (UNAVAILABLE)"),
    ):
        counting.after = {BATCH: happens}
        work = await run(counting, await started(counting), is_last=True)
        assert (work.state, work.cause, work.done) == (WorkState.FAILED, cause, BATCH)
        await counting.changes.pool.execute("TRUNCATE counted")


async def test_nothing_more_is_done_in_the_name_of_who_has_ended(counting: Counting) -> None:
    async def end(_: WorkRun) -> None:
        async with counting.changes.begin(TEST) as change:
            await principals.end_principal(change, ADA.id)

    counting.after = {BATCH: end}
    for done in (BATCH, 0):  # ended at work, and before it began
        work = await run(counting, await started(counting))
        assert (work.state, work.done) == (WorkState.FAILED, done)
        assert (work.cause or "").endswith("start it anew as somebody else (FORBIDDEN)")
        assert await counted(counting) == BATCH


async def test_nothing_more_is_done_for_who_may_not_do_it_any_more(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cast("Any", commands.ACTION_OF), "counting", Action.FILES_IMPORT)

    async def take(_: WorkRun) -> None:
        async with counting.changes.begin(TEST) as change:
            await take_role(change, ADA.id, "administrator")

    async def revoke(_: WorkRun) -> None:
        async with counting.changes.begin(TEST) as change:
            await revoke_key(change, name="counts")

    async with counting.changes.begin(TEST) as change:
        await give_role(change, ADA.id, "administrator")
        await create_key(change, name="counts", scopes=["admin"])
    service = await counting.changes.pool.fetchval("SELECT principal_id FROM api_key")
    for happens, starter, done in (
        (take, ADA, BATCH),
        (revoke, replace(TEST, id=service), BATCH),
        (revoke, ADA, 0),
    ):
        counting.after = {BATCH: happens}
        work = await run(counting, await started(counting, starter))
        assert (work.state, work.done) == (WorkState.FAILED, done)
        assert "may not do it any more, it takes `files.import`" in (work.cause or "")
        await counting.changes.pool.execute("TRUNCATE counted")


async def test_what_cannot_be_cancelled_or_retried_says_why(counting: Counting) -> None:
    work = await started(counting)

    async def retry(_: WorkRun) -> None:
        async with counting.changes.begin(ADA) as change:
            with pytest.raises(ConflictError):
                await commands.retry_work(change, work)

    counting.after = {BATCH: retry}
    await run(counting, work)
    async with counting.changes.begin(ADA) as change:
        for command in (commands.cancel_work, commands.retry_work):
            with pytest.raises(ConflictError):
                await command(change, work)
            with pytest.raises(NotFoundError):
                await command(change, "nothing")
