"""What follows from a refusal says so: a record that names one that was refused before it."""

from collections.abc import Sequence

from catalog.bulk.model import Line, Refusal
from catalog.bulk.records import RecordType
from catalog.errors import InvalidInputError, UnknownNameError, VitrineError, faults_of

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
        told = [self._explained(each) for error in faults for each in faults_of(error)]
        self.remember(kind, line)
        return Refusal.of(line.number, *told)

    def _explained(self, fault: VitrineError) -> VitrineError:
        if not isinstance(fault, UnknownNameError):
            return fault
        lines = (self.line_of(name, key) for name, key in fault.named)
        line = next((each for each in lines if each is not None), None)
        if line is None:
            return fault
        message = fault.message.removesuffix(_ADVICE)
        return InvalidInputError(f"{message}, because line {line} was refused", field=fault.field)
