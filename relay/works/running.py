"""The job behind every work: begins it, has its kind do it, and says what became of it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import procrastinate
import structlog
from procrastinate.jobs import Job

from catalog.changes import Change, Changes
from catalog.db import DATABASE_AWAY
from catalog.errors import UnavailableError, VitrineError
from catalog.principal import RELAY, Principal
from catalog.work import commands
from catalog.work.model import (
    RowState,
    Work,
    WorkCancelledError,
    WorkProgress,
    WorkRow,
    WorkState,
    WorkTakenOverError,
)

log = structlog.get_logger(__name__)

#: What passes by itself: the job is tried again, and so is one that a stopping relay gave up.
_PASSES = (*DATABASE_AWAY, UnavailableError)
MOST_ATTEMPTS = 10
_LONGEST_WAIT_S = 300
_LOOKS_EVERY_S = 1.0


class _TryAgain(procrastinate.BaseRetryStrategy):
    """Whatever leaves the job passes by itself; a stop of the relay has passed already."""

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> procrastinate.RetryDecision | None:
        wait_s = min(2**job.attempts, _LONGEST_WAIT_S) if isinstance(exception, Exception) else 0
        return procrastinate.RetryDecision(retry_in={"seconds": wait_s})


@dataclass(frozen=True, slots=True)
class WorkResult:
    """What a kind leaves behind.

    Attributes:
        key: of a file in the object store; None: there is none.
        name: that whoever takes it home saves it as.
        conclude: what the kind changes in the transaction that ends the work; None: nothing.
    """

    key: str | None = None
    name: str = ""
    conclude: Callable[[Change], Awaitable[None]] | None = None


@dataclass(slots=True)
class WorkRun:
    """What a kind works with.

    Attributes:
        work: as it was begun.
        actor: whoever started it: what it changes is changed in their name.
        progress: how far it is, by the last commit.
    """

    work: Work
    changes: Changes
    actor: Principal
    progress: WorkProgress = field(init=False)

    def __post_init__(self) -> None:
        """Begin where the work was left."""
        work = self.work
        self.progress = WorkProgress(
            done=work.done, failed=work.failed, total=work.total, position=work.position
        )

    @asynccontextmanager
    async def until_cancelled(self) -> AsyncGenerator[None]:
        """End what is done within as soon as somebody wants no more of it.

        For what has no batches that it could end with.

        Raises:
            WorkCancelledError: somebody does not.
            WorkTakenOverError, ForbiddenError: as `commit`.
        """
        try:
            async with asyncio.TaskGroup() as group:
                watch = group.create_task(self._watch())
                yield
                watch.cancel()
        except ExceptionGroup as errors:  # of one: whichever was first cancelled the other
            raise errors.exceptions[0] from None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOKS_EVERY_S)
            async with self.changes.begin(self.actor) as change:
                await commands.advance_work(change, self.work, self.progress)

    async def expect(self, total: int) -> None:
        """Say how many rows there are."""
        progress = replace(self.progress, total=total)
        async with self.changes.begin(self.actor) as change:
            await commands.advance_work(change, self.work, progress)
        self.progress = progress

    async def commit(
        self,
        batch: Callable[[Change], Awaitable[Sequence[WorkRow]]],
        *,
        position: Mapping[str, Any],
    ) -> None:
        """Do a batch and say so, in one transaction; what was cancelled is undone.

        Args:
            batch: makes its changes, and returns a result for each of its rows.
            position: where to go on behind it.

        Raises:
            WorkCancelledError: somebody wants no more of the work.
            WorkTakenOverError: another relay does it now.
            ForbiddenError: whoever started it has ended.
        """
        async with self.changes.begin(self.actor) as change:
            rows = await batch(change)
            failed = sum(each.state is RowState.FAILED for each in rows)
            progress = replace(
                self.progress,
                done=self.progress.done + len(rows),
                failed=self.progress.failed + failed,
                position=position,
            )
            await commands.advance_work(change, self.work, progress, rows)
        self.progress = progress


class WorkKind(Protocol):
    """Does a work of its kind, in batches: each goes on at `run.progress.position`."""

    async def __call__(self, run: WorkRun) -> WorkResult | None:
        """Do what is left of it, and return what it leaves behind; None: nothing.

        Raises:
            VitrineError: it cannot be done; what it has committed stays.
        """
        ...


@dataclass(frozen=True, slots=True)
class Works:
    """The job of a relay that does work.

    Attributes:
        kinds: by their names.
    """

    changes: Changes
    kinds: Mapping[str, WorkKind]

    def tasks(self) -> procrastinate.Blueprint:
        """Return it, for the namespace `work`."""
        tasks = procrastinate.Blueprint()
        tasks.task(queue=commands.QUEUE, name="do", retry=_TryAgain(), pass_context=True)(self.do)
        return tasks

    async def do(self, context: procrastinate.JobContext, work: str) -> None:
        """Do a work in a job of the queue."""
        await self.run(work, is_last=context.job.attempts + 1 >= MOST_ATTEMPTS)

    async def run(self, work: str, *, is_last: bool) -> None:
        """Do a work, or what is left of it.

        Args:
            work: its public id.
            is_last: what passes by itself makes it fail, too.

        Raises:
            UnavailableError: a part that is needed does not answer; the job is tried again.
        """
        async with self.changes.begin(RELAY) as change:
            begun = await commands.begin_work(change, work)
            if begun is None:
                return  # it is over, or was cancelled before it began
        with suppress(WorkTakenOverError):  # whoever has it now says what becomes of it
            try:
                async with self.changes.pool.acquire() as conn:
                    starter = await commands.starter_of(conn, begun)
                run = WorkRun(begun, self.changes, starter)
                result = await self.kinds[begun.kind](run)
            except WorkCancelledError:
                await self._end(begun, WorkState.CANCELLED)
            except WorkTakenOverError:
                log.warning("work_taken_over", work=work)
            except _PASSES as error:
                if not is_last:
                    raise
                await self._end(begun, WorkState.FAILED, cause=_cause(error))
            except VitrineError as error:
                await self._end(begun, WorkState.FAILED, cause=_cause(error))
            except Exception as error:
                log.exception("work_failed", work=work, kind=begun.kind)
                await self._end(begun, WorkState.FAILED, cause=_cause(error))
            else:
                await self._end(begun, WorkState.DONE, result=result)

    async def _end(
        self,
        work: Work,
        state: WorkState,
        *,
        cause: str | None = None,
        result: WorkResult | None = None,
    ) -> None:
        result = result or WorkResult()
        file = None if result.key is None else (result.key, result.name)
        async with self.changes.begin(RELAY) as change:
            ended = await commands.end_work(change, work, state, cause=cause, result=file)
            if result.conclude is not None:
                await result.conclude(change)
        log.info("work_ended", work=work.public_id, kind=work.kind, state=state, done=ended.done)


def _cause(error: Exception) -> str:
    if isinstance(error, VitrineError):
        return f"{error.message} ({error.code})"
    return "an error of ours: the log of the relay has it (INTERNAL)"
