"""The SQL of imports: how far each has come, and which records exist already."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
import structlog

from catalog.bulk.model import AlreadyRunningError
from catalog.db import Connection, Pool

log = structlog.get_logger(__name__)

_ANALYSE_S = 300
#: What the database says of a row that no rule of ours foresaw.
REFUSED = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
    asyncpg.ProgramLimitExceededError,  # a code too long for an index
)

#: Two changes wanted the same rows in another order; the same again will pass.
CROSSED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """How far an import is.

    Attributes:
        committed: records that are done, in the order of types.
        report_bytes: length of the report that speaks of them.
        counts: as `ImportResult` has them.
    """

    committed: int = 0
    report_bytes: int = 0
    counts: Mapping[str, int] = field(default_factory=dict[str, int])


TRY_LOCK_SQL = "SELECT pg_try_advisory_lock(hashtextextended('import ' || $1, 0))"
UNLOCK_SQL = "SELECT pg_advisory_unlock(hashtextextended('import ' || $1, 0))"


@asynccontextmanager
async def alone(pool: Pool, source: str) -> AsyncGenerator[None]:
    """Let nobody else import the same file meanwhile; the lock ends with our session.

    Raises:
        AlreadyRunningError: somebody does.
    """
    async with pool.acquire() as conn:
        try:
            is_alone = await conn.fetchval(TRY_LOCK_SQL, source)
            if is_alone:
                yield
                await conn.execute(UNLOCK_SQL, source)
        except BaseException:
            conn.terminate()  # its lock ends with it
            raise
    if not is_alone:
        raise AlreadyRunningError("another process imports this file now: wait for its end")


FIND_RUN_SQL = "SELECT committed, report_bytes, counts FROM import_run WHERE source = $1"


async def find_run(conn: Connection, source: str) -> ImportRun | None:
    """Return how far an import is that did not come to its end."""
    row = await conn.fetchrow(FIND_RUN_SQL, source)
    return ImportRun(**row) if row else None


START_RUN_SQL = """
INSERT INTO import_run (source, report_bytes, counts) VALUES ($1, $2, $3)
ON CONFLICT (source) DO NOTHING
"""


async def start_run(conn: Connection, source: str, run: ImportRun) -> None:
    """Record that an import begins."""
    await conn.execute(START_RUN_SQL, source, run.report_bytes, dict(run.counts))


ADVANCE_RUN_SQL = """
UPDATE import_run
SET committed = $3, report_bytes = $4, counts = $5, updated_at = clock_timestamp()
WHERE source = $1 AND committed = $2
"""


async def advance_run(conn: Connection, source: str, before: ImportRun, after: ImportRun) -> None:
    """Record, in the transaction of a batch, that it is done.

    Raises:
        AlreadyRunningError: somebody else has moved on from where we thought the import was.
    """
    tag = await conn.execute(
        ADVANCE_RUN_SQL,
        source,
        before.committed,
        after.committed,
        after.report_bytes,
        dict(after.counts),
    )
    if tag != "UPDATE 1":
        raise AlreadyRunningError("another process imports this file now: wait for its end")


END_RUN_SQL = "DELETE FROM import_run WHERE source = $1"


async def end_run(conn: Connection, source: str) -> None:
    """Forget an import that came to its end: the next of the same file begins anew."""
    await conn.execute(END_RUN_SQL, source)


FORGET_RUNS_SQL = "DELETE FROM import_run WHERE updated_at < $1"


async def forget_runs(conn: Connection, before: datetime) -> None:
    """Forget imports of which nothing was done since an instant: they would begin anew."""
    await conn.execute(FORGET_RUNS_SQL, before)


STORED_CODES_SQL = """
SELECT code FROM (
    SELECT 'locale' AS type, code FROM locale
    UNION ALL SELECT 'market', code FROM market
    UNION ALL SELECT 'channel', code FROM channel
    UNION ALL SELECT 'attribute_group', code FROM attribute_group
    UNION ALL SELECT 'attribute', code FROM attribute
    UNION ALL SELECT 'family', code FROM family
    UNION ALL SELECT 'category', code FROM category
    UNION ALL SELECT 'territory_set', code FROM territory_set
    UNION ALL SELECT 'licence', code FROM licence
    UNION ALL SELECT 'collection', code FROM collection
) AS stored
WHERE type = $1 AND code = ANY ($2)
"""


#: The types of which `keep_stored` can be told.
KEPT_TYPES = frozenset({
    *("locale", "market", "channel", "attribute_group", "attribute", "family", "category"),
    *("territory_set", "licence", "collection"),
})


async def stored_codes(conn: Connection, name: str, codes: Sequence[str]) -> frozenset[str]:
    """Return which codes of one of the `KEPT_TYPES` exist already."""
    return frozenset(row["code"] for row in await conn.fetch(STORED_CODES_SQL, name, list(codes)))


CHANNEL_CODES_SQL = "SELECT code FROM channel"


async def channel_codes(conn: Connection) -> frozenset[str]:
    """Return the codes of the channels that there are."""
    return frozenset(row["code"] for row in await conn.fetch(CHANNEL_CODES_SQL))


HIGHEST_SKUS_SQL = """
WITH RECURSIVE line AS (
    SELECT id, sku, parent FROM product WHERE sku = ANY ($1)
    UNION
    SELECT p.id, p.sku, p.parent FROM product AS p JOIN line ON p.id = line.parent
)
SELECT sku FROM line WHERE parent IS NULL ORDER BY id
"""


async def highest_skus(conn: Connection, skus: Sequence[str]) -> list[str]:
    """Return, of the skus that exist, the products and the highest models of those below one."""
    return [row["sku"] for row in await conn.fetch(HIGHEST_SKUS_SQL, list(skus))]


SHOWN_SKUS_SQL = "SELECT sku FROM product WHERE parent IS NULL AND status = 'active' ORDER BY id"


async def shown_skus(conn: Connection) -> list[str]:
    """Return the skus of every simple product and of every model that is below no other."""
    return [row["sku"] for row in await conn.fetch(SHOWN_SKUS_SQL)]


BELOW_OTHERS_SQL = """
WITH RECURSIVE line AS (
    SELECT sku, parent FROM product WHERE sku = ANY ($1)
    UNION
    SELECT line.sku, p.parent FROM product AS p JOIN line ON p.id = line.parent
)
SELECT DISTINCT line.sku FROM line JOIN product AS p ON p.id = line.parent WHERE p.sku = ANY ($1)
"""


async def without_those_below(conn: Connection, skus: Sequence[str]) -> list[str]:
    """Return the skus, each once, without those of products that are below another of them."""
    below = {row["sku"] for row in await conn.fetch(BELOW_OTHERS_SQL, list(skus))}
    return [sku for sku in dict.fromkeys(skus) if sku not in below]


PUBLISHED_SKUS_SQL = """
SELECT sku FROM publication WHERE channel = $1 AND sku = ANY ($2) AND ended_at IS NULL
"""


async def published_skus(conn: Connection, channel: str, skus: Sequence[str]) -> frozenset[str]:
    """Return which of the skus are published on a channel."""
    return frozenset(
        row["sku"] for row in await conn.fetch(PUBLISHED_SKUS_SQL, channel, list(skus))
    )


async def analyse(conn: Connection) -> None:
    """Renew what PostgreSQL plans by. That it cannot now is no reason to fail: it will do it."""
    if await conn.fetchval("SHOW transaction_read_only") == "on":
        return  # a check: its tables are copies
    try:
        await conn.execute("ANALYZE", timeout=_ANALYSE_S)
    except (TimeoutError, asyncpg.PostgresError) as error:
        log.warning("not_analysed", error=type(error).__name__)
