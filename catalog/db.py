"""PostgreSQL through asyncpg: the pool, the codecs, and the types that stores annotate with."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import orjson
from asyncpg import Record as Record  # noqa: PLC0414 - stores annotate with it
from asyncpg.connect_utils import SessionAttribute
from asyncpg.pool import PoolConnectionProxy

if TYPE_CHECKING:
    Connection: TypeAlias = "asyncpg.Connection[Record] | PoolConnectionProxy[Record]"
    Pool: TypeAlias = "asyncpg.Pool[Record]"
    _AnyPool: TypeAlias = asyncpg.Pool[Record]
else:
    Connection = Pool = Any
    _AnyPool = asyncpg.Pool

#: What is raised when the database cannot be reached or ends the session (`ended_as_gone`).
DATABASE_GONE = (
    OSError,
    TimeoutError,
    asyncpg.TargetServerAttributeNotMatched,  # only a standby is left
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)

#: The same, and whatever the database refuses, such as a login or a privilege: it may be allowed
#: again, so whoever must outlive the database tries again after these too. asyncpg itself refuses
#: (`InterfaceError`) a way to log in that it does not know.
DATABASE_FAILED = (*DATABASE_GONE, asyncpg.PostgresError, asyncpg.InterfaceError)

#: What it refuses to whom, as an operator can mend it.
DATABASE_UNKNOWN = asyncpg.InvalidCatalogNameError
LOGIN_REFUSED = asyncpg.InvalidAuthorizationSpecificationError
PRIVILEGE_MISSING = asyncpg.InsufficientPrivilegeError

#: It cannot be reached, or lets this login in no more: nobody who asks is at fault, and it passes.
DATABASE_AWAY = (*DATABASE_GONE, LOGIN_REFUSED)

#: What an operator can mend, wherever it is met. A file's errors are not among them.
OPERATORS_TO_MEND = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    DATABASE_UNKNOWN,
    LOGIN_REFUSED,
    PRIVILEGE_MISSING,
)


def _encode(value: object) -> str:
    return orjson.dumps(value).decode()


async def prepare_connection(conn: Connection) -> None:
    """Teach a new connection to read and write `jsonb` and `json` as Python values."""
    for name in ("jsonb", "json"):
        await conn.set_type_codec(
            name, encoder=_encode, decoder=orjson.loads, schema="pg_catalog", format="text"
        )


@contextmanager
def ended_as_gone(conn: Connection) -> Generator[None]:
    """Say of a connection that ended in the block that the database is gone.

    To asyncpg a question to a closed connection is of the kind of a wrong argument, and one between
    the server's last word and its hanging up of the kind of a bug. Whether the connection is open
    tells them apart.

    Raises:
        ConnectionResetError: the connection has ended.
        InterfaceError: it has not.
        InternalClientError: neither.
    """
    try:
        yield
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        if not _has_ended(conn):
            raise
        raise ConnectionResetError("the database has ended the session") from error


def _has_ended(conn: Connection) -> bool:
    try:
        return conn.is_closed()
    except asyncpg.InterfaceError:  # its pool took it back when it ended
        return True


class _Pool(_AnyPool):
    """A pool whose connections say so when they end while they are used."""

    @asynccontextmanager
    async def acquire(  # pyright: ignore[reportIncompatibleMethodOverride] - not to be awaited
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - as asyncpg has it
    ) -> "AsyncGenerator[PoolConnectionProxy[Record]]":
        async with super().acquire(timeout=timeout) as conn:
            with ended_as_gone(conn):
                yield conn


_ALL = 2**31


async def _keep_session(conn: Connection) -> None:
    """Give a connection back as it is, without a round trip to clear its session.

    Nothing of ours sets anything in a session of the pool. What holds a lock in one ends it if the
    lock may have been left behind, and a transaction is rolled back in any case.
    """


@asynccontextmanager
async def open_pool(
    url: str,
    *,
    application: str,
    min_size: int = 1,
    max_size: int = 8,
    keeps_session: bool = False,
    plans_once: bool = False,
) -> AsyncGenerator[Pool]:
    """Open a pool of connections to the primary, and close it at the end.

    Args:
        url: `postgresql://user:password@host:port/database`; never logged.
        application: the name that `pg_stat_activity` shows.
        min_size: connections opened at the start.
        max_size: the most that are ever open.
        keeps_session: a connection stays, however long it idles and however much it is used, with
            what is temporary in it. Where one is lost all the same, the next may only read: it has
            nothing temporary, and what would go there must not go to the real tables.
        plans_once: a statement is planned once a connection, for any values: for who looks up one
            thing at a time, since to plan takes longer than to look. By default the first five are
            planned for their own values each.
    """
    settings = {"application_name": application, "timezone": "UTC", "jit": "off"}
    if keeps_session:
        settings["default_transaction_read_only"] = "on"
    if plans_once:
        settings["plan_cache_mode"] = "force_generic_plan"
    async with _Pool(
        url,
        min_size=min_size,
        max_size=max_size,
        max_queries=_ALL if keeps_session else 50_000,  # then a connection is made anew
        loop=None,
        connection_class=asyncpg.Connection,
        record_class=Record,
        init=prepare_connection,
        reset=_keep_session,
        command_timeout=30,
        timeout=5,
        max_inactive_connection_lifetime=0 if keeps_session else 300,
        target_session_attrs=SessionAttribute.primary,
        server_settings=settings,
    ) as pool:
        yield pool


async def connect(
    url: str, *, application: str, waits_for_disk: bool = True
) -> "asyncpg.Connection[Record]":
    """Open one connection of its own, as the feed and advisory locks need.

    Args:
        url: as for `open_pool`; a standby is not refused here, for the feed asks what it reached.
        application: the name that `pg_stat_activity` shows.
        waits_for_disk: False only where what is written may be lost when the server crashes.
    """
    settings = {"application_name": application, "timezone": "UTC", "jit": "off"}
    if not waits_for_disk:
        settings["synchronous_commit"] = "off"
    conn = await asyncpg.connect(url, timeout=5, command_timeout=30, server_settings=settings)
    await prepare_connection(conn)
    return conn
