"""What follows a change inside its transaction, in the one list that each `app.py` hands in.

Commands write all that has to be true at their commit themselves; here is what follows from it.
"""

from catalog.changes import Change, Reaction
from catalog.events.model import RecordedEvent
from catalog.jobs import LAST, Job, defer
from catalog.tasks.commands import close_what_is_mended

WARM_UP_QUEUE = "renditions"
WARM_UP_TASK = "renditions:warm_up"


def reactions(*, warm_up: bool) -> tuple[Reaction, ...]:
    """Return the reactions.

    Args:
        warm_up: whether the hero images of what is published are to be rendered.
    """
    return (close_tasks, warm_up_heroes) if warm_up else (close_tasks,)


async def close_tasks(change: Change, recorded: RecordedEvent) -> None:
    """Close the tasks whose cause is gone with this event."""
    await close_what_is_mended(change, recorded.event)


async def warm_up_heroes(change: Change, recorded: RecordedEvent) -> None:
    """Have the hero images of a product that was published rendered into the object store."""
    event = recorded.event
    if event.type == "publication.published":
        args = {"product": event.data["id"]}
        job = Job(queue=WARM_UP_QUEUE, task=WARM_UP_TASK, args=args, priority=LAST)
        await defer(change.conn, job)
