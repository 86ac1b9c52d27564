"""The table of holders is all that there is: the schema has no other, and each is handled alike."""

import re

import pytest

from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import NotFoundError
from catalog.rights.holder_kinds import HOLDER_KINDS
from catalog.rights.holders import HolderKind
from catalog.rights.model import TermKind
from catalog.rights.term_commands import set_terms
from tests.support.people import ADA

HOLDERS_SQL = """
SELECT substring(pg_get_constraintdef(oid) FROM 'num_nonnulls\\((.*?)\\)') FROM pg_constraint
WHERE conrelid IN ('rights_grant'::regclass, 'rights_restriction'::regclass)
  AND pg_get_constraintdef(oid) LIKE '%num_nonnulls%'
"""


async def test_the_table_names_every_holder_that_a_grant_or_a_restriction_may_have(
    pool: Pool,
) -> None:
    rows = await pool.fetch(HOLDERS_SQL)
    names = {kind.name for kind in HOLDER_KINDS}
    assert [set(re.split(", ", row[0])) for row in rows] == [names, names]


@pytest.mark.parametrize("kind", HOLDER_KINDS, ids=lambda kind: kind.name)
async def test_a_holder_that_is_not_there_is_named_with_the_argument_that_named_it(
    pool: Pool, kind: HolderKind
) -> None:
    with pytest.raises(NotFoundError, match=f"there is no {kind.name} nothing") as missing:
        async with Changes(pool=pool).begin(ADA) as change:
            await set_terms(change, kind, "nothing", TermKind.GRANTS, [])
    assert missing.value.field == kind.argument
