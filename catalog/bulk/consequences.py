"""What follows from a refusal says so: a record that names one that was refused before it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from catalog.bulk.model import InvalidRecordError, Line, LineRefusal
from catalog.bulk.records import TYPES_BY_NAME, RecordType
from catalog.errors import UnknownNameError, VitrineError, faults_of

#: The fields of records that have another name in the API.
_OF_THE_API = re.compile(r"(?<![^.])(authority|valid|visible)(Url|From|Until)(?![^.])")

#: Refused records that are remembered; what follows from others does not say so.
MAX_REMEMBERED = 100_000
_ADVICE = ": add it first"


class RefusedRecords:
    """The records of an import that were refused, by type and key, with their lines."""

    def __init__(self) -> None:
        self._lines: dict[int, tuple[int, str | None]] = {}

    def remember(self, kind: RecordType, line: Line) -> None:
        """Keep the key of a record that was refused."""
        if not isinstance(line.data, str) and len(self._lines) < MAX_REMEMBERED:
            key = hash((kind.name, str(kind.key_in(line.data))))
            self._lines[key] = line.number, line.file

    def restore(self, lines: Iterable[Line]) -> None:
        """Keep the keys of the records that were refused before the import was interrupted."""
        for line in lines:
            name = "" if isinstance(line.data, str) else line.data.get("type")
            if name in TYPES_BY_NAME:
                self.remember(TYPES_BY_NAME[name], line)

    def cause(self, named: Iterable[tuple[str, str]], file: str | None) -> str:
        """Return what a record says of the first refused one among those that it names.

        Args:
            named: types and keys.
            file: of the record that names them.

        Returns:
            `, because line 3 was refused`; empty: none of them was.
        """
        found = (self._lines.get(hash((name, key))) for name, key in named)
        line = next((each for each in found if each is not None), None)
        if line is None:
            return ""
        where = "" if line[1] == file else f" of {line[1]}"
        return f", because line {line[0]}{where} was refused"

    def refuse(self, kind: RecordType, line: Line, faults: Sequence[VitrineError]) -> LineRefusal:
        """Refuse a record for all its faults, and remember it."""
        told = [self._explained(each, line) for error in faults for each in faults_of(error)]
        self.remember(kind, line)
        first, *others = told
        return replace(first, also=[each.as_other() for each in others])

    def _explained(self, fault: VitrineError, line: Line) -> LineRefusal:
        refusal = LineRefusal.of(line.number, fault, file=line.file)
        if not isinstance(fault, InvalidRecordError):
            refusal = replace(refusal, field=_in_file(fault.field))
        if not isinstance(fault, UnknownNameError):
            return refusal
        cause = self.cause(fault.named, line.file)
        message = f"{fault.message.removesuffix(_ADVICE)}{cause}" if cause else fault.message
        return replace(refusal, message=message)


def _in_file(field: str | None) -> str | None:
    """Write a field as the file has it: commands name these as the API does, columns never."""
    return field and _OF_THE_API.sub(lambda found: f"{found[1]}_{found[2].lower()}", field)
