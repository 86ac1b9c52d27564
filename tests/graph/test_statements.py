"""Every statement of the read side can be prepared on the migrated schema."""

import pytest

from catalog.access.store import FIND_KEY_SQL, INSERT_KEY_SQL, LIST_KEYS_SQL, REVOKE_KEY_SQL
from catalog.db import Pool
from catalog.graph.assets import VERSIONS_SQL, AssetFilter, list_statement
from catalog.graph.categories import CHILDREN_SQL
from catalog.graph.changes import AGE_SQL, CHANGES_SQL, PROGRESS_SQL, SNAPSHOT_SQL
from catalog.graph.deliveries import COUNTED_SQL, DELIVERED_SQL, DENIED_SQL, FACTS_SQL
from catalog.graph.filter_codes import SHOWN_SQL as SHOWN_CODES_SQL
from catalog.graph.filter_codes import STORED_SQL
from catalog.graph.going_dark import ENDS_SQL, SHOWN_SQL
from catalog.graph.history import (
    CHANNEL_RULES_SQL,
    KEY_REVOCATIONS_SQL,
    MEMBERS_SQL,
    OWNER_EXISTS_SQL,
    OWNER_WINDOWS_SQL,
    STATES_SQL,
    TERMS_SQL,
)
from catalog.graph.holders import LIST_COLLECTIONS_SQL, LIST_LICENCES_SQL, OWN_TERMS_SQL
from catalog.graph.media import FIND_ASSETS_SQL, LOAD_MEDIA_SQL
from catalog.graph.products import FIND_PRODUCTS_SQL
from catalog.graph.published_documents import DOCUMENTS_SQL
from catalog.graph.reference import REFERENCE_SQL
from catalog.graph.renditions import (
    ASSETS_SQL,
    HEROES_SQL,
    PRODUCTS_SQL,
    SOURCES_OF_SQL,
    USES_SQL,
)
from catalog.jobs import DEFER_SQL

_ALL_CONDITIONS = AssetFilter(
    statuses=["draft"], codes=["a"], text="a", licence="a", collection="a"
)
STATEMENTS = [
    AGE_SQL,
    CHANGES_SQL,
    PROGRESS_SQL,
    SNAPSHOT_SQL,
    ASSETS_SQL,
    CHILDREN_SQL,
    SHOWN_CODES_SQL,
    STORED_SQL,
    CHANNEL_RULES_SQL,
    COUNTED_SQL,
    DEFER_SQL,
    DELIVERED_SQL,
    DENIED_SQL,
    DOCUMENTS_SQL,
    ENDS_SQL,
    FACTS_SQL,
    FIND_ASSETS_SQL,
    FIND_KEY_SQL,
    FIND_PRODUCTS_SQL,
    HEROES_SQL,
    INSERT_KEY_SQL,
    KEY_REVOCATIONS_SQL,
    list_statement(AssetFilter())[0],
    list_statement(_ALL_CONDITIONS)[0],
    LIST_COLLECTIONS_SQL,
    LIST_KEYS_SQL,
    LIST_LICENCES_SQL,
    LOAD_MEDIA_SQL,
    MEMBERS_SQL,
    OWNER_EXISTS_SQL,
    OWNER_WINDOWS_SQL,
    OWN_TERMS_SQL,
    PRODUCTS_SQL,
    REFERENCE_SQL,
    REVOKE_KEY_SQL,
    SHOWN_SQL,
    SOURCES_OF_SQL,
    STATES_SQL,
    TERMS_SQL,
    USES_SQL,
    VERSIONS_SQL,
]


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_it_is_prepared(pool: Pool, statement: str) -> None:
    async with pool.acquire() as conn:
        assert await conn.prepare(statement)
