"""What a replay found is kept, so that people see it who have no command line."""

from collections.abc import Mapping
from typing import Any

from catalog.changes import Change
from catalog.delivery.replay_store import add_replay
from catalog.events.model import Event
from catalog.ids import new_public_id


async def record_replay(change: Change, report: Mapping[str, Any]) -> str:
    """Keep a report as `vitrine replay --json` prints it; return the id that it is found by."""
    public_id = new_public_id()
    said = {name: value for name, value in report.items() if name != "worst"}
    await add_replay(change.conn, public_id, said, report["worst"], by=change.actor.id)
    await change.record(
        Event(
            type="replay.recorded",
            subject=f"replay/{public_id}",
            version=1,
            data={"replay": public_id, "incidents": report["incidents"]},
        )
    )
    return public_id
