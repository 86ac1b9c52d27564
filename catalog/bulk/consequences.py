"""What follows from a refusal says so: a record that names one that was refused before it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from catalog.bulk.model import InvalidRecordError, Line, Refusal
from catalog.bulk.records import RecordType
from catalog.errors import UnknownNameError, VitrineError, faults_of

#: The fields of records that have another name in the API.
_OF_THE_API = re.compile(r"(?<![^.])(authority|valid|visible)(Url|From|Until)(?![^.])")

#: Refused records that are remembered; what follows from others does not say so.
MAX_REMEMBERED = 100_000
_ADVICE = ": add it first"


class RefusedRecords:
    """The records of a file that were refused, by type and key, with their lines."""

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}

    def remember(self, kind: RecordType, line: Line) -> None:
        """Keep the key of a record that was refused."""
        if not isinstance(line.data, str) and len(self._lines) < MAX_REMEMBERED:
            self._lines[hash((kind.name, str(kind.key_in(line.data))))] = line.number

    def line_of(self, name: str, key: str) -> int | None:
        """Return the line in which a record was refused; None: in none."""
        return self._lines.get(hash((name, key)))

    def refuse(self, kind: RecordType, line: Line, faults: Sequence[VitrineError]) -> Refusal:
        """Refuse a record for all its faults, and remember it."""
        told = [self._explained(each, line.number) for error in faults for each in faults_of(error)]
        self.remember(kind, line)
        first, *others = told
        also = [
            {"field": each.field, "code": each.code, "message": each.message} for each in others
        ]
        return replace(first, also=also)

    def _explained(self, fault: VitrineError, number: int) -> Refusal:
        refusal = Refusal.of(number, fault)
        if not isinstance(fault, InvalidRecordError):
            refusal = replace(refusal, field=_in_file(fault.field))
        if not isinstance(fault, UnknownNameError):
            return refusal
        lines = (self.line_of(name, key) for name, key in fault.named)
        cause = next((each for each in lines if each is not None), None)
        if cause is None:
            return refusal
        message = f"{fault.message.removesuffix(_ADVICE)}, because line {cause} was refused"
        return replace(refusal, message=message)


def _in_file(field: str | None) -> str | None:
    """Write a field as the file has it: commands name these as the API does, columns never."""
    return field and _OF_THE_API.sub(lambda found: f"{found[1]}_{found[2].lower()}", field)
