"""The result of an import, printed as text or as JSON."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from catalog.bulk.model import ImportResult, LineRefusal


def say_what_was_done(results: Sequence[ImportResult], *, is_json: bool) -> None:
    """Print the counts, the first refusals, and where the whole reports are."""
    counts: Counter[str] = Counter()
    for result in results:
        counts.update(result.counts)
    seconds = round(sum(result.seconds for result in results), 3)
    reports = [str(path) for result in results for path in result.reports]
    refused = [each for result in results for each in result.refused]
    if is_json:
        faults = [each.as_dict() for each in refused]
        _write_json({**counts, "seconds": seconds, "reports": reports, "refused": faults})
        return
    said = _console()
    said.print(_summary(counts, seconds))
    _say_refused(said, refused, counts["rejected"])
    for path in reports:
        said.print(f"Refused records are in {path}: mend them there and import that file.")
    _say_kept_approvals(said, counts["kept_approvals"])


def say_what_would_happen(results: Sequence[ImportResult], *, is_json: bool) -> None:
    """Print what would come of each type of record, and what would be refused."""
    types: dict[str, Counter[str]] = {}
    for result in results:
        for name, counts in result.by_type.items():
            types.setdefault(name, Counter()).update(counts)
    refused = [each for result in results for each in result.refused]
    rejected = sum(result.rejected for result in results)
    kept = sum(result.counts["kept_approvals"] for result in results)
    if is_json:
        faults = [each.as_dict() for each in refused]
        body = {"check": True, "types": types, "rejected": rejected, "refused": faults}
        _write_json({**body, "kept_approvals": kept})
        return
    table = Table("records", "created", "changed", "unchanged", "refused", title="Would happen")
    for name, counts in types.items():
        numbers = (f"{counts[word]:,}" for word in ("created", "updated", "unchanged", "rejected"))
        table.add_row(name.replace("_", " "), *numbers)
    said = _console()
    said.print(table)
    _say_refused(said, refused, rejected)
    _say_kept_approvals(said, kept)
    said.print("Nothing was written.")


def _say_refused(said: Console, refused: Iterable[LineRefusal], rejected: int) -> None:
    lines: set[tuple[str | None, int]] = set()
    for each in refused:
        lines.add((each.file, each.line))
        line = f"line {each.line}" if each.line else None
        place = " of ".join(filter(None, [line, each.file]))
        where = ", ".join(filter(None, [place, each.field]))
        said.print(f"{where}: {each.message} ({each.code})" if where else each.message)
    if rejected > len(lines):
        said.print(f"{rejected:,} records are refused in all.")


def _say_kept_approvals(said: Console, kept: int) -> None:
    if kept:
        said.print(
            f"{kept:,} assets that are drafts by their records stay approved, as a person decided: "
            'to make them drafts, add "revoke_approval": true; to silence this notice, leave out '
            "the status."
        )


def _summary(counts: Counter[str], seconds: float) -> Table:
    table = Table("records", "count", title=f"Imported in {seconds:.1f} s")
    table.columns[1].justify = "right"
    for name, count in counts.items():
        if count:
            table.add_row(name.replace("_", " "), f"{count:,}")
    return table


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True, markup=False)


def _write_json(body: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(body).decode() + "\n")
