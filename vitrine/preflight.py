"""What a process looks at before it starts any work: its database, and with which login."""

import asyncio

import structlog

from catalog.versions import Access, require_database
from serving.settings import Settings

log = structlog.get_logger(__name__)


def access_of(process: str) -> Access:
    """Return whose login to the database a process has."""
    return "gateway" if process == "gateway" else "owner"


def look_before_start(process: str, settings: Settings) -> None:
    """See that a process can work, or say why not.

    Raises:
        SettingsError: no database is set.
        DatabaseError: it is not there, is not Vitrine's, or is older or newer than this code.
    """
    access = access_of(process)
    url = settings.gateway_database() if access == "gateway" else settings.owner_database()
    state = asyncio.run(require_database(url, access))
    if access == "gateway" and state.may_write:
        log.warning(
            "gateway_login_may_write",
            login=state.login,
            advice="name a login in VITRINE_GATEWAY_DATABASE_URL that has nothing but the role "
            "vitrine_gateway: whoever takes over this gateway can change every right",
        )
