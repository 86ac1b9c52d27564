"""Frozen values of an import: where a record stands, why one was refused, what came of all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from catalog.errors import ConflictError, InvalidInputError, VitrineError, faults_of

#: Written by a mapping: what cannot be read in the rows of a record, as `LineRefusal.as_dict`.
FAULTS_KEY = "_faults"
#: Written by a mapping: the line of the CSV file that a record was made from.
LINE_KEY = "_line"


class UnreadableFileError(InvalidInputError):
    """The import file or its mapping cannot be read."""

    code = "UNREADABLE_FILE"


def cannot_be_read(path: Path, error: OSError) -> UnreadableFileError:
    """Say of a file, in the words of the system, why it cannot be opened."""
    return UnreadableFileError(f"{path} cannot be read: {error.strerror or 'it is no file'}")


class UnwritableReportError(InvalidInputError):
    """The report of refused records cannot be written where it should go."""

    code = "UNWRITABLE_REPORT"


class InvalidRecordError(InvalidInputError):
    """A line is no record of the bulk format."""

    code = "INVALID_RECORD"


class AlreadyRunningError(ConflictError):
    """Another process imports the same file now."""

    code = "ALREADY_RUNNING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A record before it is parsed.

    Attributes:
        number: of the line in the file that a person would mend, from 1; 0: it stands in none.
        file: that file, as it was named; None: the import has no other.
        data: the JSON object, or the text of a line that is none.
        fault: what is known to be wrong with it already.
        size_bytes: of the line.
    """

    number: int
    file: str | None = None
    data: Mapping[str, Any] | str
    fault: VitrineError | None = None
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRefusal:
    """Why a line was not imported.

    Attributes:
        line: from 1; 0: what is refused stands in none, such as what `--publish` asks for.
        file: in which the line is; None: the import has no other.
        field, code, message: of the first fault.
        also: the same of each other fault.
        broken: the rule that a value breaks, with its attribute, locale, market, channel, and what
            was given.
    """

    line: int
    field: str | None
    code: str
    message: str
    also: Sequence[Mapping[str, Any]] = ()
    file: str | None = None
    broken: Mapping[str, str | None] | None = None

    @classmethod
    def of(cls, line: int, *errors: VitrineError, file: str | None = None) -> "LineRefusal":
        """Say of a line what errors say, all that each of them tells."""
        first, *more = (fault for error in errors for fault in faults_of(error))
        return cls(
            line=line,
            file=file,
            field=first.field,
            code=first.code,
            message=first.message,
            broken=first.broken and asdict(first.broken),
            also=[cls.of(line, each).as_other() for each in more],
        )

    def as_other(self) -> Mapping[str, Any]:
        """Return it as it stands among the other faults of a line."""
        told = {"field": self.field, "code": self.code, "message": self.message}
        return told if self.broken is None else {**told, "broken": self.broken}

    def one_by_one(self) -> "list[LineRefusal]":
        """Return a refusal for each fault."""
        others = [
            LineRefusal(line=self.line, file=self.file, **each)  # pyright: ignore[reportArgumentType] - as `of` wrote them
            for each in self.also
        ]
        return [replace(self, also=()), *others]

    def as_dict(self) -> dict[str, Any]:
        """Return it as the report has it: null for the line of what stands in none."""
        told = {**asdict(self), "line": self.line or None}
        for name in ("also", "broken", "file"):
            if not told[name]:
                del told[name]
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did.

    Attributes:
        counts: accepted records: `models`, `variants`, `simples`, `assets`, …; and of all of them
            `created`, `updated`, `unchanged`; `rejected`; and `drafts`, variants that were not
            complete enough to be published.
        seconds: of this run alone, where an earlier one was continued.
        was_continued: an earlier run of the same file had not come to its end.
        reports: the rejected records of each file that has any, ready to be mended.
        refused: why the first of them were rejected, fault by fault.
        by_type: `created`, `updated`, `unchanged` and `rejected` of each type of record.
        run: by which the database knows how far it is, and lets it go on until it is forgotten.
    """

    counts: Mapping[str, int]
    seconds: float
    was_continued: bool
    reports: Sequence[Path] = ()
    refused: Sequence[LineRefusal] = ()
    by_type: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    run: str = ""

    @property
    def report(self) -> Path | None:
        """The rejected records of an import of one file; None: there are none."""
        return self.reports[0] if self.reports else None

    @property
    def rejected(self) -> int:
        """How many records were refused."""
        return self.counts["rejected"]


class Progress(Protocol):
    """Shows how far an import is."""

    def start(self, phase: str, total: int) -> None:
        """A phase of so many records begins; the one before has ended."""

    def advance(self, count: int) -> None:
        """So many records more are done."""


class NoProgress:
    """Shows nothing."""

    def start(self, phase: str, total: int) -> None:
        """Say nothing."""

    def advance(self, count: int) -> None:
        """Say nothing."""
