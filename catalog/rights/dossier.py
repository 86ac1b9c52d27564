"""The rights dossier: may it be shown, why, until when, and which document says so. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.rights.case import Case, turned_at
from catalog.rights.history import RecordedRights, RecordedState, RecordedTerm
from catalog.rights.model import NEVER, Decision, Question, Reason, Window
from catalog.rights.rules import applies, why_not

_BY_STATE = (Reason.LEGAL_DEMAND, Reason.WITHDRAWN, Reason.NOT_APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """An answer, and what it rests on.

    Attributes:
        at: the instant that was asked for.
        recorded_at: by whose record it is answered: that of `at`, for an instant to come today's.
        since: when the answer became what it is; None: it always was so.
        until: when it will be the other one, as things stand; None: never.
        state: the asset's own; None: it had not been ingested.
        grants: those that allow it; of a denial those that come nearest.
        restrictions: those that forbid it.
        explanation: one sentence for people.
    """

    at: datetime
    recorded_at: datetime
    decision: Decision
    since: datetime | None
    until: datetime | None
    state: RecordedState | None
    grants: Sequence[RecordedTerm]
    restrictions: Sequence[RecordedTerm]
    explanation: str


def open_dossier(case: Case, at: datetime, *, today: datetime) -> Dossier:
    """Answer a case as of an instant, past or to come."""
    recorded = min(at, today)
    decision = case.decide(at, recorded=recorded)
    asked = case.question(at, recorded=recorded)
    on_record = case.history.as_of(recorded) if case.history else None
    grants: Sequence[RecordedTerm] = ()
    restrictions: Sequence[RecordedTerm] = ()
    if on_record is not None and asked is not None:
        grants, restrictions = _what_it_rests_on(on_record, asked, decision)
    state = on_record.state if on_record else None
    return Dossier(
        at=at,
        recorded_at=recorded,
        decision=decision,
        since=turned_at(
            case.turning_points, at, lambda instant: case.is_allowed(instant, today=today)
        ),
        until=case.turns_at(at, today=today),
        state=state,
        grants=grants,
        restrictions=restrictions,
        explanation=_explain(decision.reason, state, grants, restrictions),
    )


def _what_it_rests_on(
    on_record: RecordedRights, asked: Question, decision: Decision
) -> tuple[Sequence[RecordedTerm], Sequence[RecordedTerm]]:
    if decision.reason is Reason.RESTRICTED:
        return (), [each for each, term in on_record.restrictions if applies(term, asked)]
    covering = [(each, term) for each, term in on_record.grants if applies(term, asked)]
    if decision.is_allowed:
        return [each for each, _ in covering], ()
    if decision.reason in _BY_STATE or decision.reason is Reason.UNPUBLISHED:
        return (), ()
    missing = asked.countries
    for _, term in covering:
        missing &= ~term.territory
    terms = [term for _, term in on_record.grants]
    _, places = why_not(terms, asked, missing & -missing)
    return [on_record.grants[place][0] for place in places], ()


_WHY = {
    Reason.NOT_FOUND: "There was no such asset.",
    Reason.CHANNEL: "There was no such channel.",
    Reason.NOT_APPROVED: "It was not approved.",
    Reason.UNPUBLISHED: "The product that shows it was not published on the channel.",
    Reason.NO_GRANT: "No licence of it was on record.",
}
_NEAREST = {
    Reason.EMBARGOED: "The licence had not begun",
    Reason.LICENCE_EXPIRED: "The licence had ended",
    Reason.TERRITORY: "No licence covers the territory; the nearest",
    Reason.CHANNEL: "No licence covers the channel; the nearest",
    Reason.USAGE: "No licence covers the use; the nearest",
}


def _explain(
    reason: Reason | None,
    state: RecordedState | None,
    grants: Sequence[RecordedTerm],
    restrictions: Sequence[RecordedTerm],
) -> str:
    if reason is None:
        return f"Allowed by {_in_words('grant', grants[0])}."
    if reason is Reason.RESTRICTED:
        return f"Forbidden by {_in_words('restriction', restrictions[0])}."
    if state is not None and reason in (Reason.LEGAL_DEMAND, Reason.WITHDRAWN):
        return _state_in_words(state)
    if reason in _NEAREST and grants:
        return f"{_NEAREST[reason]}: {_in_words('grant', grants[0])}."
    return _WHY[reason]


def _state_in_words(state: RecordedState) -> str:
    what = "Blocked by a legal demand" if state.legal_demand else "Withdrawn"
    authority = f" ({state.authority_url})" if state.authority_url else ""
    reason = f": {state.reason}" if state.reason else ""
    return f"{what} since {_instant(state.recorded_at)}{authority}{reason}."


def _in_words(noun: str, term: RecordedTerm) -> str:
    document = term.document
    whose = f"the {noun} of the asset itself"
    if document is not None:
        contract = f" ({document.document})" if document.document else ""
        whose = f"the {noun} of licence {document.code}{contract}"
    note = f" ({term.note})" if term.note else ""
    exclude = f" without {', '.join(term.exclude)}" if term.exclude else ""
    channels, usages = (", ".join(codes) or "none" for codes in (term.channels, term.usages))
    return (
        f"{whose}{note}: {', '.join(term.include)}{exclude}, channels {channels}, "
        f"usages {usages}, {_span(term.valid)}"
    )


def _span(window: Window) -> str:
    end = "without end" if window.end == NEVER else f"before {_instant(window.end)}"
    return f"from {_instant(window.start)} {end}"


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
