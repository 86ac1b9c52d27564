"""Changes of vocabularies, each batch with its events."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from catalog.batches import BatchResult, judge
from catalog.changes import Change
from catalog.channels.commands import UNVERSIONED
from catalog.events.model import Event
from catalog.vocabularies import rules, store
from catalog.vocabularies.model import VocabularyRecord, VocabularyTerm


async def put_vocabularies(change: Change, records: Sequence[VocabularyRecord]) -> BatchResult:
    """Add or change vocabularies with their terms; what is published keeps its labels."""
    await store.lock(change.conn)
    known = await store.find_vocabularies(change.conn, [record.code for record in records])
    gone = [
        (record.code, term)
        for record in records
        if record.terms is not None and record.code in known
        for term in _codes(known[record.code].terms) - _codes(record.terms)
    ]
    used = await store.claim_unused(change.conn, gone)
    judged = judge(
        records,
        known,
        key=lambda record: record.code,
        merge=lambda record, stored: rules.merge_vocabulary(record, stored, used),
    )
    if judged.changed:
        await store.put_vocabularies(change.conn, judged.changed)
        await change.record(
            *(
                Event(
                    type="vocabulary.changed",
                    subject=f"vocabulary/{each.code}",
                    version=UNVERSIONED,
                    data={"code": each.code},
                    before=judged.before.get(each.code),
                    after=each,
                )
                for each in judged.changed
            )
        )
    return judged.applied


def _codes(terms: Iterable[VocabularyTerm]) -> AbstractSet[str]:
    return {each.code for each in terms}
