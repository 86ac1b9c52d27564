"""What is to be translated: what a locale lacks, and what changed since it was translated."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, FieldDeclaration, Needs
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_enum, graphql_type
from api.schema.nodes import PageInfo, page_info
from catalog.access.roles import Action
from catalog.errors import InvalidInputError
from catalog.graph import translation_gaps as gaps
from catalog.graph.cursors import InvalidCursorError, read_cursor, write_cursor
from catalog.graph.reference import Reference

_LIST = "TRANSLATION_GAPS"


@graphql_enum
class TranslationState(Enum):
    """What is wrong with a translation.

    Attributes:
        MISSING: There is none.
        OUTDATED: The source was changed after it.
    """

    MISSING = gaps.GapState.MISSING
    OUTDATED = gaps.GapState.OUTDATED


@graphql_type
class TranslationGap:
    """A text that a locale lacks, or that changed since it was translated."""

    sku: str = strawberry.field(description="Of the product that has the text itself.")
    family: str = strawberry.field(description="Of the product.")
    attribute: str = strawberry.field(description="Its code.")
    market: str | None = strawberry.field(description="That the text is for; null: for all.")
    channel: str | None = strawberry.field(description="That the text is for; null: for all.")
    state: TranslationState = strawberry.field(description="What is wrong.")
    source_locale: str = strawberry.field(description="That it is translated from.")
    source: JSON = strawberry.field(description="The text there.")
    source_changed_at: datetime = strawberry.field(description="When that was changed last.")
    target: JSON | None = strawberry.field(description="The old translation; null: none.")
    target_changed_at: datetime | None = strawberry.field(description="When that was changed last.")


@graphql_type
class TranslationGapEdge:
    """A gap on a page."""

    node: TranslationGap = strawberry.field(description="The gap.")
    cursor: str = strawberry.field(description="For `after`.")


@graphql_type
class TranslationGapConnection:
    """A page of what is to be translated."""

    edges: list[TranslationGapEdge] = strawberry.field(
        description="The items of this page, each with its cursor."
    )
    nodes: list[TranslationGap] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="What lies around the page.")
    total_count: int | None = strawberry.field(
        description="How many there are.",
        metadata=FieldDeclaration(needs=Needs(total=True)).metadata,
    )


@graphql_type
class TranslationQueries:
    """Reads of what is to be translated."""

    @field_with(rows=PAGE)
    @allowed(Action.PRODUCTS_READ, Action.CONTENT_READ, asks_itself=True)
    async def translation_gaps(  # noqa: PLR0913, PLR0917 - the filters, and those of a connection
        self,
        info: Info,
        locale: Annotated[str, argument("That is looked at.")],
        source: Annotated[
            str | None, argument("That it is translated from; by default what it falls back to.")
        ] = None,
        state: Annotated[TranslationState | None, argument("By default both.")] = None,
        family: Annotated[list[str] | None, argument("Only of one of these.")] = None,
        attribute: Annotated[list[str] | None, argument("Only one of these.")] = None,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> TranslationGapConnection | None:
        """Return what a locale lacks, and what changed in the source since, product by product.

        A role that is narrowed sees what lies within, and of it no text of a channel not its own.
        """
        state_of = info.context
        state_of.require(Action.PRODUCTS_READ, None)
        size = PAGE.size(first)
        wanted = gaps.GapFilter(
            locale=locale,
            source=_source_of(await state_of.reference(), locale, source),
            state=None if state is None else state.value,
            families=family,
            attributes=attribute,
            within=state_of.kept_within(),
        )
        behind = None if after is None else _place_of(after)
        async with state_of.services.pool.acquire() as conn:
            found = await gaps.list_gaps(conn, wanted, after=behind, size=size + 1)
            total = await gaps.count_gaps(conn, wanted) if state_of.needs(info).total else None
        return _page(found, wanted.source, size, total, has_previous=after is not None)


def _source_of(reference: Reference, locale: str, source: str | None) -> str:
    """Return what a locale is translated from.

    Raises:
        InvalidInputError: there is no such locale, or nothing that it falls back to.
    """
    for field, code in (("locale", locale), ("source", source)):
        if code is not None and code not in reference.locales:
            raise InvalidInputError(f"there is no locale {code!r}", field=field)
    fallback = source or reference.locales[locale].fallback
    if fallback is None or fallback == locale:
        raise InvalidInputError(
            f"{locale!r} falls back to no other locale: name one as `source`", field="source"
        )
    return fallback


def _place_of(cursor: str) -> gaps.GapPlace:
    owner, attribute, market, channel = read_cursor(_LIST, cursor, count=4, field="after")
    try:
        return gaps.GapPlace(uuid.UUID(hex=owner), attribute, market, channel)
    except ValueError as error:
        raise InvalidCursorError(field="after") from error


def _page(
    found: Sequence[gaps.TranslationGap],
    source: str,
    size: int,
    total: int | None,
    *,
    has_previous: bool,
) -> TranslationGapConnection:
    edges: list[TranslationGapEdge] = []
    for each in found[:size]:
        owner, *keys = each.place
        cursor = write_cursor(_LIST, owner.hex, *keys)
        edges.append(TranslationGapEdge(node=_gap(each, source), cursor=cursor))
    return TranslationGapConnection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=page_info(edges, has_next=len(found) > size, has_previous=has_previous),
        total_count=total,
    )


def _gap(gap: gaps.TranslationGap, source: str) -> TranslationGap:
    return TranslationGap(
        sku=gap.sku,
        family=gap.family,
        attribute=gap.attribute,
        market=gap.market,
        channel=gap.channel,
        state=TranslationState(gap.state),
        source_locale=source,
        source=gap.source,
        source_changed_at=gap.source_changed_at,
        target=gap.target,
        target_changed_at=gap.target_changed_at,
    )
