"""Categories: where products are, and what shoppers browse."""

from collections.abc import Mapping, Sequence

import strawberry

from api.documents.declared import STORED, Needs
from api.request.scene import Info
from api.schema.descriptions import field_with, graphql_field, graphql_type
from api.schema.nodes import Node
from catalog.graph.categories import load_children, ways_below
from catalog.graph.category_paths import CategoryPath, PathStep, find_codes, is_in
from catalog.graph.context import ReadContext
from catalog.graph.values import label_locale_of, label_of


@graphql_type
class Category(Node):
    """A place in a tree that shoppers browse, as the trees are now."""

    way: strawberry.Private[CategoryPath]
    children_of: strawberry.Private[Mapping[str | None, list[PathStep]]]
    context: strawberry.Private[ReadContext]
    code: str = strawberry.field(description="For `products(filter: {categories: […]})`.")

    @graphql_field
    def label(self) -> str:
        """Return what people read; without a label, its code."""
        return label_of(self.way[-1].label, self.context) or self.code

    @graphql_field
    def label_locale(self) -> str | None:
        """Return the locale that the label is written in; null: it has none, or is the code."""
        return label_locale_of(self.way[-1].label, self.context)

    @graphql_field
    def parent(self) -> str | None:
        """Return the code of the one above."""
        return self.way[-2].code if len(self.way) > 1 else None

    @graphql_field
    def path(self) -> list[str]:
        """Return the codes from the root of its tree to itself."""
        return [step.code for step in self.way]

    @field_with(rows=STORED.rows)
    def breadcrumbs(self) -> list["Category"]:
        """Return the categories from the root of its tree to itself."""
        ways = (self.way[:steps] for steps in range(1, len(self.way) + 1))
        return [category_of(way, self.children_of, self.context) for way in ways]

    @field_with(rows=STORED.rows, needs=Needs(categories_below=True))
    def children(self) -> list["Category"]:
        """Return what is directly below it."""
        ways = ways_below(self.way, self.children_of)
        return [category_of(way, self.children_of, self.context) for way in ways]


def category_of(
    way: CategoryPath, children_of: Mapping[str | None, list[PathStep]], context: ReadContext
) -> Category:
    """Make a `Category`.

    Args:
        way: from the root of its tree to itself.
        children_of: all categories by the code of the one above; empty where none is selected.
        context: decides what is read of its label.
    """
    step = way[-1]
    return Category(
        id=strawberry.ID(step.public_id),
        way=way,
        children_of=children_of,
        context=context,
        code=step.code,
    )


async def codes_of_categories(info: Info, ids: Sequence[str]) -> list[str]:
    """Return the codes of categories that have these ids."""
    async with info.context.services.pool.acquire() as conn:
        return await find_codes(conn, ids)


async def find_categories(info: Info, codes: Sequence[str]) -> list[Category]:
    """Return categories that the channel shows."""
    state, services = info.context, info.context.services
    context = (await state.minter_of(info)).context
    state.rests_on(info, ())
    if not codes:
        return []
    async with services.pool.acquire() as conn:
        ways = await services.categories.of(conn, codes, anew=state.may_change)
        children_of = await load_children(conn) if state.needs(info).categories_below else {}
    shown = [way for way in ways.values() if is_in(way, context.channel.category_tree)]
    return [category_of(way, children_of, context) for way in shown]


async def find_below(info: Info, parent: str | None) -> list[Category]:
    """Return what is directly below a category that the channel shows, or below its tree's root."""
    state, services = info.context, info.context.services
    context = (await state.minter_of(info)).context
    tree = context.channel.category_tree
    above = parent or tree
    async with services.pool.acquire() as conn:
        children_of = await load_children(conn)
        ways = await services.categories.of(conn, [above] if above else [], anew=True)
    state.rests_on(info, ())
    way = () if above is None else ways.get(above)
    if way is None or (way and not is_in(way, tree)):
        return []
    return [category_of(each, children_of, context) for each in ways_below(way, children_of)]
