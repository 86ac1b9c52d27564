"""`vitrine import`: catalogues from files."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from rich.console import Console

from catalog.bulk.commands import ImportOptions
from catalog.bulk.commands import import_files as import_json_lines
from catalog.bulk.csv_import import import_csvs
from catalog.bulk.model import ImportResult, Progress
from catalog.errors import InvalidInputError
from catalog.principal import COMMAND_LINE
from vitrine.database import on_database
from vitrine.import_results import say_what_was_done, say_what_would_happen
from vitrine.importing import ImportServices, open_check, open_importing, progress_bars
from vitrine.preflight import problem_of_order
from vitrine.settings import Settings

_REFUSED = 1
_JSON_LINES = {".jsonl", ".ndjson"}

#: A file, and the mapping that makes records of it; None: it has records.
Input = tuple[Path, Path | None]


def import_files(  # noqa: PLR0913 - the options of the command
    *files: Path,
    mapping: tuple[Path, ...] = (),
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
        files: JSON Lines, or CSV with a mapping. A record may name what stands in any file of the
            same sort beside it.
        mapping: TOML that says what the columns of CSV files mean: one for all of them, or one for
            each in their order.
        media_root: folder that asset files are named from; by default that of each file.
        publish: channels on which every product of the files is published, a variant with its
            model.
        report: where refused records go; by default `FILE.rejected.jsonl` or `.csv` beside it.
        strict_gtin: a wrong GTIN costs its product; by default the product is taken without it, and
            the GTIN waits as a task.
        check: say what would happen, type by type, and write nothing.
        json: print the counts as one JSON object, and no bars.
    """
    inputs = paired(files, mapping)
    _check_report(report, files)
    options = ImportOptions(
        media_root=media_root,
        report=report,
        strict_gtin=strict_gtin,
        is_check=check,
        publish=publish,
        actor=COMMAND_LINE,
    )
    console = Console(stderr=True, quiet=json or not sys.stderr.isatty(), highlight=False)
    results = on_database(
        lambda settings, url: _import(settings, url, inputs, options, console),
        relies_on=("store_url",),
        may_be_new=True,
    )
    (say_what_would_happen if check else say_what_was_done)(results, is_json=json)
    if any(result.rejected for result in results):
        sys.exit(_REFUSED)


def _check_report(report: Path | None, files: Sequence[Path]) -> None:
    if report is not None and len(files) > 1:
        raise InvalidInputError("a report can be named for one file only", field="report")


def paired(files: Sequence[Path], mappings: Sequence[Path]) -> list[Input]:
    """Return each file with its mapping.

    Raises:
        InvalidInputError: no file, a CSV without a mapping, or mappings that nobody could pair.
    """
    if not files:
        raise InvalidInputError("name a file to import", field="files")
    if not mappings:
        for file in files:
            if file.suffix.lower() == ".csv":
                raise InvalidInputError(f"{file}: a CSV needs --mapping", field="mapping")
        return [(file, None) for file in files]
    mapped = [file for file in files if file.suffix.lower() not in _JSON_LINES]
    if len(mappings) not in {1, len(mapped)} or not mapped:
        raise InvalidInputError(
            f"there are {len(mapped)} files to map and {len(mappings)} mappings: name one for all, "
            "or one for each in their order; .jsonl and .ndjson need none",
            field="mapping",
        )
    each = iter(mappings if len(mappings) > 1 else list(mappings) * len(mapped))
    return [(file, None if file.suffix.lower() in _JSON_LINES else next(each)) for file in files]


async def _import(
    settings: Settings,
    url: str,
    inputs: Sequence[Input],
    options: ImportOptions,
    console: Console,
) -> list[ImportResult]:
    """Import files of one sort that stand side by side as one; these one after the other."""
    problem = await problem_of_order(url)
    if problem is not None:
        print(f"vitrine: {problem}", file=sys.stderr)  # noqa: T201 - for people
    results: list[ImportResult] = []
    opened = open_check if options.is_check else open_importing
    async with opened(settings, url) as importing:
        for _, group in groupby(inputs, lambda each: each[1] is not None):
            files = list(group)
            with progress_bars(console) as progress:
                result = await _import_group(files, importing, progress, options)
            is_one_of_many = len(files) == 1 < len(inputs)
            results.append(_named(result, str(files[0][0])) if is_one_of_many else result)
    return results


async def _import_group(
    files: Sequence[Input], importing: ImportServices, progress: Progress, options: ImportOptions
) -> ImportResult:
    changes, ingest = importing.changes, importing.ingest
    mapped = [(file, mapping) for file, mapping in files if mapping is not None]
    if mapped:
        return await import_csvs(
            mapped, changes=changes, ingest=ingest, progress=progress, options=options
        )
    plain = [file for file, _ in files]
    return await import_json_lines(
        plain, changes=changes, ingest=ingest, progress=progress, options=options
    )


def _named(result: ImportResult, file: str) -> ImportResult:
    """Say of which file the refusals are, where others are imported besides."""
    return replace(result, refused=[replace(each, file=file) for each in result.refused])
