"""The ways down to categories, as the trees are now: of products that are shown, kept in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from catalog.db import Connection
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease
from catalog.subjects import Subject, reference_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """A category on the way down to another."""

    public_id: str
    code: str
    label: Mapping[str, str]


#: From the root of its tree to a category, itself included.
CategoryPath = tuple[PathStep, ...]


#: That are kept of all paths together, some 300 bytes each.
MOST_STEPS = 20_000


def is_in(path: CategoryPath, tree: str | None) -> bool:
    """Return whether a channel with this tree, or with all of them, shows the category."""
    return tree in {None, path[0].code}


PATHS_SQL = """
WITH RECURSIVE line AS (
    SELECT code AS leaf, 0 AS up, public_id, code, parent, label
    FROM category WHERE code = ANY ($1)
    UNION ALL
    SELECT line.leaf, line.up + 1, c.public_id, c.code, c.parent, c.label
    FROM category AS c JOIN line ON c.code = line.parent
)
SELECT leaf, array_agg(public_id ORDER BY up DESC) AS public_ids,
       array_agg(code ORDER BY up DESC) AS codes, jsonb_agg(label ORDER BY up DESC) AS labels
FROM line GROUP BY leaf
"""


async def load_category_paths(conn: Connection, codes: Iterable[str]) -> Mapping[str, CategoryPath]:
    """Return the paths of those of the categories that exist, by code."""
    return {
        row["leaf"]: tuple(
            PathStep(public_id=public_id, code=code, label=label)
            for public_id, code, label in zip(
                row["public_ids"], row["codes"], row["labels"], strict=True
            )
        )
        for row in await conn.fetch(PATHS_SQL, list(codes))
    }


CODES_SQL = "SELECT code FROM category WHERE public_id = ANY ($1)"


async def find_codes(conn: Connection, public_ids: Sequence[str]) -> list[str]:
    """Return the codes of categories."""
    return [row["code"] for row in await conn.fetch(CODES_SQL, list(public_ids))]


class CategoryPaths:
    """Keeps the paths that were read last, each until an event names a category of it.

    Args:
        lease: how long the feed vouches for what is kept.
        most_steps: of all paths together; 0: nothing is kept.
    """

    def __init__(self, *, lease: Lease, most_steps: int = MOST_STEPS) -> None:
        self.kept: Kept[str, CategoryPath] = Kept(
            most_steps, weigh=len, rests_on=_rests_on, lease=lease
        )

    async def of(
        self, conn: Connection, codes: Iterable[str], *, anew: bool
    ) -> Mapping[str, CategoryPath]:
        """Return the paths of categories, in one statement for all that are not kept.

        Args:
            conn: to the primary.
            codes: of the categories; what does not exist is left out.
            anew: read all of them: whoever asks may have changed them by another process.
        """
        return await self.kept.many(codes, partial(load_category_paths, conn), anew=anew)


def _rests_on(_: str, path: CategoryPath) -> Iterable[Subject]:
    return (reference_subject("category", step.code) for step in path)
