"""Every statement can be prepared, and the hot ones have an index for each large table they read.

A constant whose name ends with `_SQL` is a whole statement, or a dictionary of some; parts and
templates have other names.
With sequential scans forbidden the planner falls back to one only where no index would do.
"""

import ast
import importlib
from collections.abc import Iterator
from typing import Any, cast

import asyncpg
import pytest

from catalog.audit.reading_store import RECENT_CHANGES_SQL
from catalog.db import Pool
from catalog.events.store import ASK_SQL, RECENT_SQL
from catalog.graph.bindings import LIST_BINDINGS_SQL
from catalog.graph.deliveries import DELIVERED_SQL, DENIED_SQL, FACTS_SQL
from catalog.graph.delivery import ASSET_SQL, WINDOWS_SQL
from catalog.graph.going_dark import ENDS_SQL, SHOWN_SQL
from catalog.graph.history import OWNER_WINDOWS_SQL, STATES_SQL, TERMS_SQL
from catalog.graph.holders import LIST_COLLECTIONS_SQL, LIST_LICENCES_SQL
from catalog.graph.media import FIND_ASSETS_SQL, LOAD_MEDIA_SQL
from catalog.graph.products import FIND_PRODUCTS_SQL
from catalog.graph.search import FIND_ASSETS_LIKE_SQL, FIND_KEPT_SQL, FIND_PUBLISHED_SQL
from catalog.purges.boundary_store import NEXT_SQL, REACHED_SQL
from catalog.purges.darkness_store import DARK_AT_EDGES_SQL
from catalog.purges.store import TAKE_SQL
from catalog.rights.term_store import ENDED_TERMS_OF_SQL, TERMS_BY_HAND_SQL, TERMS_OF_SQL
from tests.contracts.code import ROOT, modules, sources

HOT = {
    "collections": LIST_COLLECTIONS_SQL,
    "decided_by_hand": TERMS_BY_HAND_SQL,
    "ended_terms_of": ENDED_TERMS_OF_SQL,
    "licences": LIST_LICENCES_SQL,
    "terms_of": TERMS_OF_SQL,
    "ask": ASK_SQL,
    "asset": ASSET_SQL,
    "dark_at_edges": DARK_AT_EDGES_SQL,
    "delivered": DELIVERED_SQL,
    "denied": DENIED_SQL,
    "ends": ENDS_SQL,
    "facts": FACTS_SQL,
    "find_assets": FIND_ASSETS_SQL,
    "find_products": FIND_PRODUCTS_SQL,
    "load_media": LOAD_MEDIA_SQL,
    "next_boundary": NEXT_SQL,
    "owner_windows": OWNER_WINDOWS_SQL,
    "reached": REACHED_SQL,
    "recent": RECENT_SQL,
    "recent_changes": RECENT_CHANGES_SQL,
    "search_assets": FIND_ASSETS_LIKE_SQL,
    "search_kept": FIND_KEPT_SQL,
    "search_published": FIND_PUBLISHED_SQL,
    "shown": SHOWN_SQL,
    "used": LIST_BINDINGS_SQL,
    "states": STATES_SQL,
    "take": TAKE_SQL,
    "terms": TERMS_SQL,
    "windows": WINDOWS_SQL,
}
LARGE = {
    "asset",
    "asset_licence",
    "asset_state",
    "asset_value",
    "asset_version",
    "audit",
    "collection_asset",
    "denial",
    "egress",
    "event",
    "media_association",
    "product",
    "product_value",
    "publication",
    "purge",
    "rights_grant",
    "rights_restriction",
}


#: Statements about tables that the code makes for itself, by what it makes.
_OWN_TABLES = ("CREATE TEMP TABLE event (LIKE public.event INCLUDING ALL)",)


def statements() -> dict[str, str]:
    """Return every statement of the code by where it stands."""
    found: dict[str, str] = {}
    for name in modules():
        for constant, value in vars(importlib.import_module(name)).items():
            if not constant.endswith("_SQL"):
                continue
            if isinstance(value, dict):
                for key, statement in cast("dict[object, str]", value).items():
                    found.setdefault(statement, f"{name}.{constant}[{key}]")
            elif isinstance(value, str):
                found.setdefault(value, f"{name}.{constant}")
    return {place: statement for statement, place in found.items()}


async def test_every_statement_can_be_prepared(pool: Pool) -> None:
    wrong: list[str] = []
    found = statements()
    async with pool.acquire() as conn:
        for own in _OWN_TABLES:
            await conn.execute(own)
        for place, statement in found.items():
            try:
                await conn.prepare(statement)
            except asyncpg.PostgresError as error:
                wrong.append(f"{place}: {error}")
    assert wrong == []
    assert {*HOT.values()} <= {*found.values()}


def test_statements_are_run_from_where_they_are_found() -> None:
    """A statement that is written where it is run would not be prepared above."""
    hidden = [
        f"{path}:{call.lineno}"
        for path in sources()
        for call in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(call, ast.Call) and call.args and _runs_sql(call)
        if isinstance(call.args[0], ast.Constant | ast.JoinedStr | ast.BinOp)
        if not _is_short(call.args[0])
    ]
    assert hidden == []


def _runs_sql(call: ast.Call) -> bool:
    runs = {"fetch", "fetchrow", "fetchval", "execute", "executemany"}
    return isinstance(call.func, ast.Attribute) and call.func.attr in runs


def _is_short(statement: ast.expr) -> bool:
    """Whether it names no table of ours, or only one that the code makes itself."""
    text = ast.unparse(statement).strip("f'\"")
    own = ("SELECT 1", "SHOW ", "ANALYZE", "CREATE TEMP", "INSERT INTO pg_temp")
    return text.startswith(own) or "pg_get_serial_sequence" in text


@pytest.mark.parametrize("name", HOT)
async def test_no_large_table_is_read_as_a_whole(pool: Pool, name: str) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(f"PREPARE hot AS {HOT[name]}")
        await conn.execute("SET LOCAL enable_seqscan = off")
        await conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        types = await conn.fetchval(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'hot'"
        )
        arguments = f"({', '.join(['NULL'] * types)})" if types else ""
        plan: list[dict[str, Any]] = await conn.fetchval(
            f"EXPLAIN (FORMAT json) EXECUTE hot{arguments}"
        )
        await conn.execute("DEALLOCATE hot")

    assert not set(_read_as_a_whole(plan[0]["Plan"])) & LARGE


def _read_as_a_whole(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _read_as_a_whole(child)
