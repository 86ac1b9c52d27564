"""Jobs that a relay does again and again."""

from collections.abc import Callable
from typing import Any

import procrastinate


def add_periodic(
    tasks: procrastinate.Blueprint,
    run: Callable[..., Any],
    *,
    queue: str,
    name: str,
    cron: str,
    at_once: bool = False,
) -> None:
    """Declare a job: of its name one at most waits in the queue, and one at most runs.

    Args:
        tasks: that it is one of.
        run: is called with the `timestamp` that it was due at.
        queue: that it waits in.
        name: within the namespace of the tasks.
        cron: when it is due, in UTC.
        at_once: more than one may run, and `run` gets the context of the job first: what frees the
            locks of relays that are gone must not wait for one of them.
    """
    lock = f"{queue}:{name}"
    declare = tasks.task(
        queue=queue,
        name=name,
        queueing_lock=lock,
        lock=None if at_once else lock,
        pass_context=at_once,
    )
    tasks.periodic(cron=cron)(declare(run))
