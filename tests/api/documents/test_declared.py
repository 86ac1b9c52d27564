"""What fields declare of their rows is what their resolvers do, and what documents cost by."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import graphql
import pytest
from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType

from api.documents.declared import FieldDeclaration, PageSize, RowEach, field_declaration_of
from api.execution.core import is_list_type, is_non_null_type
from api.schema.build import PREPARATION, SCHEMA, core_of
from catalog.rights.model import TermInput
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute
from tests.support.stage import LONG_AGO, WORLDWIDE

CORE = core_of(SCHEMA)
#: Where a page is that is no root field, and where its rows are.
PAGES = {
    "Product.variants": ('product(sku: "M") {{ {} }}', "variants"),
    "Work.rows": ('work(id: "w1") {{ {} }}', "rows"),
    **{
        f"Query.{name}": ("{}", name)
        for name in (
            "products",
            "assets",
            "exceptions",
            "licences",
            "collections",
            "goingDark",
            "tasks",
            "works",
            "audit",
            "principals",
            "apiKeys",
        )
    },
}
#: Pages that the shop below does not fill: tests of their own hold them.
OTHER_PAGES = {
    f"Query.{name}"
    for name in (
        *("search", "catalogueProducts", "assetBindings", "recentChanges"),
        *("replays", "replayIncidents", "translationGaps"),
        *("publications", "scheduledPublications"),
    )
}
#: As clients leave a size out; that of variants is never null.
SIZES_LEFT_OUT = {False: ("", "(first: null)", "(first: $n)"), True: ("",)}


def fields() -> Iterator[tuple[str, GraphQLField]]:
    for kind in CORE.type_map.values():
        is_ours = not kind.name.startswith("__")
        if is_ours and isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, core in kind.fields.items():
                yield f"{kind.name}.{name}", core


def named(core: GraphQLField) -> Any:  # noqa: ANN401 - graphql-core leaves it open
    return cast("Any", graphql).get_named_type(cast("Any", core).type)


def is_list(core: GraphQLField) -> bool:
    kind = cast("Any", core).type
    return is_list_type(kind.of_type if is_non_null_type(kind) else kind)


#: Types whose lists are the rows of the field that returns them.
PARTS = {
    kind.name
    for kind in CORE.type_map.values()
    if (returning := [core for _, core in fields() if named(core) is kind])
    and all(isinstance(field_declaration_of(core).rows, PageSize | RowEach) for core in returning)
}


def test_each_list_declares_how_many_rows_it_has() -> None:
    """Lists of scalars count as the one field that they are."""
    missing = [
        place
        for place, core in fields()
        if is_list(core)
        and graphql.is_composite_type(named(core))
        and field_declaration_of(core).rows is None
        and place.split(".")[0] not in PARTS
    ]
    assert missing == []


def test_what_takes_sizes_is_a_page_and_each_page_takes_them() -> None:
    sized = {place for place, core in fields() if not {"first", "last"}.isdisjoint(core.args)}
    pages = {
        place for place, core in fields() if isinstance(field_declaration_of(core).rows, PageSize)
    }
    assert sized == pages == PAGES.keys() | OTHER_PAGES


def test_a_row_for_each_value_is_of_an_argument_that_is_a_list() -> None:
    for place, core in fields():
        rows = field_declaration_of(core).rows
        if isinstance(rows, RowEach):
            assert is_list(cast("Any", core.args[rows.argument])), place


def test_what_is_declared_is_found_on_the_built_schema() -> None:
    found = {place: field_declaration_of(core) for place, core in fields()}
    heavy = {place: each.weight for place, each in found.items() if each.weight > 1}
    pictures = {"ProductMedia.picture": 5, "Asset.picture": 5}
    asked = {"Query.search": 8, "Query.rehearseFamily": 50}
    assert heavy == {"Product.jsonLd": 20, **asked, **pictures}
    assert found["Product.sku"] == FieldDeclaration()


@pytest.fixture
async def full(shop: Shop) -> Shop:
    """A shop with more of everything than a page has by default."""
    count = PageSize().default + 2
    soon = datetime.now(UTC) + timedelta(days=10)
    ends = TermInput(
        include=WORLDWIDE.include,
        channels=WORLDWIDE.channels,
        usages=WORLDWIDE.usages,
        valid_from=LONG_AGO,
        valid_until=soon,
    )
    model = await shop.put(Product("M", "MODEL"), attribute("name", "text", "Model"))
    for number in range(count):
        await shop.put(Product(f"M-{number:02}", "VARIANT", [model]))
        product = await shop.put(Product(f"P-{number:02}", "SIMPLE"))
        await shop.link(product, await shop.asset(ends))
    await shop.pool.execute(FILL_SQL, count)
    return shop


FILL_SQL = """
WITH n AS (SELECT generate_series(1, $1) AS n), l AS (
    INSERT INTO licence (id, public_id, code, licensor)
    SELECT gen_random_uuid(), 'lic' || n, 'L' || n, 'Studio' FROM n
), c AS (
    INSERT INTO collection (id, code, name) SELECT gen_random_uuid(), 'C' || n, 'C' || n FROM n
)
, w AS (
    INSERT INTO work (public_id, kind, args, started_by)
    SELECT 'w' || n, 'import', '{}', id FROM n, principal WHERE name = 'import'
    RETURNING id, public_id
), r AS (
    INSERT INTO work_row (work, number, state)
    SELECT w.id, n, 'failed' FROM w, n WHERE public_id = 'w1'
)
, p AS (
    INSERT INTO principal (id, kind, name)
    SELECT gen_random_uuid(), 'service', 's' || n FROM n RETURNING id, name
), k AS (
    INSERT INTO api_key (id, name, hash, scopes, principal_id)
    SELECT id, name, sha256(convert_to(name, 'UTF8')), '{read}', id FROM p
)
INSERT INTO task (kind, subject, cause) SELECT 'broken_source', 'asset/' || n, 'missing' FROM n
"""


async def test_a_page_whose_size_is_left_out_has_and_costs_the_declared_rows(
    client: Client, full: Shop
) -> None:
    key = await full.key("admin")
    declared = {place: field_declaration_of(core).rows for place, core in fields()}
    for place, (around, name) in PAGES.items():
        page = declared[place]
        assert isinstance(page, PageSize)
        for size in SIZES_LEFT_OUT[place == "Product.variants"]:
            field = around.format(f"{name}{size} {{ nodes {{ __typename }} }}")
            query = f"query ($n: Int) {{ {field} }}" if "$n" in size else f"{{ {field} }}"
            found: Any = await client.data(query, headers=key)
            while "nodes" not in found:
                (found,) = found.values()
            assert len(found["nodes"]) == page.default, place
            cost = PREPARATION.prepare(query).outline.cost({})
            assert cost == 1 + 2 * page.default + (around != "{}"), place
        more = around.format(f"{name}(first: {page.largest + 1}) {{ nodes {{ __typename }} }}")
        assert await client.code(f"{{ {more} }}", headers=key) == "PAGE_SIZE"
