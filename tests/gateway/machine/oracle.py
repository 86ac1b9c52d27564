"""The rule as oracle: which answers could be right, by what was committed and by the true clock.

An answer that starts at `t` is right if it is the rule's for some true past: for each row that the
rule reads, a version that was committed at some instant of `[t - lease, t]`, and never one older
than what the same gateway has reported as applied or has read for itself; and for the clock, an
instant within half the round trip of the gateway's last question around `t`, since that is what
the midpoint of a question and its answer can be wrong by. A version is never decided upon at an
instant before its own commit.

Rows are taken one by one, as the protocol proves them: a gateway may know a new grant and, for less
than a lease, not yet the revocation of a key that was committed just before it.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from catalog.graph.delivery import Catalogue
from catalog.rights.model import NEVER, Question, Reason, Window
from catalog.rights.rules import decide
from catalog.rights.territory import bit_of
from gateway.errors import DeniedError, refusal_of
from tests.gateway.machine import shop
from tests.gateway.machine.asking import ExpectedAnswer, MachineRequest
from tests.gateway.machine.edges import Leave
from tests.gateway.machine.links import Link
from tests.gateway.machine.primary import Primary, instant

#: Instants are rounded to microseconds, here and there.
_ROUNDING_S = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class RightAnswer:
    """One answer that would be right.

    Attributes:
        browser_s, edge_s: for how long at most it may be kept.
    """

    answer: ExpectedAnswer
    browser_s: float = 0.0
    edge_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Past:
    """What the rule reads, as it may have been."""

    asset: shop.Asset | None
    windows: tuple[Window, ...] | None
    catalogue: Catalogue


class Oracle:
    """Judges the answers of one gateway."""

    def __init__(self, primary: Primary, link: Link, *, lease_s: float) -> None:
        self._primary = primary
        self._link = link
        self._lease_s = lease_s

    def verdicts(self, asked: MachineRequest, *, kept: Leave | None = None) -> list[RightAnswer]:
        """Return every answer that may start now.

        Args:
            asked: the request.
            kept: what an edge answers by, which heeds nothing that the gateway has learnt since.
        """
        known_of = self._known_of if kept is None else _nothing_known
        assets = self._versions(shop.asset_row(asked.asset), known_of)
        catalogues = self._versions(shop.CATALOGUE_ROW, known_of)
        windows: list[tuple[float, Any]] = [(-math.inf, None)]
        if asked.owner is not None:
            windows = self._versions(shop.windows_row(asked.owner), known_of)
        error_s = self._link.round_trip_s / 2 if kept is None else kept.clock_error_s
        verdicts: list[RightAnswer] = []
        for (since_s, asset), (_, published), (_, catalogue) in product(
            assets, windows, catalogues
        ):
            past = _Past(asset, published, catalogue)
            readings = self._clock_readings(past, asked, since_s, error_s + _ROUNDING_S)
            verdicts.extend(_decide(past, asked, now) for now in readings)
        return verdicts

    def _versions(self, row: str, known_of: Callable[[str], float]) -> list[tuple[float, Any]]:
        oldest_s = max(self._primary.now_s - self._lease_s - _ROUNDING_S, known_of(row))
        return self._primary.rows[row].between(oldest_s)

    def _known_of(self, row: str) -> float:
        """Return the newest instant whose state of a row the gateway has reported or read."""
        now_s = self._primary.now_s
        return max(
            _latest(self._link.applied, before_s=now_s),
            _latest(self._link.reads.get(row, ()), before_s=now_s),
        )

    def _clock_readings(
        self, past: _Past, asked: MachineRequest, since_s: float, error_s: float
    ) -> Iterator[datetime]:
        """Yield an instant of each stretch of time in which the rule gives one answer."""
        now_s = self._primary.now_s
        earliest = instant(max(now_s - error_s, since_s))
        latest = instant(now_s + error_s)
        yield earliest
        for boundary in _boundaries(past, asked):
            if earliest < boundary <= latest:
                yield boundary


def _boundaries(past: _Past, asked: MachineRequest) -> Iterable[datetime]:
    yield asked.ends
    if past.asset is not None:
        yield from past.asset.rights.boundaries
    for window in past.windows or ():
        yield from (window.start, window.end)


def _nothing_known(_: str) -> float:
    return -math.inf


def _latest(told: Sequence[tuple[float, float]], *, before_s: float) -> float:
    """Return the newest instant that was told of before now."""
    return next((of_s for at_s, of_s in reversed(told) if at_s < before_s), -math.inf)


def _decide(past: _Past, asked: MachineRequest, now: datetime) -> RightAnswer:
    if shop.signing_key(asked.key).kid not in past.catalogue.keys.by_kid:
        return RightAnswer(answer=ExpectedAnswer(401, "TOKEN_INVALID"))
    if now >= asked.ends:
        return RightAnswer(answer=ExpectedAnswer(401, "TOKEN_EXPIRED"))
    if past.asset is None:
        return _denied(Reason.NOT_FOUND)
    question = Question(
        now=now,
        countries=bit_of(asked.country),
        channel=shop.CHANNEL,
        usage=shop.USAGE,
        windows=past.windows,
    )
    decision = decide(past.asset.rights, question)
    if decision.reason is not None:
        return _denied(decision.reason)
    if asked.epoch > past.asset.epoch:
        return _denied(Reason.NOT_FOUND)
    right_s = _seconds(decision.holds_until, now)
    return RightAnswer(
        answer=_delivery(past.asset.epoch, asked),
        browser_s=right_s,
        edge_s=min(right_s, _seconds(asked.ends, now)),
    )


def _seconds(until: datetime, now: datetime) -> float:
    if until == NEVER:
        return math.inf
    return (until - now) / timedelta(seconds=1) + _ROUNDING_S


def _denied(reason: Reason) -> RightAnswer:
    refusal = refusal_of(DeniedError(reason))
    return RightAnswer(answer=ExpectedAnswer(refusal.status, refusal.code))


def _delivery(epoch: int, asked: MachineRequest) -> ExpectedAnswer:
    if asked.epoch < epoch:
        return ExpectedAnswer(307, epoch=epoch)
    if asked.leave_only:
        return ExpectedAnswer(204, epoch=epoch)
    return ExpectedAnswer(304 if asked.has_copy else 200)
