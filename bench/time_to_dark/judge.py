"""What a record of answers says about a revocation: pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.time_to_dark.client import TimedAnswer

#: What a rule says no with; anything else that is no delivery is a fault (503, a closed socket).
_DENIALS = frozenset({401, 403, 404, 410, 451})


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherVerdict:
    """What one watcher of one revocation saw.

    Attributes:
        dark_s: from the commit to the start of the last request that was delivered; 0: none was
            after it. An image was dark at this instant or at most one poll later.
        denied_s: from the commit to the receipt of the first denial: dark by then. None: no answer
            was a denial.
        leaks: deliveries whose request was sent later than the limit.
        denials: answers that were denials.
        faults: answers that were neither.
    """

    dark_s: float
    denied_s: float | None
    leaks: int
    denials: int
    faults: int


def judge_watch(
    answers: Iterable[TimedAnswer], *, committed_at: float, limit_s: float
) -> WatcherVerdict:
    """Judge what one place answered for one image, from before its revocation on.

    Args:
        answers: of one place.
        committed_at: when COMMIT had returned.
        limit_s: how much later a request may still be sent and be delivered.
    """
    dark_s, denied_s = 0.0, math.inf
    leaks = denials = faults = 0
    for answer in answers:
        if answer.delivers:
            dark_s = max(dark_s, answer.sent_at - committed_at)
            leaks += is_leak(answer, committed_at=committed_at, limit_s=limit_s)
        elif answer.status in _DENIALS:
            denials += 1
            denied_s = min(denied_s, answer.received_at - committed_at)
        else:
            faults += 1
    return WatcherVerdict(
        dark_s=dark_s,
        denied_s=None if math.isinf(denied_s) else max(0.0, denied_s),
        leaks=leaks,
        denials=denials,
        faults=faults,
    )


def is_leak(answer: TimedAnswer, *, committed_at: float, limit_s: float) -> bool:
    """Return whether an image was delivered to who asked later than the limit."""
    return answer.delivers and answer.sent_at > committed_at + limit_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Darkness:
    """When some images may not be delivered.

    Attributes:
        images: their numbers; None: all of the generation.
        generation: of URLs, which ends with the signing key of its tokens; None: every one.
        committed_at: when COMMIT of the revocation had returned.
        restoring_at: when their right began to be given back; infinity: never.
    """

    images: frozenset[int] | None
    generation: int | None = None
    committed_at: float
    restoring_at: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadVerdict:
    """What the load saw.

    Attributes:
        requests: all of them.
        judged: those for an image that had to be dark.
        leaks: of those judged, the deliveries, by kind of place.
        faults: answers that were neither a delivery nor a denial.
    """

    requests: int
    judged: int
    leaks: Mapping[str, int]
    faults: int


def judge_load(
    record: Iterable[tuple[str, int, int, TimedAnswer]],
    darknesses: Sequence[Darkness],
    *,
    limits_s: Mapping[str, float],
) -> LoadVerdict:
    """Hold everything that was answered against every time of darkness.

    A request that ended after the right had begun to come back proves nothing and is not judged.

    Args:
        record: kind of place, number of the image, generation of its URL, answer.
        darknesses: in any order.
        limits_s: by kind of place, as in `judge_watch`.
    """
    by_image: dict[int | None, list[Darkness]] = defaultdict(list)
    for each in darknesses:
        for image in [None] if each.images is None else each.images:
            by_image[image].append(each)
    requests = judged = faults = 0
    leaks = dict.fromkeys(limits_s, 0)
    for kind, image, generation, answer in record:
        requests += 1
        faults += not answer.delivers and answer.status not in _DENIALS
        if any(
            each.generation in (None, generation)
            and answer.sent_at > each.committed_at + limits_s[kind]
            and answer.received_at < each.restoring_at
            for each in (*by_image[image], *by_image[None])
        ):
            judged += 1
            leaks[kind] += answer.delivers
    return LoadVerdict(requests=requests, judged=judged, leaks=leaks, faults=faults)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least so many per cent do not exceed (nearest rank).

    Args:
        values: at least one.
        percent: above 0, at most 100.
    """
    ordered = sorted(values)
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1]
