"""The primary of the machine answers the feed as PostgreSQL does, whoever overtakes whom."""

import pytest

from catalog.db import Pool
from catalog.events import store
from catalog.events.log import event_log_at
from catalog.events.model import Event
from catalog.subjects import Subject, asset_subject
from tests.gateway.machine.primary import Primary, Transaction
from tests.support.people import TEST

_ROLLED_BACK = {"x": "a", "y": "b"}


async def _by_postgresql(pool: Pool, database_url: str, story: str) -> list[set[Subject]]:
    answers: list[set[Subject]] = []
    applied: str | None = None
    async with (
        event_log_at(database_url)(lambda: None) as log,
        pool.acquire() as first,
        pool.acquire() as second,
    ):
        conns = {"a": first, "b": second}
        transactions = {name: conn.transaction() for name, conn in conns.items()}
        for step in story:
            if step == "?":
                answer = await log.ask(applied)
                applied = answer.snapshot
                answers.append({each.subject for each in answer.touches})
            elif step in conns:
                await transactions[step].start()
                await store.append(conns[step], [_fact(step)], actor=TEST.id)
            elif step in _ROLLED_BACK:
                await transactions[_ROLLED_BACK[step]].rollback()
            else:
                await transactions[step.lower()].commit()
    return answers


def _by_the_machine(story: str) -> list[set[Subject]]:
    answers: list[set[Subject]] = []
    applied: str | None = None
    primary = Primary({"a": 0, "b": 0})
    transactions: dict[str, Transaction] = {}
    for step in story:
        if step == "?":
            answer = primary.ask(applied)
            applied = answer.snapshot
            answers.append({each.subject for each in answer.touches})
        elif step in primary.rows:
            transactions[step] = primary.begin({step: 1}, asset_subject(step))
        elif step in _ROLLED_BACK:
            primary.roll_back(transactions[_ROLLED_BACK[step]])
        else:
            primary.commit(transactions[step.lower()])
    return answers


def _fact(name: str) -> Event:
    subject = asset_subject(name)
    return Event(type="rights.changed", subject=f"asset/{name}", version=1, subjects=(subject,))


# Transactions begin (a, b), commit (A, B) or are rolled back (x, y), and the feed asks (?).
@pytest.mark.parametrize(
    "story", ["?aA?bB?", "?ab?B?A??", "?a?b?A?B?", "aA?bB?", "?abAy??", "?a?x?bB?", "ab?BA??"]
)
async def test_the_machines_primary_brings_what_postgresql_brings(
    pool: Pool, database_url: str, story: str
) -> None:
    real = await _by_postgresql(pool, database_url, story)
    assert _by_the_machine(story) == real
    assert {subject for brought in real for subject in brought} == {
        asset_subject(step.lower())
        for place, step in enumerate(story)
        if step in "AB" and "?" in story[:place]
    }
