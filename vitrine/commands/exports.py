"""`vitrine export`: a catalogue as files that `vitrine import` takes."""

import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson

from catalog.db import open_pool
from catalog.errors import InvalidInputError
from catalog.export.originals import OriginalFolder
from catalog.export.records import EXPORTED_TYPES, ExportResult, export_records
from serving.stores import open_store
from vitrine.database import on_database
from vitrine.settings import Settings

_STDOUT = Path("-")


def export_file(
    file: Path,
    *,
    media: Path | None = None,
    types: tuple[str, ...] = EXPORTED_TYPES,
    json: bool = False,
) -> None:
    """Write all that is stored as records that `vitrine import` takes.

    Importing the file where it came from changes nothing; in an empty home it makes the same
    catalogue. It is read as it is at one instant. A file that exists is replaced once the new one
    is whole. Ids and history are not in it.

    Args:
        file: JSON Lines; `-` is the standard output.
        media: folder for the originals, `{sha256}.{ext}`; what it holds already stays. Without it
            records of assets name no files, which a home that is new needs.
        types: the types of records, by default all.
        json: print the counts as one JSON object.

    Raises:
        InvalidInputError: originals are to stand beside the standard output.
    """
    if media is not None and file == _STDOUT:
        raise InvalidInputError(
            "records name their files from their own folder: name a file", field="file"
        )
    result = on_database(
        lambda settings, url: _export(settings, url, file, media, types),
        relies_on=("store_url",) if media is not None else (),
    )
    _say(result, file, is_json=json)


async def _export(
    settings: Settings, url: str, file: Path, media: Path | None, types: tuple[str, ...]
) -> ExportResult:
    async with (
        open_pool(url, application="vitrine export", max_size=1) as pool,
        _originals(settings, media, file) as originals,
    ):
        with _whole(file) as output:
            return await export_records(
                pool,
                output.write,
                types=types,
                keep_original=originals.keep if originals is not None else None,
            )


@asynccontextmanager
async def _originals(
    settings: Settings, media: Path | None, file: Path
) -> AsyncGenerator[OriginalFolder | None]:
    if media is None:
        yield None
        return
    async with open_store(settings) as store:
        yield OriginalFolder(store, media, beside=file.parent)


@contextmanager
def _whole(file: Path) -> Generator[BinaryIO]:
    """Open what takes the place of the file at the end of the block; nothing does if it fails."""
    if file == _STDOUT:
        yield sys.stdout.buffer
        return
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as output:
            yield output
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _say(result: ExportResult, file: Path, *, is_json: bool) -> None:
    if is_json:
        told = {**result.counts, "originals": result.originals}
        print(orjson.dumps(told).decode(), file=sys.stderr if file == _STDOUT else sys.stdout)
        return
    of_types = ", ".join(f"{count} {name}" for name, count in result.counts.items())
    beside = f"; {result.originals} originals" if result.originals else ""
    print(f"{result.counts.total()} records: {of_types or 'none'}{beside}", file=sys.stderr)  # noqa: T201 - as above
