"""The audit is exported by object and by person."""

import json
from typing import Any

from catalog.changes import Changes
from catalog.db import Pool
from catalog.events.model import Event
from tests.support.commands import vitrine
from tests.support.people import ADA, LAWYER


async def test_it_is_exported(pool: Pool, database_url: str) -> None:
    for who, name in ((ADA, "a"), (LAWYER, "b"), (ADA, "c")):
        async with Changes(pool=pool).begin(who) as change:
            event = Event(
                type="thing.changed", subject=f"thing/{name}", version=1, after={"name": name}
            )
            await change.record(event)

    def export(*arguments: str) -> list[dict[str, Any]]:
        done = vitrine("audit", "export", *arguments, database_url=database_url)
        return [json.loads(line) for line in done.stdout.splitlines()]

    assert [each["after"]["name"] for each in export()] == ["a", "b", "c"]
    assert [each["subject"] for each in export("--principal", str(ADA.id))] == [
        "thing/a",
        "thing/c",
    ]
    assert [each["actor"] for each in export("--subject", "thing/b")] == [str(LAWYER.id)]
    assert export("--since", "2999-01-01") == []
