"""`vitrine import`: catalogues from files."""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from catalog.bulk.commands import ImportOptions, import_file
from catalog.bulk.csv_import import import_csv
from catalog.bulk.model import ImportResult
from catalog.errors import InvalidInputError
from serving.settings import Settings, load_settings
from vitrine.database import database_url
from vitrine.importing import open_check, open_importing, progress_bars

_REFUSED = 1


def import_files(  # noqa: PLR0913 - the options of the command
    *files: Path,
    mapping: Path | None = None,
    media_root: Path | None = None,
    publish: tuple[str, ...] = (),
    report: Path | None = None,
    strict_gtin: bool = False,
    check: bool = False,
    json: bool = False,
) -> None:
    """Load a catalogue. A second run of the same files changes nothing; an interrupted one goes on.

    `docs/bulk-format.md` describes the records, `docs/csv-mapping.md` the mapping of a CSV. What is
    refused goes to a report that can be mended and imported again; the other records are not lost
    by it. The exit code is 0 when all is well, 1 when records were refused,
    2 when a file cannot be read or a report not be written.

    Args:
        files: JSON Lines, or CSV with a mapping, in the order in which they are imported.
        mapping: TOML that says what the columns of CSV files mean.
        media_root: folder that asset files are named from; by default that of each file.
        publish: channels on which every model and simple product of the files is published.
        report: where refused records go; by default `FILE.rejected.jsonl` or `.csv` beside it.
        strict_gtin: a wrong GTIN costs its product; by default the product is taken without it, and
            the GTIN waits among the exceptions.
        check: say what would happen, type by type, and write nothing.
        json: print the counts as one JSON object, and no bars.
    """
    _check(files, mapping, report)
    options = ImportOptions(
        media_root=media_root,
        report=report,
        strict_gtin=strict_gtin,
        publish=publish,
        actor="cli",
    )
    console = Console(stderr=True, quiet=json or not sys.stderr.isatty(), highlight=False)
    said = Console(highlight=False, soft_wrap=True)
    settings = load_settings()
    with database_url(settings, relies_on=("store_url",), may_be_new=True) as url:
        if check:
            with tempfile.TemporaryDirectory(prefix="vitrine-check-") as folder:
                told = Path(folder) / f"refused{'.jsonl' if mapping is None else '.csv'}"
                options = replace(options, is_check=True, report=report or told)
                results = asyncio.run(_import(settings, url, files, mapping, options, console))
            sys.exit(_say_what_would_happen(results, is_json=json))
        results = asyncio.run(_import(settings, url, files, mapping, options, console))
    counts: Counter[str] = Counter()
    for result in results:
        counts.update(result.counts)
    seconds = round(sum(result.seconds for result in results), 3)
    reports = [str(result.report) for result in results if result.report]
    if json:
        body = {**counts, "seconds": seconds, "reports": reports}
        sys.stdout.write(orjson.dumps(body).decode() + "\n")
    else:
        said.print(_summary(counts, seconds))
        for path in reports:
            said.print(f"Refused records are in {path}: mend them there and import that file.")
    if counts["rejected"]:
        sys.exit(_REFUSED)


def _say_what_would_happen(results: Sequence[ImportResult], *, is_json: bool) -> int:
    """Print what came of each type of record, and what was refused; return the exit code."""
    types: dict[str, Counter[str]] = {}
    for result in results:
        for name, counts in result.by_type.items():
            types.setdefault(name, Counter()).update(counts)
    refused = [each for result in results for each in result.refused]
    rejected = sum(result.rejected for result in results)
    if is_json:
        told = [each.as_dict() for each in refused]
        body = {"check": True, "types": types, "rejected": rejected, "refused": told}
        sys.stdout.write(orjson.dumps(body).decode() + "\n")
        return _REFUSED if rejected else 0
    table = Table("records", "created", "changed", "unchanged", "refused", title="Would happen")
    for name, counts in types.items():
        numbers = (f"{counts[word]:,}" for word in ("created", "updated", "unchanged", "rejected"))
        table.add_row(name.replace("_", " "), *numbers)
    said = Console(highlight=False, soft_wrap=True, markup=False)
    said.print(table)
    for each in refused:
        where = f", {each.field}" if each.field else ""
        said.print(f"line {each.line}{where}: {each.message} ({each.code})")
    if rejected > len({each.line for each in refused}):
        said.print(f"{rejected:,} records would be refused in all.")
    said.print("Nothing was written.")
    return _REFUSED if rejected else 0


def _check(files: Sequence[Path], mapping: Path | None, report: Path | None) -> None:
    """Refuse what cannot be meant, before a database is opened.

    Raises:
        InvalidInputError: no file, one report for many, or a CSV without its mapping.
    """
    if not files:
        raise InvalidInputError("name a file to import", field="files")
    if report is not None and len(files) > 1:
        raise InvalidInputError("a report can be named for one file only", field="report")
    for file in files:
        if mapping is None and file.suffix.lower() == ".csv":
            raise InvalidInputError(f"{file}: a CSV needs --mapping", field="mapping")


def _summary(counts: Counter[str], seconds: float) -> Table:
    table = Table("records", "count", title=f"Imported in {seconds:.1f} s")
    table.columns[1].justify = "right"
    for name, count in counts.items():
        if count:
            table.add_row(name.replace("_", " "), f"{count:,}")
    return table


async def _import(
    settings: Settings,
    url: str,
    files: Sequence[Path],
    mapping: Path | None,
    options: ImportOptions,
    console: Console,
) -> list[ImportResult]:
    results: list[ImportResult] = []
    opened = open_check if options.is_check else open_importing
    async with opened(settings, url) as importing:
        for file in files:
            with progress_bars(console) as progress:
                changes, ingest = importing.changes, importing.ingest
                if mapping is None:
                    result = await import_file(
                        file, changes=changes, ingest=ingest, progress=progress, options=options
                    )
                else:
                    result = await import_csv(
                        file,
                        mapping,
                        changes=changes,
                        ingest=ingest,
                        progress=progress,
                        options=options,
                    )
            results.append(result)
    return results
