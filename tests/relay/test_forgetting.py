"""What of work is over goes, with its files; what somebody may still need stays."""

from pathlib import Path

from catalog.changes import Changes
from catalog.db import Pool
from catalog.storage.folder import FolderStore
from relay.works.forgetting import UPLOADS_DAYS, WORKS_DAYS, Forgetting
from tests.support.people import ADA

UPLOADS_SQL = """
INSERT INTO upload (public_id, name, bytes, created_by, created_at)
SELECT id, 'a.csv', 1, $1, now() - days * interval '1 day'
FROM (VALUES ('old', $2 + 1), ('new', $2 - 1), ('needed', $2 + 1)) AS x(id, days)
"""
WORKS_SQL = """
INSERT INTO work (public_id, kind, state, args, attempt, started_by, ended_at)
SELECT id, 'import', state, args::jsonb, 2, $1,
       CASE state WHEN 'done' THEN now() - days * interval '1 day' END
FROM (VALUES ('old', 'done', $2 + 1, '{}'), ('new', 'done', $2 - 1, '{}'),
             ('waits', 'queued', 0, '{"uploads": ["needed"]}')) AS x(id, state, days, args)
"""

RUNS_SQL = """
INSERT INTO import_run (source, updated_at)
SELECT id, now() - days * interval '1 day'
FROM (VALUES ('old', $1 + 1), ('new', $1 - 1)) AS x(id, days)
"""


async def test_what_is_over_is_forgotten_with_its_files(pool: Pool, tmp_path: Path) -> None:
    await pool.execute(UPLOADS_SQL, ADA.id, UPLOADS_DAYS)
    await pool.execute(WORKS_SQL, ADA.id, WORKS_DAYS)
    await pool.execute(
        "INSERT INTO work_row (work, number, state) SELECT id, 1, 'failed' FROM work"
    )
    await pool.execute(RUNS_SQL, WORKS_DAYS)
    store = FolderStore(tmp_path / "store")
    uploads = [f"uploads/{each}" for each in ("needed", "new", "old")]
    works = [f"works/{each}-{attempt}" for each in ("new", "old", "waits") for attempt in (1, 2)]
    for key in uploads + works:
        await store.write(key, b"x")

    for _ in range(2):
        await Forgetting(Changes(pool=pool), store).forget(0)
        left = sorted([each.key async for each in store.objects("")])
        assert left == [each for each in uploads + works if "/old" not in each]
        for table, ids in (("upload", ["needed", "new"]), ("work", ["new", "waits"])):
            rows = await pool.fetch(f"SELECT public_id FROM {table} ORDER BY public_id")  # noqa: S608 - ours
            assert [row["public_id"] for row in rows] == ids
        assert await pool.fetchval("SELECT array_agg(source) FROM import_run") == ["new"]
