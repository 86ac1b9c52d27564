"""What a process looks at before it starts any work: its database, its login, what others have."""

import asyncio

import structlog

from catalog.principal import Principal, own_service
from catalog.publication.listing import made_by
from catalog.publication.store import find_other_rules
from catalog.resealing.commands import check_codes
from catalog.versions import Access, checked_connection, require_database
from vitrine.settings import Settings
from vitrine.shared_settings import compare_settings, state_settings

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


async def agree_on_settings(
    url: str, settings: Settings, *, by: Principal, anew: bool = False
) -> None:
    """State what nobody has stated, or all of it anew, and hold these settings against the rest.

    Raises:
        SettingsError: one differs from what was stated.
        DatabaseError: the database does not answer.
    """
    async with checked_connection(url, application="vitrine") as conn:
        stated = await state_settings(conn, settings, by=by, anew=anew)
        if stated.loss is not None:
            log.warning("purges_given_up", purges=stated.given_up, advice=stated.loss)
        await compare_settings(conn, settings)


async def problem_of_order(url: str) -> str | None:
    """Return what to do where this process would add to lists in another order; None: nothing.

    Names sort by keys that ICU makes. Those of two versions do not compare, so lists to which both
    have added are out of order, and their pages skip or repeat products.
    """
    async with checked_connection(url, application="vitrine") as conn:
        stored = await find_other_rules(conn)
    if not stored:
        return None
    return (
        f"names sort by the rules {made_by()} here, and by {', '.join(stored)} in lists (their "
        "own number, then the version of ICU): install the same version of Vitrine with the same "
        "pyicu-wheels everywhere, then run `vitrine migrate`, which sorts all lists anew"
    )


async def _check_api(url: str, settings: Settings) -> None:
    async with checked_connection(url, application="vitrine") as conn:
        await check_codes(conn, settings.master_keys())
    problem = await problem_of_order(url)
    if problem is not None:
        log.warning("lists_of_other_order", advice=problem)


async def _look(process: str, url: str, access: Access, settings: Settings) -> None:
    state = await require_database(url, access)
    if access == "owner":
        if state.may_change_audit:
            log.warning(
                "process_login_may_change_audit",
                login=state.login,
                advice="name a login in VITRINE_DATABASE_URL that has nothing but the role "
                "vitrine_process: whoever takes over this process can rewrite who did what",
            )
        await agree_on_settings(url, settings, by=own_service(process))
        if process == "api":
            await _check_api(url, settings)
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
