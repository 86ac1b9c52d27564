"""`vitrine migrate`."""

import asyncio

from rich import print as say

from vitrine.database import located_database
from vitrine.migrate import migrate
from vitrine.restored_database import WHAT_IT_REVIVES
from vitrine.settings import load_settings


def migrate_database(*, restored: bool = False) -> None:
    """Bring the database to this version; with nothing missing, change nothing.

    It may run on many hosts at once. The login of `VITRINE_DATABASE_URL` has to own the tables, or
    be allowed to make them (CREATE on the schema `public`, and on the database for the extensions
    ltree and btree_gist), and needs CREATEROLE unless there are its roles; what is missing is said
    before anything is changed. Without that setting the embedded PostgreSQL of the home is
    migrated.

    Args:
        restored: say what a restore revives, where it cannot be told that there was one: after a
            recovery to a point in time, or from a copy of the server's files.
    """
    with located_database(load_settings(), may_be_new=True) as url:
        migrated = asyncio.run(migrate(url))
    say("The database is up to date.")
    for each in migrated.unclean:
        say(f"A rich text could not be sanitised, as its product was refused: {each}")
    if migrated.roles.were_missing:
        say("The roles vitrine_gateway and vitrine_process have their rights.")
    if not migrated.roles.is_held:
        say(
            "Gateways may still make temporary tables and large objects and hold locks, as anybody "
            "may here: run `vitrine migrate` once as a superuser, who can take that away."
        )
    if restored or migrated.is_restored:
        say(WHAT_IT_REVIVES)
