"""`vitrine migrate`."""

import asyncio

from rich import print as say

from serving.settings import load_settings
from vitrine.database import database_url
from vitrine.migrate import migrate


def migrate_database() -> None:
    """Bring the database to this version; with nothing missing, change nothing.

    It may run on many hosts at once. Without `VITRINE_DATABASE_URL` it migrates the embedded
    PostgreSQL of the home.
    """
    with database_url(load_settings(), may_be_new=True) as url:
        asyncio.run(migrate(url))
    say("The database is up to date.")
