"""What a process looks at before it starts any work: its database, its login, what others have."""

import asyncio

import structlog

from catalog.versions import Access, checked_connection, require_database
from serving.settings import Settings
from serving.shared_settings import compare_settings, state_settings

log = structlog.get_logger(__name__)


def access_of(process: str) -> Access:
    """Return whose login to the database a process has."""
    return "gateway" if process == "gateway" else "owner"


def look_before_start(process: str, settings: Settings) -> None:
    """See that a process can work, or say why not.

    Raises:
        SettingsError: no database is set, or a setting differs from that of the other processes.
        DatabaseError: it is not there, is not Vitrine's, or is older or newer than this code.
    """
    access = access_of(process)
    url = settings.gateway_database() if access == "gateway" else settings.owner_database()
    asyncio.run(_look(process, url, access, settings))


async def agree_on_settings(url: str, settings: Settings, *, by: str, anew: bool = False) -> None:
    """State what nobody has stated, or all of it anew, and hold these settings against the rest.

    Raises:
        SettingsError: one differs from what was stated.
        DatabaseError: the database does not answer.
    """
    async with checked_connection(url, application="vitrine") as conn:
        await state_settings(conn, settings, by=by, anew=anew)
        await compare_settings(conn, settings)


async def _look(process: str, url: str, access: Access, settings: Settings) -> None:
    state = await require_database(url, access)
    if access == "owner":
        await agree_on_settings(url, settings, by=process)
        return
    if state.may_write:
        log.warning(
            "gateway_login_may_write",
            login=state.login,
            advice="name a login in VITRINE_GATEWAY_DATABASE_URL that has nothing but the role "
            "vitrine_gateway: whoever takes over this gateway can change every right",
        )
    async with checked_connection(url, access, application="vitrine") as conn:
        if not await compare_settings(conn, settings):
            log.warning(
                "settings_not_compared",
                advice="no other process has started on this database: nothing was stated there",
            )
