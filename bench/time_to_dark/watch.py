"""Asks one place for one image, from before its revocation until long after."""

import asyncio
import time

from bench.time_to_dark.client import TimedAnswer
from bench.time_to_dark.places import Place

_LIT_WITHIN_S = 60.0
_POLL_S = 0.02
#: A wait for darkness that lasts is polled at this part of how long it has lasted, at most.
_RESOLUTION = 0.05
_LONGEST_WAIT_S = 0.25


async def watch(place: Place, path: str, committed: asyncio.Future[float]) -> list[TimedAnswer]:
    """Return every answer until the place has been watched long enough.

    Args:
        place: whom to ask.
        path: of an image that is delivered now.
        committed: will be the instant of the commit, by `time.monotonic`.
    """
    answers: list[TimedAnswer] = []
    while True:
        answer = await place.client.get(path)
        answers.append(answer)
        now = time.monotonic()
        wait_s = place.lit_s
        if committed.done():
            left_s = place.watch_s - (now - committed.result())
            if left_s <= 0:
                return answers
            lasting_s = min(_RESOLUTION * (now - committed.result()), _LONGEST_WAIT_S)
            wait_s = max(wait_s, lasting_s) if answer.delivers else place.dark_s
            wait_s = min(wait_s, left_s)
        await asyncio.sleep(max(0.0, answer.sent_at + wait_s - now))


async def until_lit(place: Place, path: str) -> str:
    """Ask until the image is delivered; return the path by which it is.

    Raises:
        RuntimeError: it is not, for too long.
    """
    deadline = time.monotonic() + _LIT_WITHIN_S
    while True:
        answer = await place.client.get(path)
        if answer.location:
            path = answer.location
        elif answer.delivers:
            return path
        else:
            await asyncio.sleep(_POLL_S)
        if time.monotonic() > deadline:
            named = path.partition("?")[0]
            raise RuntimeError(f"{place.kind} does not deliver {named}: {answer.status}")
