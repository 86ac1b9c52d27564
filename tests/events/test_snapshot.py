"""Snapshots are read as PostgreSQL writes them, and hold what it says they hold."""

import pytest

from catalog.db import Pool
from catalog.events.snapshot import Snapshot


@pytest.mark.parametrize("text", ["10:10:", "10:14:10,12", "1:9223372036854775807:"])
async def test_a_snapshot_holds_what_postgresql_finds_visible_in_it(pool: Pool, text: str) -> None:
    snapshot = Snapshot.read(text)
    visible = await pool.fetch(
        "SELECT n, pg_visible_in_snapshot(n::text::xid8, $1::text::pg_snapshot) AS visible "
        "FROM generate_series(1, 20) AS n",
        text,
    )
    assert {row["n"]: row["visible"] for row in visible} == {
        xid: snapshot.holds(xid) for xid in range(1, 21)
    }
    assert snapshot.text == await pool.fetchval("SELECT $1::text::pg_snapshot::text", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1:2",
        "1:2:3:4",
        "a:b:",
        "2:1:",
        "0:1:",
        "-1:5:",
        "1:9:9",
        "5:9:4",
        "1:9:3,2",
        "1:9:3,3",
    ],
)
def test_anything_else_is_no_snapshot(text: str) -> None:
    with pytest.raises(ValueError, match=r"snapshot|invalid literal"):
        Snapshot.read(text)
