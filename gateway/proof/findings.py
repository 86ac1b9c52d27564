"""What a replay reports: what it found, and what it cannot know."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.proof.answers import Coverage, LoggedAnswer
from gateway.proof.judge import Judgement
from gateway.proof.replay import Tally, Tolerances

#: What caches handed out, by whose log says so; gateways say it of each answer.
_HOW = {"edge": "edge hit", "cdn": "hit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """The outcome of one replay.

    Attributes:
        counted: deliveries that all gateways counted in the minutes of the logs; together with
            `tally.delivered` it shows how complete the logs are. None: no longer known.
    """

    tally: Tally
    coverage: Coverage
    tolerances: Tolerances
    counted: int | None

    def as_json(self) -> dict[str, Any]:
        """Return the one object that `--json` prints; times in RFC 3339, durations in seconds."""
        tally, coverage = self.tally, self.coverage
        return {
            "incidents": tally.incidents,
            "judged": tally.judged,
            "delivered": tally.delivered,
            "late": {"count": tally.late, "most_s": tally.latest.total_seconds()},
            "wrongly_denied": tally.wrongly_denied,
            "tolerance_s": self.tolerances.answers.total_seconds(),
            "cdn_tolerance_s": self.tolerances.hits.total_seconds(),
            "first": _text(tally.first),
            "last": _text(tally.last),
            "coverage": {
                "gateways": len(coverage.gateways),
                "files": sum(coverage.gateways.values()),
                "unended_files": coverage.unended,
                "missing_files": coverage.missing_files,
                "authorising_edges": tally.leaves,
                "kept_leaves": tally.kept,
                "edge_logs": coverage.edge_logs,
                "edge_first": _text(tally.edge_first),
                "edge_last": _text(tally.edge_last),
                "edge_hits": tally.edge_hits,
                "cdn_hits": tally.hits,
                "lines_dropped": coverage.dropped,
                "lines_unreadable": coverage.unreadable,
                "deliveries_counted": self.counted,
                "clock_error_s": coverage.clock_error_s,
                "not_seen": self.gaps(),
            },
            "worst": [
                incident_as_json(answer, judgement) for _, _, answer, judgement in tally.worst
            ],
        }

    def gaps(self) -> list[str]:
        """Return what this replay cannot have seen, in sentences."""
        tally, coverage = self.tally, self.coverage
        unseen = 0 if self.counted is None else self.counted - tally.delivered
        found = {
            self._kept_leaves(): tally.kept > 0,
            "an edge tells time by its own clock: its hits are judged as that clock says": (
                tally.edge_hits > 0
            ),
            "hits of caches that do not ask are not seen: give --cdn-log": not tally.hits,
            f"{coverage.dropped:,} answers could not be written down": coverage.dropped,
            f"{coverage.missing_files:,} files are not here any more": coverage.missing_files,
            f"{coverage.unended:,} files go on, or their gateway was killed: what it answered in "
            "its last 0.2 s is in no log": coverage.unended,
            f"{coverage.unreadable:,} lines cannot be read": coverage.unreadable,
            f"a gateway's clock may have been off by {coverage.clock_error_s:.3f} s: what time "
            "alone began or ended is proven to that, and no closer": coverage.clock_error_s > 0,
            f"{unseen:,} deliveries were counted in these minutes that are not in these logs: of "
            "other gateways, or outside the time asked for": unseen > 0,
            f"{-unseen:,} deliveries are in these logs that no gateway has counted yet": unseen < 0,
            "whether the logs are complete: these minutes are counted by the hour now": (
                self.counted is None and tally.judged > 0
            ),
            "whether a hit was of the newest epoch: it is judged by its rights alone": (
                tally.hits > 0
            ),
        }
        return [sentence for sentence, holds in found.items() if holds]

    def _kept_leaves(self) -> str:
        """Say what is known of the deliveries that were made by leaves which edges kept."""
        tally, count = self.tally, self.coverage.edge_logs
        leaves = (
            f"{tally.kept:,} leaves let an edge deliver again and again for a while: each was "
            "judged for all of that time, and counts as one answer, however many deliveries it was"
        )
        if not count:
            return f"hits at edges are not seen: {leaves}. Give the logs of all edges: --edge-log"
        logs = "1 edge log was" if count == 1 else f"{count:,} edge logs were"
        if tally.edge_first is None or tally.edge_last is None:
            return f"hits at edges are not seen: {leaves}. {logs} given, without an answer in them"
        return (
            "hits at edges are seen only as far as their logs go: "
            f"{leaves}. {logs} given, from {tally.edge_first:%Y-%m-%d %H:%M:%S} to "
            f"{tally.edge_last:%Y-%m-%d %H:%M:%S} UTC: what an edge delivered before or after, or "
            "an edge whose log is not among them, is not seen"
        )


def incident_as_json(answer: LoggedAnswer, judgement: Judgement) -> dict[str, Any]:
    """Return one incident, in the words of the log and of the rule."""
    entry, overdue = answer.entry, judgement.overdue
    until = answer.at + answer.usable_for if answer.usable_for else None
    return {
        "at": _text(answer.at),
        "usable_until": _text(until),
        "place": answer.place,
        "status": entry.status,
        "asset": entry.asset,
        "epoch": entry.epoch,
        "country": entry.country,
        "channel": entry.channel,
        "usage": entry.usage,
        "owner": entry.owner,
        "how": _HOW.get(answer.source, entry.how),
        "reason": judgement.reason,
        "dark_since": _text(judgement.dark_since),
        "overdue_s": None if overdue is None else overdue.total_seconds(),
    }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
