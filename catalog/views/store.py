"""The SQL of saved views."""

import uuid
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from catalog.db import Connection, Record
from catalog.views.model import ListedView, SavedView

_COLUMNS: Final = "id, public_id, revision, owner, page, name, filters, columns, is_shared"

LIST_SQL = f"""
SELECT {_COLUMNS}, EXISTS (
    SELECT FROM default_view WHERE principal = $1 AND default_view.view = saved_view.id
) AS is_default
FROM saved_view WHERE page = $2 AND (owner = $1 OR is_shared)
ORDER BY owner <> $1, name, id LIMIT $3
"""  # noqa: S608 - ours


async def list_views(
    conn: Connection, principal: uuid.UUID, page: str, *, most: int
) -> list[ListedView]:
    """Return the views of a page that somebody can take: their own first, then shared ones."""
    rows = await conn.fetch(LIST_SQL, principal, page, most)
    return [ListedView(view=_view(row), is_default=row["is_default"]) for row in rows]


LOCK_SQL = f"""
SELECT {_COLUMNS}, EXISTS (
    SELECT FROM default_view WHERE principal = $1 AND default_view.view = saved_view.id
) AS is_default
FROM saved_view WHERE public_id = ANY ($2) AND (owner = $1 OR is_shared)
ORDER BY id FOR UPDATE OF saved_view
"""  # noqa: S608 - ours


async def lock_views(
    conn: Connection, principal: uuid.UUID, public_ids: Sequence[str]
) -> dict[str, ListedView]:
    """Return those of these ids that somebody can take, by id, so that nobody changes them."""
    rows = await conn.fetch(LOCK_SQL, principal, list(public_ids))
    return {
        row["public_id"]: ListedView(view=_view(row), is_default=row["is_default"]) for row in rows
    }


#: Two of one name, or two beyond the last that fit, wait for each other here.
LOCK_OWNER_SQL = (
    "SELECT pg_advisory_xact_lock(hashtextextended('saved_view/' || ($1::uuid)::text, 0))"
)
OWN_SQL = f"SELECT {_COLUMNS} FROM saved_view WHERE owner = $1 ORDER BY id"  # noqa: S608 - ours


async def lock_own_views(conn: Connection, owner: uuid.UUID) -> list[SavedView]:
    """Return all views of somebody, to whom nobody else adds one before the transaction ends."""
    await conn.execute(LOCK_OWNER_SQL, owner)
    return [_view(row) for row in await conn.fetch(OWN_SQL, owner)]


ADD_SQL = f"""
INSERT INTO saved_view (public_id, owner, page, name, filters, columns, is_shared)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {_COLUMNS}
"""  # noqa: S608 - ours
CHANGE_SQL = """
UPDATE saved_view SET revision = $2, page = $3, name = $4, filters = $5, columns = $6,
    is_shared = $7
WHERE id = $1
"""
DELETE_SQL = "DELETE FROM saved_view WHERE id = ANY ($1)"


async def add_view(conn: Connection, view: SavedView) -> SavedView:
    """Add a view, and return it with the id of its row."""
    row = await conn.fetchrow(
        ADD_SQL, view.public_id, view.owner, view.page, view.name, view.filters,
        list(view.columns), view.is_shared,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - what is inserted is returned
    return _view(row)


async def change_view(conn: Connection, view: SavedView) -> None:
    """Write a view that there is."""
    await conn.execute(
        CHANGE_SQL, view.id, view.revision, view.page, view.name, view.filters,
        list(view.columns), view.is_shared,
    )  # fmt: skip


async def delete_views(conn: Connection, views: Sequence[SavedView]) -> None:
    """Delete views; pages that opened with one of them open as they are."""
    await conn.execute(DELETE_SQL, [each.id for each in views])


SET_DEFAULT_SQL = """
INSERT INTO default_view (principal, page, view) VALUES ($1, $2, $3)
ON CONFLICT (principal, page) DO UPDATE SET view = excluded.view
"""
UNSET_DEFAULT_SQL = "DELETE FROM default_view WHERE principal = $1 AND view = $2"


async def set_default(
    conn: Connection, principal: uuid.UUID, view: SavedView, *, is_default: bool
) -> None:
    """Let a page open with a view for somebody, or no longer."""
    if is_default:
        await conn.execute(SET_DEFAULT_SQL, principal, view.page, view.id)
    else:
        await conn.execute(UNSET_DEFAULT_SQL, principal, view.id)


UNSET_FOR_OTHERS_SQL = "DELETE FROM default_view WHERE view = $1 AND principal <> $2"


async def unset_for_others(conn: Connection, view: SavedView) -> None:
    """Let a page open with a view for nobody but its owner."""
    await conn.execute(UNSET_FOR_OTHERS_SQL, view.id, view.owner)


UNSET_FOR_ALL_SQL = "DELETE FROM default_view WHERE view = $1"


async def unset_for_all(conn: Connection, view: SavedView) -> None:
    """Let no page open with a view, which is for another page now."""
    await conn.execute(UNSET_FOR_ALL_SQL, view.id)


def _view(row: Record) -> SavedView:
    values: dict[str, Any] = {each.name: row[each.name] for each in fields(SavedView)}
    values["columns"] = tuple(row["columns"])
    return SavedView(**values)
