"""Search over everything that whoever asks may read: a palette's list, and the way to each page."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Final

import strawberry

from api.documents.bounds import Bound
from api.documents.declared import PageSize, PageSizeError
from api.request.scene import Info, RequestState
from api.schema.descriptions import allowed, argument, field_with, graphql_enum, graphql_type
from api.schema.media import Asset, asset_of
from catalog.access.roles import Action
from catalog.db import Connection
from catalog.graph.media import find_assets
from catalog.graph.search import (
    ASSETS_LOOKED_AT,
    MOST_OF_A_KIND,
    Found,
    FoundKind,
    Match,
    ProductsSeen,
    find,
)

_PAGE: Final = PageSize(default=5)
#: Characters of what somebody looks for.
LONGEST_SEARCH: Final = 100
SEARCHED: Final = Bound(longest=LONGEST_SEARCH)


@graphql_enum
class SearchKind(Enum):
    """What can be found.

    Attributes:
        PRODUCT: By sku and by the words of its names.
        ASSET: By code, by the words of its file name and of its titles.
        LICENCE: By code, by the words of it and of the licensor's name.
        COLLECTION: By code, by the words of it and of the name.
        CATEGORY: By code, by the words of its labels; of the channel's tree.
        PRESET: By code.
        TASK: That waits, by its subject and by the words of its cause.
        PERSON: By the words of the name.
    """

    PRODUCT = FoundKind.PRODUCT
    ASSET = FoundKind.ASSET
    LICENCE = FoundKind.LICENCE
    COLLECTION = FoundKind.COLLECTION
    CATEGORY = FoundKind.CATEGORY
    PRESET = FoundKind.PRESET
    TASK = FoundKind.TASK
    PERSON = FoundKind.PERSON


#: What takes more than to be a reader.
_TAKES: Final[Mapping[FoundKind, Action]] = {
    FoundKind.LICENCE: Action.RIGHTS_READ,
    FoundKind.COLLECTION: Action.RIGHTS_READ,
    FoundKind.PRESET: Action.PRESETS_MANAGE,
    FoundKind.TASK: Action.TASKS_READ,
    FoundKind.PERSON: Action.PEOPLE_READ,
}


@graphql_enum
class SearchMatch(Enum):
    """How well something fits; the best first.

    Attributes:
        EXACT: It has this code.
        PREFIX: Its code begins so.
        WORD: Each word that was asked for begins a word of it.
    """

    EXACT = Match.EXACT
    PREFIX = Match.PREFIX
    WORD = Match.WORD


@graphql_type
class SearchHit:
    """Something that was found."""

    kind: SearchKind = strawberry.field(description="What it is.")
    id: strawberry.ID = strawberry.field(
        description="By which the query of its kind finds it; of collections and presets the code."
    )
    code: str = strawberry.field(
        description="Its natural key; of a task its subject, of a person the name."
    )
    label: str | None = strawberry.field(
        description="What people call it, in the context's locale or what it falls back to; of a "
        "task its cause. Null: nothing but its code."
    )
    match: SearchMatch = strawberry.field(description="How well it fits.")
    is_published: bool | None = strawberry.field(
        description="Whether a product is, in the context; null: it is no product."
    )
    asset: Asset | None = strawberry.field(
        description="The asset that it is, with its picture; null: it is none."
    )


@graphql_type
class SearchQueries:
    """Search."""

    @field_with(rows=_PAGE, weight=len(FoundKind))
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def search(
        self,
        info: Info,
        text: Annotated[str, argument("Codes, or beginnings of words.", SEARCHED)],
        first: Annotated[
            int | None,
            argument(f"At most so many of a kind; {_PAGE.default}, at most {MOST_OF_A_KIND}."),
        ] = None,
        kinds: Annotated[list[SearchKind] | None, argument("Only these; by default all.")] = None,
    ) -> list[SearchHit] | None:
        """Return what fits of all that may be read: exact codes, then beginnings, then words.

        Whoever may see products as they are kept finds those that are not published, too. What may
        not be read is not found, and is not told from what is not there.

        Raises:
            PageSizeError: more of a kind than there may be.
        """
        state = info.context
        context = (await state.minter_of(info)).context
        size = _PAGE.size(first)
        if size > MOST_OF_A_KIND:
            raise PageSizeError(f"`first` is 0 to {MOST_OF_A_KIND}, not {size}", field="first")
        named = list(FoundKind) if kinds is None else [each.value for each in kinds]
        async with state.services.pool.acquire() as conn:
            found = await find(
                conn,
                text,
                [each for each in FoundKind if each in named and _may_find(state, each)],
                context,
                size=size,
                assets=size if state.may_know_absences else ASSETS_LOOKED_AT,
                products=ProductsSeen(
                    published=state.products_within(context), kept=state.kept_within()
                ),
            )
            assets = await _assets(conn, info, found, size)
        return [
            _hit(each, assets.get(each.id))
            for each in found
            if each.kind is not FoundKind.ASSET or each.id in assets
        ]


def _may_find(state: RequestState, kind: FoundKind) -> bool:
    if kind is FoundKind.ASSET:
        return state.key is not None and state.may(Action.ASSETS_READ, state.place)
    return kind not in _TAKES or state.may(_TAKES[kind])


async def _assets(conn: Connection, info: Info, found: list[Found], size: int) -> dict[str, Asset]:
    """Return those of the assets that may be seen, as far as there is room."""
    ids = [each.id for each in found if each.kind is FoundKind.ASSET]
    scene = info.context.staged({})
    shown = [
        each
        for each in (await find_assets(conn, ids) if ids else ())
        if scene.media.is_shown(each) or info.context.may_know_absences
    ]
    return {each.public_id: asset_of(each, scene) for each in shown[:size]}


def _hit(found: Found, asset: Asset | None) -> SearchHit:
    return SearchHit(
        kind=SearchKind(found.kind),
        id=strawberry.ID(found.id),
        code=found.code,
        label=found.label,
        match=SearchMatch(found.match),
        is_published=found.is_published,
        asset=asset,
    )
