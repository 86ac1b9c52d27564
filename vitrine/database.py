"""The database of commands that run once: the one that the settings name, else the embedded."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from catalog.changes import Change, Changes
from catalog.db import OPERATORS_TO_MEND, open_pool
from catalog.principal import COMMAND_LINE
from catalog.versions import checked_connection, database_error, require_database
from serving.process import changes_on
from vitrine.embedded.postgres import embedded_database
from vitrine.home import HomeError
from vitrine.migrate import migrate
from vitrine.settings import Settings, load_settings
from vitrine.shared_settings import compare_settings

T = TypeVar("T")

#: Who changes what a command changes.


@contextmanager
def database_url(
    settings: Settings, *, relies_on: Sequence[str] = (), may_be_new: bool = False
) -> Generator[str]:
    """Yield the URL of the owner's database, which has the version that this code needs.

    An embedded one is started if it does not run, and migrated.

    Args:
        settings: name the database, or the home of the embedded one.
        relies_on: which settings have to be those of the processes, such as `store_url`.
        may_be_new: whether a home that was chosen, or is there, may get its first database.

    Raises:
        SettingsError: one of those is another.
        DatabaseError: the database that is set cannot be worked on, or ended meanwhile.
        HomeError: there is no setting, and no database in the home.
        EmbeddedPostgresError: there is no setting, and the embedded PostgreSQL cannot start.
    """
    with located_database(settings, may_be_new=may_be_new) as url:
        try:
            if settings.database_url is None:
                asyncio.run(migrate(url))
            else:
                asyncio.run(require_database(url))
            if relies_on:
                asyncio.run(_compare(url, settings, relies_on))
            yield url
        except OPERATORS_TO_MEND as error:
            failure = database_error(error)
            raise failure from error


def on_database(
    work: Callable[[Settings, str], Coroutine[Any, Any, T]],
    *,
    relies_on: Sequence[str] = (),
    may_be_new: bool = False,
) -> T:
    """Read the settings, run what a command does on the database, and return what it gives.

    Args:
        work: gets the settings and the URL of the database, a secret.
        relies_on: as for `database_url`.
        may_be_new: the same.

    Raises:
        VitrineError: as `load_settings` and `database_url` do.
    """
    settings = load_settings()
    with database_url(settings, relies_on=relies_on, may_be_new=may_be_new) as url:
        return asyncio.run(work(settings, url))


def in_change(
    work: Callable[[Change, Settings], Awaitable[T]], *, relies_on: Sequence[str] = ()
) -> T:
    """Do the same within one change, which commits once the work is done.

    Raises:
        VitrineError: as `on_database` does, or the work; nothing was changed.
    """

    async def change_it(settings: Settings, url: str) -> T:
        async with open_changes(settings, url) as changes, changes.begin(COMMAND_LINE) as change:
            return await work(change, settings)

    return on_database(change_it, relies_on=relies_on)


@contextmanager
def located_database(settings: Settings, *, may_be_new: bool) -> Generator[str]:
    """Do the same with a database as it is, of whatever version.

    Raises:
        HomeError: there is no setting, and no database in the home.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    is_chosen = may_be_new and ("home" in settings.model_fields_set or settings.home.exists())
    if not is_chosen and not (settings.home / "postgres").is_dir():
        raise HomeError(
            f"there is no Vitrine in {settings.home}: set VITRINE_HOME, or start `vitrine up`"
        )
    with embedded_database(settings.home) as url:
        yield url


async def _compare(url: str, settings: Settings, names: Sequence[str]) -> None:
    async with checked_connection(url, application="vitrine") as conn:
        await compare_settings(conn, settings, *names)


@asynccontextmanager
async def open_changes(settings: Settings, url: str) -> AsyncGenerator[Changes]:
    """Open a pool, and begin changes as every process does."""
    async with open_pool(url, application="vitrine", max_size=4) as pool:
        yield changes_on(pool, settings)
