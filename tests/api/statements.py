"""What a running api asks PostgreSQL."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from asyncpg.connection import LoggedQuery
from starlette.applications import Starlette

from api.request.services import Services
from catalog.delivery.store import KEYS_SQL, PRESETS_SQL
from catalog.graph.reference import REFERENCE_SQL

#: Once a second, whatever is asked; and what the pool sends when a connection is given back.
NOT_OF_THE_PAGE = {REFERENCE_SQL, PRESETS_SQL, KEYS_SQL}


@asynccontextmanager
async def statements_of(app: Starlette) -> AsyncGenerator[list[str]]:
    """Collect what the api asks PostgreSQL; requests one by one share one connection."""
    seen: list[str] = []
    services: Services = app.state.services

    def note(record: LoggedQuery) -> None:
        if record.query not in NOT_OF_THE_PAGE and "pg_advisory_unlock_all" not in record.query:
            seen.append(record.query)

    async with services.pool.acquire() as conn:
        conn.add_query_logger(note)
    yield seen
    async with services.pool.acquire() as conn:
        conn.remove_query_logger(note)
