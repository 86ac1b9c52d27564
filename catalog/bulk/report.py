"""The report of refused records: an import file of its own, ready to be mended and imported."""

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from catalog.bulk.model import Line, Refusal, UnwritableReportError
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
    return path


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


class Report:
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

    def write(self, refused: Iterable[tuple[Line, Refusal]]) -> int:
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

    def faults(self) -> Iterator[Refusal]:
        """Yield what was wrong with the refused lines, fault by fault."""
        if self.length_bytes == 0:
            return
        with self.path.open("rb") as file:
            for line in file:
                yield from Refusal(**orjson.loads(line)[REASON_KEY]).one_by_one()
