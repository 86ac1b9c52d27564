"""What a new home needs before anyone can use it: master key, signing key, admin's API key."""

import base64
import secrets

from catalog.access.assignments import give_role
from catalog.access.commands import create_key, list_keys, revoke_key
from catalog.access.model import Scope
from catalog.access.principal_store import find_person_with_role
from catalog.access.principals import create_person
from catalog.access.recognition import keep_keys, recognise
from catalog.access.sessions import create_login_link
from catalog.changes import Changes
from catalog.delivery.keys import create_signing_key, list_signing_keys, load_signing_keys
from catalog.errors import UnauthenticatedError
from catalog.principal import UP
from serving.private_files import write_private
from vitrine.settings import Settings

#: Who looks after the first day of a home.
ADMINISTRATOR = "administrator"
_MASTER_KEY_BYTES = 32


def new_master_key() -> str:
    """Return 32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(_MASTER_KEY_BYTES)).decode()


def ensure_master_key(settings: Settings) -> None:
    """Write a master key to the home, unless the settings or the home have one."""
    if settings.master_key is None and not settings.master_key_path.exists():
        write_private(settings.master_key_path, f"{new_master_key()}\n")


async def ensure_signing_key(changes: Changes, settings: Settings) -> None:
    """Make a signing key, unless one is active, and see that the master keys open all of them.

    Raises:
        SettingsError: it does not.
    """
    master_keys = settings.master_keys()
    async with changes.begin(UP) as change:
        keys = await list_signing_keys(change.conn)
        if not any(key.state == "active" for key in keys):
            await create_signing_key(change, master_keys=master_keys)
        await load_signing_keys(change.conn, master_keys)


async def ensure_admin_key(changes: Changes, known: str | None) -> str:
    """Return the secret of an API key that may do everything: the known one, else a new one."""
    if known is not None:
        try:
            await recognise(keep_keys(changes.pool), known)
        except UnauthenticatedError:
            pass  # of another database, or revoked by someone: make one
        else:
            return known
    async with changes.begin(UP) as change:
        if any(key.name == UP.name and not key.revoked_at for key in await list_keys(change.conn)):
            await revoke_key(change, name=UP.name)
        issued = await create_key(change, name=UP.name, scopes=list(Scope), principal=UP)
    return issued.secret


async def make_login_link(changes: Changes) -> str:
    """Return the secret of a link that logs the local administrator in, who is made if need be."""
    async with changes.begin(UP) as change:
        person = await find_person_with_role(change.conn, ADMINISTRATOR, "administrator")
        if person is None:  # whoever else is named so is another
            person = await create_person(change, name=ADMINISTRATOR)
            await give_role(change, person.id, "administrator")
        return await create_login_link(change, person.id)
