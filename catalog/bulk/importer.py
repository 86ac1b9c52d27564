"""One import under way: commits batches, counts, and keeps the report in step with the database."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from catalog.bulk import store
from catalog.bulk.apply import BatchOutcome, apply_items, refuse_items
from catalog.bulk.batches import Item
from catalog.bulk.consequences import RefusedRecords
from catalog.bulk.model import Line, LineRefusal
from catalog.bulk.publishing import SKUS_AT_ONCE, publish
from catalog.bulk.recorder import Record
from catalog.bulk.records import RECORD_TYPES, PublicationRecord, RecordType
from catalog.bulk.report import RefusalJournal, refused_in
from catalog.bulk.store import ImportRun
from catalog.changes import Change, Changes
from catalog.errors import InvalidInputError
from catalog.principal import Principal
from catalog.products.model import ProductRecord
from catalog.products.rules import gtin_problem

_ATTEMPTS = 3
_KINDS = {"MODEL": "models", "VARIANT": "variants", "SIMPLE": "simples"}
_WORDS = ("created", "updated", "unchanged", "rejected")
_OUTCOMES = (*_WORDS, "drafts", "wrong_gtins", "kept_approvals")


def by_type(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Return what came of the records of each type of which there were any."""
    found: dict[str, dict[str, int]] = {}
    for name, count in counts.items():
        plural, dot, word = name.partition(".")
        if dot:
            found.setdefault(plural, dict.fromkeys(_WORDS, 0))[word] = count
    return found


class Importer:
    """Applies batches in order; what it has committed survives its end, however sudden.

    The report is written before the commit and cut to its committed length at the next start.
    """

    def __init__(
        self,
        *,
        changes: Changes,
        actor: Principal,
        key: str,
        report: RefusalJournal,
        run: ImportRun | None,
        record: Record | None = None,
    ) -> None:
        self._record = record
        self._changes = changes
        self._actor = actor
        self._key = key
        self._report = report
        self._run = run or ImportRun()
        self._refused = RefusedRecords()
        if run is not None:
            self._refused.restore(line for line, _ in refused_in(report.path))
        self.counts: Counter[str] = Counter(self._run.counts)

    @property
    def committed(self) -> int:
        """How many records are done, in the order of types."""
        return self._run.committed

    async def start(self, refused: Iterable[tuple[Line, LineRefusal]]) -> None:
        """Begin anew, with what the scan of the file refused."""
        names = [each.plural for each in RECORD_TYPES]
        self.counts = Counter(dict.fromkeys([*_KINDS.values(), *names, *_OUTCOMES], 0))
        self.counts["rejected"] = self._report.write(refused)
        self._run = ImportRun(report_bytes=self._report.length_bytes, counts=self.counts)
        async with self._changes.begin(self._actor) as change:
            await store.start_run(change.conn, self._key, self._run)
            await self._keep(change, ImportRun(), self._run)

    async def finish(self) -> None:
        """Forget the run: the next import of the same file begins anew."""
        async with self._changes.pool.acquire() as conn:
            await store.end_run(conn, self._key)

    async def analyse(self) -> None:
        """Have PostgreSQL look at its tables now: left alone it would, but minutes later."""
        async with self._changes.pool.acquire() as conn:
            await store.analyse(conn)

    async def publications(self, channel: str, skus: Sequence[str], file: str | None) -> list[Line]:
        """Return records that publish products that are there: of variants, their models.

        Args:
            channel: to publish on.
            skus: of the files.
            file: whose report has what is refused of them; None: there is no other.
        """
        async with self._changes.pool.acquire() as conn:
            shown = await store.highest_skus(conn, skus)
        return [
            Line(
                number=0,
                file=file,
                data={
                    "type": "publication",
                    "channel": channel,
                    "skus": shown[place : place + SKUS_AT_ONCE],
                },
            )
            for place in range(0, len(shown), SKUS_AT_ONCE)
        ]

    async def commit(self, kind: RecordType, items: Sequence[Item]) -> None:
        """Apply a batch in one transaction; where the database refuses it, in ever smaller ones.

        What may be the race of another import for the same key is tried again: it is seen then.

        Raises:
            AlreadyRunningError: another process imports the same file.
            CROSSED: the same rows are wanted by others again and again.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._commit(kind, items)
            except store.CROSSED:
                if attempt == _ATTEMPTS:
                    raise
            except store.REFUSED as error:
                if len(items) == 1 and attempt < _ATTEMPTS:
                    continue
                return await self._commit_parts(kind, items, error)
        return None

    async def _commit_parts(
        self, kind: RecordType, items: Sequence[Item], error: Exception
    ) -> None:
        if len(items) > 1:
            middle = len(items) // 2
            await self.commit(kind, items[:middle])
            await self.commit(kind, items[middle:])
        elif items[0].fault is None:
            await self._commit(kind, [_refused_by_database(items[0], error)])
        else:
            raise error

    async def _commit(self, kind: RecordType, items: Sequence[Item]) -> None:
        length_bytes = self._report.length_bytes
        good = [item for item in items if item.fault is None]
        bad = [item for item in items if item.fault is not None]
        try:
            # One publication may be thousands of documents: it commits on its way.
            is_publication = kind.record is PublicationRecord
            published = (
                await publish(self._changes, self._actor, good, self._refused)
                if is_publication
                else None
            )
            for item in bad:  # so that what follows from them says so
                self._refused.remember(kind, item.line)
            async with self._changes.begin(self._actor) as change:
                outcome = published or await apply_items(change, kind, good, self._refused)
                # last: they may name what this batch has brought
                refused = await refuse_items(change, kind, bad, self._refused)
                self._report.write([*refused, *outcome.refused])
                counts = self.counts.copy()
                counts.update(_counted(kind, good, outcome))
                counts["rejected"] += len(refused)
                counts[f"{kind.plural}.rejected"] += len(refused)
                after = ImportRun(
                    committed=self._run.committed + len(items),
                    report_bytes=self._report.length_bytes,
                    counts=counts,
                )
                await store.advance_run(change.conn, self._key, self._run, after)
                await self._keep(change, self._run, after)
        except BaseException:
            self._report.rewind(length_bytes)
            raise
        self._run, self.counts = after, counts

    async def _keep(self, change: Change, before: ImportRun, after: ImportRun) -> None:
        if self._record is not None:
            await self._record(change, before, after)


def _counted(kind: RecordType, good: Sequence[Item], outcome: BatchOutcome) -> Counter[str]:
    applied = outcome.applied
    counts = Counter(
        created=applied.created,
        updated=applied.updated,
        unchanged=applied.unchanged,
        rejected=len(outcome.refused),
        drafts=outcome.drafts,
        kept_approvals=applied.kept_approvals,
    )
    for word in _WORDS:
        counts[f"{kind.plural}.{word}"] = counts[word]
    counts[kind.plural] = applied.created + applied.updated + applied.unchanged
    if kind.record is ProductRecord:
        refused = {refusal.line for _, refusal in outcome.refused}
        accepted = [item.record for item in good if item.line.number not in refused]
        counts.update(_KINDS[record.kind] for record in accepted if record.kind)
        gtins = [record.gtin for record in accepted if record.gtin]
        counts["wrong_gtins"] = sum(gtin_problem(gtin) is not None for gtin in gtins)
    return counts


def _refused_by_database(item: Item, error: Exception) -> Item:
    detail = getattr(error, "constraint_name", None) or type(error).__name__
    fault = InvalidInputError(f"the database refused the record ({detail})")
    return replace(item, record=None, fault=fault)
