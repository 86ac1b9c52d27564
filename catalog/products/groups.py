"""Groups of attributes: how people call them, and in which order pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.batches import BatchResult, complete, judge
from catalog.changes import Change
from catalog.channels.commands import UNVERSIONED
from catalog.errors import Faults, InvalidInputError
from catalog.events.model import Event
from catalog.products import group_store, structure_store
from catalog.products.group_store import AttributeGroup
from catalog.products.model import Label
from catalog.products.structure import check_label

_LONGEST_CODE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeGroupRecord:
    """A group of attributes of the bulk format; its code is the word that attributes name."""

    code: str
    label: Label | None = None
    position: int | None = None


async def put_attribute_groups(
    change: Change, records: Sequence[AttributeGroupRecord]
) -> BatchResult:
    """Add or change groups of attributes."""
    await structure_store.lock(change.conn)
    known = await group_store.find_groups(change.conn)
    judged = judge(records, known, key=lambda record: record.code, merge=_merged)
    if judged.changed:
        await group_store.put_groups(change.conn, judged.changed)
        events = (
            Event(
                type="attribute_group.changed",
                subject=f"attribute_group/{each.code}",
                version=UNVERSIONED,
                subjects=(),
                data={"code": each.code},
                before=judged.before.get(each.code),
                after=each,
            )
            for each in judged.changed
        )
        await change.record(*events)
    return judged.applied


def _merged(record: AttributeGroupRecord, stored: AttributeGroup | None) -> AttributeGroup:
    """Return the group that a record asks for.

    Raises:
        InvalidInputError: a code or a label that is none.
    """
    group = complete(record, stored, AttributeGroup)
    faults = Faults()
    code = group.code
    if not 1 <= len(code) <= _LONGEST_CODE or code != code.strip() or not code.isprintable():
        form = f"write 1 to {_LONGEST_CODE} printable characters without spaces around them"
        faults.append(InvalidInputError(form, field="code"))
    with faults:
        check_label(group.label, field="label")
    faults.refuse_any()
    return group
