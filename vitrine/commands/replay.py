"""`vitrine replay`: the delivery logs, held against the history of rights."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from catalog.changes import Changes
from catalog.clock import utc_now
from catalog.db import DATABASE_FAILED, open_pool
from catalog.delivery.replays import record_replay
from catalog.errors import InvalidInputError
from catalog.graph.deliveries import count_delivered
from catalog.principal import COMMAND_LINE
from catalog.rights.stated_instants import parse_stated_instant
from gateway.proof.answers import Coverage, LoggedAnswer, log_files, read_answers
from gateway.proof.findings import ReplayReport
from gateway.proof.hits import read_hits
from gateway.proof.judge import Judgement
from gateway.proof.replay import TRANSACTION_S, Tolerances, replay
from vitrine.database import database_url
from vitrine.settings import Settings, load_settings

_INCIDENTS = 3  # the exit status that says so
_NOTHING = 4
_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class ReplayOptions:
    """Which answers, and how strictly."""

    since: Annotated[str | None, Parameter(help="An instant, a date, or such as `now-1d`.")] = None
    until: Annotated[str | None, Parameter(help="The same; what began at it is left out.")] = None
    edge_log: Annotated[
        tuple[Path, ...],
        Parameter(
            help="Logs of authorising edges, as varnishncsa writes them by the command that the "
            "first lines of `vitrine vcl` give."
        ),
    ] = ()
    cdn_log: Annotated[
        tuple[Path, ...],
        Parameter(help="Access logs of caches that do not ask: JSON lines or common log format."),
    ] = ()
    tolerance: Annotated[
        float | None,
        Parameter(
            help="Seconds after a change was written in which a gateway, or an edge by a leave, "
            "may answer by what was before; by default the lease and one second for the "
            "transaction to commit."
        ),
    ] = None
    cdn_tolerance: Annotated[
        float | None,
        Parameter(help="The same for caches; by default until the last purge is done."),
    ] = None
    no_record: Annotated[
        bool, Parameter(help="Keep nothing of what was found in the database.")
    ] = False


def replay_deliveries(
    *paths: Path,
    chosen: Annotated[ReplayOptions | None, Parameter(name="*")] = None,
    json: bool = False,
) -> None:
    """Report every answer that the rule forbids at its instant.

    Exit status 3: there are some. 4: there was nothing to check.

    The report says what it covers: which gateways, how much of what they counted, what they could
    not write down. What authorising edges deliver by leaves that they keep is seen only with
    `--edge-log`, and hits of caches that do not ask only with `--cdn-log`.

    What was found is kept in the database, with up to 1,000 incidents, for `replays` of the graph.

    Args:
        paths: delivery logs, or folders of them; by default this machine's.
        chosen: which answers, and how strictly.
        json: print one JSON object.
    """
    settings = load_settings()
    options = chosen or ReplayOptions()
    folder = settings.delivery_log
    files = log_files(paths or ((folder,) if folder.exists() else ()))
    with database_url(settings) as url:
        report = asyncio.run(_replay(settings, url, files, options, is_quiet=json))
        if not options.no_record and report.tally.first is not None:
            asyncio.run(_record(url, report))
    if json:
        sys.stdout.write(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _print(report, Console(soft_wrap=True, highlight=False))
    if report.tally.incidents:
        sys.exit(_INCIDENTS)
    if report.tally.first is None:
        sys.exit(_NOTHING)


async def _replay(
    settings: Settings, url: str, files: list[Path], options: ReplayOptions, *, is_quiet: bool
) -> ReplayReport:
    coverage = Coverage()
    answers = chain(
        read_answers(files, coverage),
        read_hits(options.edge_log, "edge", coverage),
        read_hits(options.cdn_log, "cdn", coverage),
    )
    tolerances = Tolerances(
        answers=_seconds(options.tolerance, settings.lease_s + TRANSACTION_S),
        hits=_seconds(options.cdn_tolerance, settings.purge_times.last_s + TRANSACTION_S),
    )
    progress = Progress(
        TextColumn("{task.completed:,.0f} answers"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=is_quiet,
    )
    async with (
        open_pool(url, application="vitrine replay", max_size=1) as pool,
        pool.acquire() as conn,
    ):
        with progress:
            task = progress.add_task("", total=None)
            tally = await replay(
                conn,
                filter(_between(options), answers),
                tolerances,
                on_progress=lambda more: progress.advance(task, more),
            )
        counted: int | None = None
        if tally.first is not None and tally.last is not None:
            counted = await count_delivered(conn, tally.first, tally.last)
    return ReplayReport(tally=tally, coverage=coverage, tolerances=tolerances, counted=counted)


async def _record(url: str, report: ReplayReport) -> None:
    """Keep a report; a database that takes none, such as a copy, has it printed all the same."""
    try:
        async with (
            open_pool(url, application="vitrine replay", max_size=1) as pool,
            Changes(pool=pool).begin(COMMAND_LINE) as change,
        ):
            await record_replay(change, report.as_json())
    except DATABASE_FAILED as error:
        sys.stderr.write(f"What was found is not kept in the database ({type(error).__name__}).\n")


def _seconds(given: float | None, usual: float) -> timedelta:
    if given is not None and given < 0:
        raise InvalidInputError("a tolerance is not negative", field="tolerance")
    return timedelta(seconds=usual if given is None else given)


def _between(options: ReplayOptions) -> Callable[[LoggedAnswer], bool]:
    now = utc_now()
    since = parse_stated_instant(options.since).as_start(now, UTC) if options.since else None
    until = parse_stated_instant(options.until).as_start(now, UTC) if options.until else None
    if since is not None and until is not None and until <= since:
        raise InvalidInputError("--until has to be later than --since", field="until")
    return lambda answer: (not since or answer.at >= since) and (not until or answer.at < until)


def _print(report: ReplayReport, out: Console) -> None:
    """Print the report as text: the verdict first, then the incidents, then what was not seen."""
    tally = report.tally
    if tally.first is None or tally.last is None:
        out.print("There is no answer in these logs.")
    else:
        out.print(
            f"{tally.judged:,} answers of {_processes(len(report.coverage.gateways))}, "
            f"{tally.leaves:,} of them leaves for authorising edges; {tally.edge_hits:,} "
            f"deliveries by such edges and {tally.hits:,} hits of other caches, "
            f"from {tally.first:%Y-%m-%d %H:%M:%S} to {tally.last:%Y-%m-%d %H:%M:%S} UTC"
        )
        colour = "red" if tally.incidents else "green"
        out.print(f"[{colour}]{tally.incidents:,} incidents[/]: answers that nothing allowed")
        out.print(
            f"{tally.late:,} answers rested on what had changed within the tolerance of "
            f"{report.tolerances.answers.total_seconds():g} s, at most "
            f"{tally.latest.total_seconds():.3f} s before; {tally.wrongly_denied:,} were refused "
            "though all allowed them"
        )
    for _, _, answer, judgement in tally.worst[:_SHOWN]:
        out.print(f"  {_line(answer, judgement)}")
    if tally.incidents > _SHOWN:
        out.print(f"  and others: these are the {_SHOWN} longest overdue; --json lists up to 1,000")
    for gap in report.gaps():
        out.print(f"[yellow]Not seen:[/] {gap}")


def _line(answer: LoggedAnswer, judgement: Judgement) -> str:
    entry, since = answer.entry, judgement.dark_since
    overdue = (
        "it was never allowed"
        if since is None or judgement.overdue is None
        else f"since {since:%Y-%m-%d %H:%M:%S.%f}, {judgement.overdue.total_seconds():.3f} s"
    )
    return (
        f"{answer.at:%Y-%m-%d %H:%M:%S.%f}  {entry.status}  {entry.asset}  "
        f"{entry.country or 'unknown'}  {entry.channel}  {judgement.reason}: {overdue}  "
        f"({answer.place})"
    )


def _processes(count: int) -> str:
    return "1 gateway process" if count == 1 else f"{count:,} gateway processes"
