"""The report of a proof: one page for people, and the states of all steps for machines."""

import html
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from vitrine.poc.evidence import Figure
from vitrine.poc.run import StepOutcome
from vitrine.poc.scenario import Scenario

_WHOLE_FROM = 100
PAGE, STATES = "report.html", "report.json"

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #197a43; --bad: #c0262d; --none: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin: 0; font-size: 1.15rem; }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
.state { float: right; font-weight: 600; } .passed { color: var(--good); }
.failed { color: var(--bad); } .not_built { color: var(--none); }
table { border-collapse: collapse; } td { padding: .15rem 1.5rem .15rem 0; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { overflow-x: auto; padding: .6rem .8rem; background: #8881; font-size: 13px; }
.problem { border-left: 4px solid var(--bad); padding-left: .8rem; }
summary { cursor: pointer; } ul { padding-left: 1.2rem; }
"""
_WORDS = {"passed": "passed", "failed": "failed", "not_built": "not built yet"}


def write_report(
    folder: Path, outcomes: Sequence[StepOutcome], scenario: Scenario, *, at: datetime
) -> Path:
    """Write both files into a folder, which is made if need be; return the page.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    states = [{"name": each.step.name, "state": each.state} for each in outcomes]
    (folder / STATES).write_bytes(orjson.dumps({"steps": states}, option=orjson.OPT_INDENT_2))
    page = folder / PAGE
    page.write_text("".join(_page(outcomes, scenario, at)), encoding="utf-8")
    return page


def _page(outcomes: Sequence[StepOutcome], scenario: Scenario, at: datetime) -> Iterator[str]:
    counted = {state: sum(each.state == state for each in outcomes) for state in _WORDS}
    yield (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<title>Vitrine: proof of concept</title>"
        f"<style>{_STYLE}</style><h1>Proof of concept</h1>"
        f"<p>{at:%Y-%m-%d %H:%M} UTC, {scenario.skus:,} skus on {len(scenario.cards):,} cards with "
        f"a picture each, seed {scenario.seed}. "
        + ", ".join(f"{counted[state]} {words}" for state, words in _WORDS.items())
        + ".</p>"
    )
    for outcome in outcomes:
        yield from _section(outcome)
    yield "</html>"


def _section(outcome: StepOutcome) -> Iterator[str]:
    evidence = outcome.evidence
    took = f", {outcome.took_s:.1f} s" if outcome.took_s else ""
    yield (
        f'<section id="{outcome.step.name}"><span class="state {outcome.state}">'
        f"{_WORDS[outcome.state]}{took}</span><h2>{outcome.step.name}</h2>"
        f"<p>{html.escape(outcome.step.shows)}</p>"
    )
    if outcome.problem:
        yield f'<p class="problem">{html.escape(outcome.problem)}</p>'
    if evidence.found:
        yield "<ul>" + "".join(f"<li>{html.escape(each)}</li>" for each in evidence.found) + "</ul>"
    if evidence.figures:
        yield "<table>" + "".join(map(_row, evidence.figures)) + "</table>"
    if evidence.asked:
        asked = "".join(f"<pre>{html.escape(each)}</pre>" for each in evidence.asked)
        yield f"<details><summary>What was asked</summary>{asked}</details>"
    yield "</section>"


def _row(figure: Figure) -> str:
    places = 0 if not figure.unit or figure.value >= _WHOLE_FROM else 1
    number = f"{figure.value:,.{places}f} {figure.unit}"
    return f'<tr><td>{html.escape(figure.name)}</td><td class="number">{number}</td></tr>'
