"""The report of refused records: an import file of its own, ready to be mended and imported."""

import os
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import orjson

from catalog.bulk.model import Line, LineRefusal, UnwritableReportError
from catalog.errors import InvalidInputError

#: The note beside a refused record; like every key with an underscore the parser ignores it.
REASON_KEY = "_rejected"
TEXT_KEY = "_text"


def choose_report(wanted: Path | None, source: Path, *, extension: str) -> Path:
    """Return where the report of an import goes: by default beside its file.

    Raises:
        InvalidInputError: it would replace the file itself.
        UnwritableReportError: nothing can be written there.
    """
    if wanted is not None and not os.access(wanted.parent, os.W_OK | os.X_OK):
        problem = "is closed to this user" if wanted.parent.exists() else "does not exist"
        raise UnwritableReportError(f"the folder of the report {wanted} {problem}", field="report")
    path = wanted or source.with_name(f"{source.stem}.rejected.{extension}")
    if path.resolve() == source.resolve():
        raise InvalidInputError("the report would replace the file itself", field="report")
    if path.is_dir():
        raise UnwritableReportError(
            f"the report {path} cannot be written, it is a folder: name a file", field="report"
        )
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Where the refused records of an import go.

    Attributes:
        journal: JSON Lines of all of them, which grow with the import.
        paths: a report for each file; None: a check that leaves none.
    """

    journal: Path
    paths: Sequence[Path] | None

    def remove_former(self) -> None:
        """Remove the reports of an earlier run.

        Raises:
            UnwritableReportError: they cannot be.
        """
        for path in self.paths or ():
            if path != self.journal:
                with writing(path):
                    path.unlink(missing_ok=True)

    def split(self, files: Sequence[Path]) -> list[Path]:
        """Hand out what was refused to the reports of its files, and return those there are.

        Raises:
            UnwritableReportError: they cannot be written.
        """
        if self.paths is None or not self.journal.exists():
            return []
        if self.paths == [self.journal]:
            return [self.journal]
        path_of = dict(zip(map(str, files), self.paths, strict=True))
        written: dict[Path, RefusalJournal] = {}
        for name, refused in groupby(refused_in(self.journal), lambda each: each[0].file):
            path = path_of[str(name)]
            if path not in written:
                written[path] = RefusalJournal(path, length_bytes=0)
            written[path].write(refused)
        self.journal.unlink()
        return list(written)


@contextmanager
def reports_of(
    files: Sequence[Path], wanted: Path | None, *, extension: str, is_check: bool
) -> Generator[Reports]:
    """Choose where what is refused of files goes; of a check it is gone with it.

    Raises:
        InvalidInputError: a report would replace its file.
        UnwritableReportError: nothing can be written there.
    """
    if is_check and wanted is None:
        with tempfile.TemporaryDirectory(prefix="vitrine-check-") as folder:
            yield Reports(journal=Path(folder) / "refused.jsonl", paths=None)
        return
    paths = [choose_report(wanted, each, extension=extension) for each in files]
    is_report = len(paths) == 1 and extension == "jsonl"
    first = paths[0]
    journal = first if is_report else first.with_name(f".{first.name}.unfinished")
    yield Reports(journal=journal, paths=paths)


def refused_in(journal: Path) -> Iterator[tuple[Line, LineRefusal]]:
    """Yield the refused records of a journal, in the order in which they were refused."""
    if not journal.exists():
        return
    with journal.open("rb") as file:
        yield from map(read_refused, file)


def read_refused(raw: bytes) -> tuple[Line, LineRefusal]:
    """Read a line of a journal."""
    data = orjson.loads(raw)
    told: dict[str, Any] = data.pop(REASON_KEY)
    told["line"] = told["line"] or 0
    refusal = LineRefusal(**told)
    return Line(number=refusal.line, file=refusal.file, data=data), refusal


@contextmanager
def writing(path: Path) -> Generator[None]:
    """Say it in a line where a report cannot be written.

    Raises:
        UnwritableReportError: it cannot.
    """
    try:
        yield
    except OSError as error:
        raise UnwritableReportError(
            f"the report {path} cannot be written ({error.strerror}): name another place with "
            "--report",
            field="report",
        ) from error


class RefusalJournal:
    """Appends refused lines; there is no file as long as there is none.

    It goes on from a length, so that what was never committed is cut off.
    """

    def __init__(self, path: Path, *, length_bytes: int) -> None:
        """Take up the report of an interrupted run, or begin anew at length 0.

        Raises:
            UnwritableReportError: it is gone, or may not be changed.
        """
        self.path = path
        self.length_bytes = length_bytes
        self.rewind(length_bytes)

    @staticmethod
    def holds(path: Path, length_bytes: int) -> bool:
        """Return whether a report is still there as far as an interrupted run had written it."""
        return length_bytes == 0 or (path.is_file() and path.stat().st_size >= length_bytes)

    def rewind(self, length_bytes: int) -> None:
        """Take back what was written since the report had this length.

        Raises:
            UnwritableReportError: it is gone, or may not be changed.
        """
        self.length_bytes = length_bytes
        with writing(self.path):
            if length_bytes == 0:
                self.path.unlink(missing_ok=True)
            else:
                os.truncate(self.path, length_bytes)

    def write(self, refused: Iterable[tuple[Line, LineRefusal]]) -> int:
        """Append refused lines, durably, and return how many they were.

        Raises:
            UnwritableReportError: they cannot be written.
        """
        each = iter(refused)
        first = next(each, None)
        if first is None:
            return 0
        count = 0
        with writing(self.path), self.path.open("ab") as file:
            for line, refusal in chain((first,), each):
                data: dict[str, Any] = (
                    {TEXT_KEY: line.data} if isinstance(line.data, str) else {**line.data}
                )
                data[REASON_KEY] = refusal.as_dict()
                file.write(orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE))
                count += 1
            file.flush()
            os.fsync(file.fileno())
            self.length_bytes = file.tell()
        return count
