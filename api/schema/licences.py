"""Licences as those see them who manage rights: terms, papers, and how much rests on them."""

from typing import Annotated

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_field, graphql_type
from api.schema.holders import list_page
from api.schema.nodes import PageInfo
from api.schema.rights import Grant, Restriction, grants_of, restrictions_of
from catalog.access.roles import Action
from catalog.graph import holders as graph


@graphql_type
class Licence:
    """What was agreed with a licensor; assets rest on it."""

    id: strawberry.ID = strawberry.field(description="Opaque, short, never given to another.")
    code: str = strawberry.field(description="Its natural key, as imports name it.")
    licensor: str = strawberry.field(description="Who gave it.")
    document: str | None = strawberry.field(description="The contract, for people.")
    time_zone: str = strawberry.field(description="IANA name: where the dates of its terms hold.")
    credit: str | None = strawberry.field(description="The line that its pictures carry.")
    web_statement: str | None = strawberry.field(description="URL of its text.")
    licensor_url: str | None = strawberry.field(description="Where a licence can be had.")
    revision: int = strawberry.field(description="Rises with every change of it or its terms.")
    grants: list[Grant] = strawberry.field(description="What it permits.", metadata=STORED.metadata)
    restrictions: list[Restriction] = strawberry.field(
        description="What it forbids.", metadata=STORED.metadata
    )
    asset_count: int = strawberry.field(
        description="How many assets belong to it, or name it as the document of a grant."
    )


@graphql_type
class LicenceEdge:
    """One of a page."""

    node: Licence = strawberry.field(description="The licence.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class LicenceConnection:
    """A page of licences, by code."""

    edges: list[LicenceEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[Licence] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class LicenceQueries:
    """Reads of licences."""

    @graphql_field
    @allowed(Action.RIGHTS_READ)
    async def licence(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Its id, or its code.")],  # noqa: A002 - the argument's name
    ) -> Licence | None:
        """Return a licence with its terms."""
        async with info.context.services.pool.acquire() as conn:
            found = await graph.find_holder(conn, graph.Licence, id)
        return None if found is None else licence_of(found)

    @field_with(rows=PAGE)
    @allowed(Action.RIGHTS_READ)
    async def licences(
        self,
        info: Info,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> LicenceConnection | None:
        """Return a page of licences by code."""
        edges, page = await list_page(
            info,
            graph.Licence,
            lambda each, cursor: LicenceEdge(node=licence_of(each), cursor=cursor),
            first=first,
            after=after,
        )
        return LicenceConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=page)


def licence_of(licence: graph.Licence) -> Licence:
    """Make a `Licence`."""
    return Licence(
        id=strawberry.ID(licence.public_id),
        code=licence.code,
        licensor=licence.licensor,
        document=licence.document,
        time_zone=licence.time_zone,
        credit=licence.credit,
        web_statement=licence.web_statement,
        licensor_url=licence.licensor_url,
        revision=licence.revision,
        grants=grants_of(licence.grants),
        restrictions=restrictions_of(licence.restrictions),
        asset_count=licence.asset_count,
    )
