"""`decision`: how long the gateway's rights index takes to say yes, no, and why."""

import os
import platform
import timeit
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import App, Parameter

from bench.report import Figure, Report
from catalog.rights.compiled import CompiledRights
from catalog.rights.model import Question, Rights, Status, Term, Window
from catalog.rights.rules import decide
from catalog.rights.territory import bits_of

_AIM_US = 5.0
_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_GRANTS = (("DE", "AT", "CH"), ("FR", "BE", "LU"), ("US", "CA"), ("JP", "KR"), ("GB", "IE"))

app = App(help="Measure a decision of the rights index, without and with an owner's publication.")


@app.default
def measure(
    *,
    decisions: int = 200_000,
    rounds: int = 9,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Decide on an asset of five grants and two restrictions, and print microseconds a decision.

    Args:
        decisions: in each round, for each kind of question.
        rounds: that are measured.
        quick: 5,000 decisions, 3 rounds.
        json: print one JSON object.
    """
    if quick:
        decisions, rounds = 5_000, 3
    rights = _rights()
    compiled = CompiledRights(rights)
    windows = (Window(start=_NOW - timedelta(days=30)), Window(start=_NOW + timedelta(days=30)))
    here, bound, elsewhere = _asked("DE"), _asked("DE", windows), _asked("BR")
    kinds: dict[str, Callable[[], object]] = {
        "allowed_us": lambda: compiled.decide(here),
        "allowed_by_publication_us": lambda: compiled.decide(bound),
        "denied_us": lambda: compiled.decide(elsewhere),
        "rule_us": lambda: decide(rights, here),
    }
    measured = {name: _microseconds(ask, decisions, rounds) for name, ask in kinds.items()}
    Report(
        name="decision",
        settings={
            "decisions": decisions,
            "rounds": rounds,
            "grants": len(rights.grants),
            "restrictions": len(rights.restrictions),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
        },
        figures={name: Figure(values=values, unit="us") for name, values in measured.items()},
        at_most=dict.fromkeys(("allowed_us", "allowed_by_publication_us", "denied_us"), _AIM_US),
    ).print(as_json=json)


def _microseconds(ask: Callable[[], object], decisions: int, rounds: int) -> Sequence[float]:
    taken = timeit.repeat(ask, number=decisions, repeat=rounds + 1)[1:]
    return [seconds / decisions * 1e6 for seconds in taken]


def _asked(country: str, windows: tuple[Window, ...] | None = None) -> Question:
    return Question(
        now=_NOW, countries=bits_of((country,)), channel="web", usage="ecommerce", windows=windows
    )


def _rights() -> Rights:
    """Return what a picture of a large retailer has: licences by region, two of them limited."""
    grants = tuple(
        Term(
            territory=bits_of(countries),
            channels=frozenset({"web", "app"}),
            usages=frozenset({"ecommerce", "social"}),
            window=Window(
                start=_NOW - timedelta(days=100 + number), end=_NOW + timedelta(days=100 + number)
            ),
        )
        for number, countries in enumerate(_GRANTS)
    )
    restrictions = tuple(
        Term(
            territory=bits_of((country,)),
            channels=None,
            usages=frozenset({"social"}),
            window=Window(start=_NOW - timedelta(days=10), end=_NOW + timedelta(days=10)),
        )
        for country in ("CH", "KR")
    )
    terms = (*grants, *restrictions)
    return Rights(
        status=Status.APPROVED,
        grants=grants,
        restrictions=restrictions,
        boundaries=tuple(
            sorted({at for term in terms for at in (term.window.start, term.window.end)})
        ),
    )


if __name__ == "__main__":
    app()
