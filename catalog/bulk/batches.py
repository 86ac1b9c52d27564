"""Records on their way into a batch: parsed, with their files, no key twice in one batch."""

from collections.abc import AsyncIterator, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from catalog.bulk.intake import Intake
from catalog.bulk.model import FAULTS_KEY, Line
from catalog.bulk.records import RecordType
from catalog.errors import Faults, InvalidInputError, VitrineError
from catalog.media.model import IngestedFile

MAX_ROWS = 500
MAX_BATCH_BYTES = 8 * 1024 * 1024
_MAX_ROWS_OF = {
    "asset": 100,  # it waits for their files: a smaller one loses less when it is interrupted
    "publication": 1,  # a record may be thousands of documents
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a batch: parsed, or refused already.

    Attributes:
        record: of the class of its type; None: refused.
        ingested: what the file of an asset holds.
        fault: why it is refused.
        rest: what of a refused record could be read, to see what else is wrong.
    """

    line: Line
    record: Any = None
    ingested: IngestedFile | None = None
    fault: VitrineError | None = None
    rest: Any = None

    @property
    def keeps_stored(self) -> bool:
        """Whether the record only adds what the catalogue lacks."""
        return (
            self.record is not None
            and isinstance(self.line.data, dict)
            and self.line.data.get("keep_stored") is True
        )


async def in_batches(
    kind: RecordType, lines: Iterable[Line], intake: Intake
) -> AsyncIterator[list[Item]]:
    """Yield the records of one type in batches.

    Args:
        kind: of all the lines.
        lines: in the order of the file.
        intake: brings the file of each asset, in the same order.

    Raises:
        UnavailableError: the object store cannot be asked.
    """
    size = _MAX_ROWS_OF.get(kind.name, MAX_ROWS)
    batch: list[Item] = []
    size_bytes = 0
    keys: set[Hashable] = set()
    for line in lines:
        taken = await intake.next() if kind.name == "asset" else None
        item = _item(kind, line, taken)
        key = line.number if item.record is None else kind.key(item.record)
        size_bytes += line.size_bytes
        if len(batch) >= size or key in keys or (batch and size_bytes > MAX_BATCH_BYTES):
            yield batch
            batch, keys = [], set()
            size_bytes = line.size_bytes
        batch.append(item)
        keys.add(key)
    if batch:
        yield batch


def _item(kind: RecordType, line: Line, taken: IngestedFile | InvalidInputError | None) -> Item:
    assert not isinstance(line.data, str)  # noqa: S101 - those lines have no type
    faults = Faults([line.fault] if line.fault is not None else [])
    record = None
    with faults:
        record = kind.parse(line.data)
    ingested = None if isinstance(taken, InvalidInputError) else taken
    if isinstance(taken, InvalidInputError):
        faults.append(taken)
    if not faults:
        return Item(line=line, record=record, ingested=ingested)
    error = faults.as_one()
    is_readable = line.fault is None or FAULTS_KEY in line.data
    rest = kind.rest_of(line.data, error) if is_readable else None
    return Item(line=line, ingested=ingested, fault=error, rest=rest)
