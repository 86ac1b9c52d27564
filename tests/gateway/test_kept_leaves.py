"""Leave that an edge may keep is judged for every instant at which it may be used."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from catalog.rights.history import AssetHistory, RecordedRule, RecordedState, RecordedTerm
from catalog.rights.model import Reason, Status, Window
from gateway.proof.answers import Coverage, LoggedAnswer
from gateway.proof.delivery_log import DeliveryLogEntry
from gateway.proof.findings import ReplayReport
from gateway.proof.judge import AnswerVerdict, Judge, Judgement, Records
from gateway.proof.replay import Tally, Tolerances
from tests.support.deliveries import entry
from tests.support.stage import StagedAsset

ASSET = StagedAsset(id=uuid.uuid4(), public_id="aaaa", slug="a")
START = datetime(2026, 5, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
MOMENT = timedelta(microseconds=1)
LONG = Window(start=START - timedelta(days=1))
TOLERANCE_MS = 25
#: Worse from left to right.
VERDICTS = [AnswerVerdict.RIGHT, AnswerVerdict.LATE, AnswerVerdict.INCIDENT]


def judge(
    *,
    states: Sequence[tuple[int, Status]] = (),
    valid_ms: tuple[int, int] = (-1_000, 1_000),
    revoked_ms: int | None = None,
) -> Judge:
    """Return who judges an asset by its states, one grant and a signing key; from `START` on."""
    approved = [(-1_000, Status.APPROVED)]
    history = AssetHistory(
        asset=ASSET.public_id,
        states=[
            RecordedState(
                recorded_at=START + ms * MS,
                status=status,
                legal_demand=False,
                authority_url=None,
                reason=None,
            )
            for ms, status in [*approved, *states]
        ],
        grants=[
            RecordedTerm(
                on_record=LONG,
                include=("DE",),
                exclude=(),
                channels=("*",),
                usages=("*",),
                valid=Window(start=START + valid_ms[0] * MS, end=START + valid_ms[1] * MS),
                through="asset",
            )
        ],
        restrictions=[],
        members=[],
    )
    return Judge(
        records=Records(
            histories={ASSET.public_id: history},
            windows={},
            rules={"d2c": [RecordedRule(on_record=LONG, territory=None)]},
            revocations={"k1": None if revoked_ms is None else START + revoked_ms * MS},
        ),
        tolerance=TOLERANCE_MS * MS,
        hit_tolerance=TOLERANCE_MS * MS,
    )


def leave(at: datetime, kept_ms: int) -> DeliveryLogEntry:
    return entry(ASSET, at, how="leave", status=204, kept_for_s=kept_ms / 1000)


def answer(of: DeliveryLogEntry, at: datetime) -> LoggedAnswer:
    return LoggedAnswer(at, of, "gateway", "log:2")


WITHDRAWN_AND_BACK = st.lists(st.integers(0, 120), max_size=4, unique=True).map(
    lambda instants: [
        (ms, Status.APPROVED if number % 2 else Status.WITHDRAWN)
        for number, ms in enumerate(sorted(instants))
    ]
)


@given(
    states=WITHDRAWN_AND_BACK,
    valid_ms=st.tuples(st.integers(-5, 5), st.integers(40, 200)),
    revoked_ms=st.none() | st.integers(0, 120),
    at_ms=st.integers(0, 100),
    kept_ms=st.integers(1, 80),
)
def test_leave_is_as_bad_as_the_worst_delivery_that_it_may_have_been(
    states: list[tuple[int, Status]],
    valid_ms: tuple[int, int],
    revoked_ms: int | None,
    at_ms: int,
    kept_ms: int,
) -> None:
    judging = judge(states=states, valid_ms=valid_ms, revoked_ms=revoked_ms)
    begin = START + at_ms * MS
    instants = [begin + ms * MS + more for ms in range(kept_ms) for more in (timedelta(), MOMENT)]
    deliveries = [judging.judge(answer(entry(ASSET, at), at)) for at in instants]

    judged = judging.judge(answer(leave(begin, kept_ms), begin))

    worst = max(deliveries, key=lambda each: VERDICTS.index(each.verdict))
    assert judged.verdict is worst.verdict


def test_leave_may_not_outlast_the_right_though_it_was_given_in_time() -> None:
    judging = judge(valid_ms=(-1_000, 500))
    given_at = START + 400 * MS

    in_time = judging.judge(answer(leave(given_at, 100), given_at))
    too_long = judging.judge(answer(leave(given_at, 150), given_at))

    assert in_time.verdict is AnswerVerdict.RIGHT
    assert (too_long.verdict, too_long.reason) == (AnswerVerdict.INCIDENT, Reason.LICENCE_EXPIRED)
    assert too_long.dark_since == START + 500 * MS
    assert too_long.overdue == 50 * MS - MOMENT  # up to its last moment


def test_leave_that_is_used_longer_than_the_lease_after_a_change_is_an_incident() -> None:
    judging = judge(states=[(10, Status.WITHDRAWN)])

    late = judging.judge(answer(leave(START, 10 + TOLERANCE_MS), START))
    too_late = judging.judge(answer(leave(START, 11 + TOLERANCE_MS), START))
    direct = judging.judge(answer(entry(ASSET, START), START))

    assert (late.verdict, late.overdue) == (AnswerVerdict.LATE, TOLERANCE_MS * MS - MOMENT)
    assert (too_late.verdict, too_late.reason) == (AnswerVerdict.INCIDENT, Reason.WITHDRAWN)
    assert direct.verdict is AnswerVerdict.RIGHT


def test_a_report_says_how_far_hits_at_edges_are_seen_wherever_edges_keep_leaves() -> None:
    kept = Tally(judged=9, delivered=9, leaves=5, kept=5)
    without, of_nothing = not_seen(kept), not_seen(kept, edge_logs=1)
    asked_each_time = not_seen(Tally(judged=9, delivered=9, leaves=5))
    for minute in (3, 1, 2):
        at = START + timedelta(minutes=minute)
        hit = LoggedAnswer(at, entry(ASSET, at), "edge", "edge:1")
        kept.add(hit, Judgement(verdict=AnswerVerdict.RIGHT, at=at))

    assert "hits at edges are not seen: 5 leaves" in without
    assert "--edge-log" in without
    assert "hits at edges are not seen: 5 leaves" in of_nothing
    assert "1 edge log was given, without an answer in them" in of_nothing
    assert "edge" not in asked_each_time
    assert (
        "2 edge logs were given, from 2026-05-01 00:01:00 to 2026-05-01 00:03:00 UTC"
    ) in not_seen(kept, edge_logs=2)


def not_seen(tally: Tally, *, edge_logs: int = 0) -> str:
    tolerances = Tolerances(answers=TOLERANCE_MS * MS, hits=TOLERANCE_MS * MS)
    coverage = Coverage(edge_logs=edge_logs)
    report = ReplayReport(tally=tally, coverage=coverage, tolerances=tolerances, counted=9)
    return " ".join(report.as_json()["coverage"]["not_seen"])
