"""What follows a change inside its transaction, in the one list that each `app.py` hands in.

Commands write all that has to be true at their commit themselves; here is what may come later.
"""

from catalog.changes import Reaction
from catalog.db import Connection
from catalog.events.model import RecordedEvent
from catalog.jobs import LAST, Job, defer

WARM_UP_QUEUE = "renditions"
WARM_UP_TASK = "renditions:warm_up"


def reactions(*, warm_up: bool) -> tuple[Reaction, ...]:
    """Return the reactions.

    Args:
        warm_up: whether the hero images of what is published are to be rendered.
    """
    return (warm_up_heroes,) if warm_up else ()


async def warm_up_heroes(conn: Connection, recorded: RecordedEvent) -> None:
    """Have the hero images of a product that was published rendered into the object store."""
    event = recorded.event
    if event.type == "publication.published":
        args = {"product": event.data["id"]}
        job = Job(queue=WARM_UP_QUEUE, task=WARM_UP_TASK, args=args, priority=LAST)
        await defer(conn, job)
