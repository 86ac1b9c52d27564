"""Tasks: what recurs counts up, what is mended closes by itself, what is overdue escalates once."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import InvalidInputError
from catalog.events.model import Event
from catalog.principal import RELAY
from catalog.reactions import reactions
from catalog.tasks import commands, store
from catalog.tasks.model import Task, TaskFilter, TaskState, Todo
from tests.support.people import ADA, MANAGER

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def changes(pool: Pool) -> Changes:
    """Changes as processes make them."""
    return Changes(pool=pool, reactions=reactions(warm_up=False))


async def every(pool: Pool, **wanted: Any) -> list[Task]:  # noqa: ANN401 - of a filter
    async with pool.acquire() as conn:
        where = replace(TaskFilter(now=NOW), **wanted)
        return await store.list_tasks(conn, where, size=100)


async def events(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT type FROM event WHERE subject LIKE 'task/%' ORDER BY seq")
    return [row["type"] for row in rows]


async def opened(changes: Changes, kind: str, causes: Mapping[str, str]) -> None:
    async with changes.begin(ADA) as change:
        await commands.open_tasks(change, kind, causes)


async def noted(changes: Changes, text: str, **more: Any) -> Task:  # noqa: ANN401 - of a to-do
    async with changes.begin(ADA) as change:
        todo = replace(Todo(text=text, role="editor"), **more)
        return await commands.create_todo(change, todo)


async def test_a_to_do_has_at_most_500_characters_of_any_script(changes: Changes) -> None:
    longest = "".join(chr(0x20000 + place) for place in range(commands.MOST_CHARACTERS))
    assert (await noted(changes, longest)).cause == longest
    with pytest.raises(InvalidInputError):
        await noted(changes, longest + "a")


async def test_what_recurs_counts_up_and_what_is_mended_and_comes_back_is_a_new_task(
    changes: Changes, pool: Pool
) -> None:
    await opened(changes, "wrong_gtin", {"product/A": "123", "product/B": "456"})
    await opened(changes, "wrong_gtin", {"product/A": "123"})
    assert [(each.subject, each.count, each.role) for each in await every(pool)] == [
        ("product/B", 1, "editor"),
        ("product/A", 2, "editor"),
    ]
    async with changes.begin(ADA) as change:
        await commands.close_mended(change, "wrong_gtin", ["product/A"])
    await opened(changes, "wrong_gtin", {"product/A": "123"})

    again, _, first = await every(pool, state=None)
    assert (again.count, again.is_resolved) == (1, False)
    assert (first.is_resolved, first.resolved_by, first.resolution) == (True, None, "mended")
    assert await events(pool) == ["task.opened"] * 2 + ["task.resolved", "task.opened"]
    async with pool.acquire() as conn:
        rows = await conn.fetch("SELECT before, after FROM audit ORDER BY id")
    assert [row["before"] for row in rows[:2]] == [None, None]
    assert [row["after"]["cause"] for row in rows if row["before"] is None] == ["123", "456", "123"]
    assert (rows[2]["before"]["resolution"], rows[2]["after"]["resolution"]) == (None, "mended")


@pytest.mark.parametrize(
    ("event_type", "subject", "data", "closed"),
    [
        ("asset.version_created", "asset/a", {"version": 2}, ["broken_source", "too_large_3"]),
        ("asset.version_created", "asset/a", {"version": 1}, []),
        ("asset.version_created", "asset/b", {"version": 2}, []),
        ("preset.updated", "preset/card", {"preset": "card", "version": 4}, ["too_large_3"]),
        ("preset.updated", "preset/car", {"preset": "car", "version": 4}, []),
        ("asset.updated", "asset/a", {}, []),
    ],
    ids=["a new file", "a first file", "of another", "a new preset", "of another name", "no cure"],
)
async def test_an_event_closes_what_it_mends(
    changes: Changes,
    pool: Pool,
    event_type: str,
    subject: str,
    data: dict[str, Any],
    closed: list[str],
) -> None:
    await opened(changes, "broken_source", {"asset/a": "BROKEN_SOURCE"})
    await opened(changes, "rendition_too_large", {"asset/a": "preset card.3"})
    async with changes.begin(ADA) as change:
        await change.record(Event(type=event_type, subject=subject, version=1, data=data))
    names = {"broken_source": "broken_source", "rendition_too_large": "too_large_3"}
    resolved = await every(pool, state=TaskState.RESOLVED)
    assert sorted(names[each.kind] for each in resolved) == closed


async def test_what_is_snoozed_is_open_again_by_the_instant(changes: Changes, pool: Pool) -> None:
    task = await noted(changes, "photograph the lamps")
    async with changes.begin(ADA) as change:
        await commands.snooze_tasks(change, [task.public_id], NOW + HOUR, now=NOW)

    def states(now: datetime) -> dict[TaskState, Any]:
        return {state: every(pool, state=state, now=now) for state in TaskState}

    for now, state in (
        (NOW + HOUR - timedelta(microseconds=1), TaskState.SNOOZED),
        (NOW + HOUR, TaskState.OPEN),
    ):
        found = {each: await asked for each, asked in states(now).items()}
        assert [each for each in TaskState if found[each]] == [state]
        assert found[state][0].state_at(now) is state
    async with changes.begin(ADA) as change:
        with pytest.raises(InvalidInputError):
            await commands.snooze_tasks(change, [task.public_id], NOW, now=NOW)


async def test_what_is_overdue_escalates_once_and_what_is_snoozed_not_before_its_end(
    changes: Changes, pool: Pool
) -> None:
    due = await noted(changes, "due", due_at=NOW)
    snoozed = await noted(changes, "snoozed", due_at=NOW)
    await noted(changes, "to come", due_at=NOW + timedelta(microseconds=1))
    done = await noted(changes, "done", due_at=NOW)
    async with changes.begin(ADA) as change:
        await commands.snooze_tasks(change, [snoozed.public_id], NOW + HOUR, now=NOW)
        await commands.resolve_tasks(change, [done.public_id], now=NOW, resolution=None)

    async def escalated(now: datetime) -> int:
        async with changes.begin(RELAY) as change, changes.begin(RELAY) as another:
            found = await commands.escalate_overdue(change, now)
            assert await commands.escalate_overdue(another, now) == 0  # while the other has them
        return found

    assert [await escalated(NOW), await escalated(NOW)] == [1, 0]
    assert [each.public_id for each in await every(pool) if each.escalated_at] == [due.public_id]
    assert await escalated(NOW + HOUR) == 2
    assert (await events(pool)).count("task.escalated") == 3


async def test_kinds_whose_mending_nobody_tells_close_after_silence(
    changes: Changes, pool: Pool
) -> None:
    await opened(changes, "rendition_not_stored", {"store": "STORE_FULL"})
    await opened(changes, "broken_source", {"asset/a": "BROKEN_SOURCE"})
    (last_at,) = [each.last_at for each in await every(pool, kind="rendition_not_stored")]
    closed: list[int] = []
    for now in (last_at + HOUR, last_at + HOUR + timedelta(microseconds=1)):
        async with changes.begin(RELAY) as change:
            closed.append(await commands.close_silent(change, now))
    assert closed == [0, 1]
    assert [each.kind for each in await every(pool, state=TaskState.OPEN)] == ["broken_source"]


async def test_each_id_has_a_result_and_doing_the_same_again_records_nothing(
    changes: Changes, pool: Pool
) -> None:
    first, second = await noted(changes, "first"), await noted(changes, "second")
    ids = [first.public_id, "nobody", second.public_id, first.public_id]

    async def assign(assignee: uuid.UUID | None) -> list[tuple[str, str | None]]:
        async with changes.begin(ADA) as change:
            results = await commands.assign_tasks(change, ids, assignee)
        return [(each.id, each.error.code if each.error else None) for each in results]

    async with changes.begin(ADA) as change:
        await commands.resolve_tasks(change, [second.public_id], now=NOW, resolution="bought")
    expected = [(first.public_id, None), ("nobody", "NOT_FOUND")]
    expected += [(second.public_id, "CONFLICT"), (first.public_id, None)]
    assert await assign(ADA.id) == expected
    assert await assign(ADA.id) == expected
    assert [each.public_id for each in await every(pool, assignee=ADA.id)] == [first.public_id]
    async with changes.begin(MANAGER) as change:  # the first word stands
        await commands.resolve_tasks(change, [second.public_id], now=NOW, resolution="")
    (resolved,) = await every(pool, state=TaskState.RESOLVED)
    assert (resolved.resolved_by, resolved.resolution) == (ADA.id, "bought")
    assert (await events(pool))[2:] == ["task.resolved", "task.assigned"]


async def test_the_same_to_do_is_noted_once_while_it_waits(changes: Changes, pool: Pool) -> None:
    first = await noted(changes, "call the studio")
    assert (await noted(changes, "call the studio")).public_id == first.public_id
    about = await noted(changes, "call the studio", subject="asset/a")
    assert about.public_id != first.public_id
    assert [each.count for each in await every(pool)] == [1, 1]
    for text, role, field in ((" ", "editor", "text"), ("x", "king", "role")):
        with pytest.raises(InvalidInputError) as caught:
            await noted(changes, text, role=role)
        assert caught.value.field == field


async def test_filters_hold_together(changes: Changes, pool: Pool) -> None:
    await noted(changes, "a", subject="asset/a", due_at=NOW, role="approver", assignee=ADA.id)
    await noted(changes, "b", subject="asset/b", due_at=NOW + HOUR)
    await opened(changes, "broken_source", {"asset/a": "BROKEN_SOURCE"})

    async def causes(**wanted: Any) -> str:  # noqa: ANN401 - of a filter
        return "".join(each.cause[:1] for each in await every(pool, **wanted))

    assert await causes() == "Bba"
    assert await causes(kind="todo") == "ba"
    assert await causes(without_kind="todo") == "B"
    assert await causes(subject="asset/a") == "Ba"
    assert await causes(role="approver") == await causes(assignee=ADA.id) == "a"
    assert await causes(due_before=NOW + HOUR) == "a"
    assert await causes(subject="asset/b", due_before=NOW + HOUR) == ""


async def test_the_last_comments_of_each_task_are_shown(changes: Changes) -> None:
    talked, silent = await noted(changes, "talked about"), await noted(changes, "silent")
    async with changes.begin(ADA) as change:
        for number in range(store.COMMENTS_SHOWN + 1):
            await commands.comment_task(change, talked.public_id, str(number))
        said = await store.comments_of(change.conn, [talked.id, silent.id])
    numbers = [str(number) for number in range(1, store.COMMENTS_SHOWN + 1)]
    assert [each.text for each in said[talked.id]] == numbers
    assert said[silent.id] == []
