"""Rights as those see and state them who manage them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from api.documents.bounds import PROSE, TERMS
from api.documents.declared import STORED
from api.request.scene import Scene
from api.schema.descriptions import (
    argument,
    graphql_enum,
    graphql_input,
    graphql_type,
)
from catalog.access.roles import Action
from catalog.changes import Change
from catalog.errors import ForbiddenError
from catalog.graph.media import LiveAsset
from catalog.rights.holders import HolderKind
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import set_terms


@graphql_enum
class AssetStatus(Enum):
    """Where an asset stands in its approval.

    Attributes:
        DRAFT: Not approved yet, and not delivered.
        APPROVED: Delivered, as far as rights allow.
        WITHDRAWN: No longer delivered, until it is reinstated.
        QUARANTINED: Its file is not trusted, and not delivered.
    """

    DRAFT = "draft"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    QUARANTINED = "quarantined"


@graphql_type
class Territory:
    """Where something holds."""

    include: list[str] = strawberry.field(
        description="ISO 3166-1 codes, territory set codes, or `WORLD`.", metadata=TERMS.metadata
    )
    exclude: list[str] = strawberry.field(description="The same; taken away from `include`.")


@graphql_type
class StatedTerm:
    """Where, what for and when something is permitted or forbidden; these hold together."""

    territory: Territory = strawberry.field(description="Where.")
    channels: list[str] = strawberry.field(description="Channel codes; `*` is all.")
    usages: list[str] = strawberry.field(description="What for; `*` is all.")
    valid_from: datetime = strawberry.field(description="From this instant on.")
    valid_until: datetime | None = strawberry.field(description="Before this one; null: no end.")


@graphql_type
class Grant(StatedTerm):
    """What a licence permits. Its dimensions hold together, never across grants."""

    licence: strawberry.ID | None = strawberry.field(description="The licence that says so.")


@graphql_type
class Restriction(StatedTerm):
    """What forbids, whatever is granted."""

    note: str | None = strawberry.field(description="Why.")


@graphql_type
class AssetRights:
    """State and rights of an asset, those of its collections and licences included."""

    status: AssetStatus = strawberry.field(description="Where it stands in its approval.")
    legal_demand: bool = strawberry.field(description="Whether an authority's order blocks it.")
    authority_url: str | None = strawberry.field(description="Who ordered it.")
    epoch: int = strawberry.field(description="Rises with every change of rights, never falls.")
    grants: list[Grant] = strawberry.field(
        description="What is permitted.", metadata=STORED.metadata
    )
    restrictions: list[Restriction] = strawberry.field(
        description="What is forbidden.", metadata=STORED.metadata
    )


def rights_of(asset: LiveAsset, scene: Scene) -> AssetRights:
    """Make an `AssetRights`.

    Raises:
        ForbiddenError: the reader has no role that allows it.
    """
    if not scene.may_see_rights:
        raise ForbiddenError(f"this takes `{Action.RIGHTS_READ}`, which you have not, or not here")
    rights = asset.terms.rights
    return AssetRights(
        status=AssetStatus(rights.status.value),
        legal_demand=rights.legal_demand,
        authority_url=rights.authority_url,
        epoch=asset.epoch,
        grants=grants_of(asset.terms.grants),
        restrictions=restrictions_of(asset.terms.restrictions),
    )


def grants_of(stored: Sequence[Mapping[str, Any]]) -> list[Grant]:
    """Make `Grant`s of what a statement of the graph brought."""
    return [Grant(**_term(each), licence=_id(each["licence"])) for each in stored]


def restrictions_of(stored: Sequence[Mapping[str, Any]]) -> list[Restriction]:
    """Make `Restriction`s of what a statement of the graph brought."""
    return [Restriction(**_term(each), note=each["note"]) for each in stored]


def _term(stored: Mapping[str, Any]) -> dict[str, Any]:
    until = stored["until"]
    return {
        "territory": Territory(include=stored["include"], exclude=stored["exclude"]),
        "channels": stored["channels"],
        "usages": stored["usages"],
        "valid_from": datetime.fromisoformat(stored["from"]),
        "valid_until": None if until is None else datetime.fromisoformat(until),
    }


def _id(public_id: str | None) -> strawberry.ID | None:
    return None if public_id is None else strawberry.ID(public_id)


@graphql_input
class TerritoryInput:
    """Where something shall hold."""

    include: list[str] = strawberry.field(
        description="ISO 3166-1 codes, territory set codes, or `WORLD`.", metadata=TERMS.metadata
    )
    exclude: list[str] = strawberry.field(
        description="The same; taken away from `include`.",
        default_factory=list[str],
        metadata=TERMS.metadata,
    )


@graphql_input
class TermToSet:
    """Where, what for and when something shall be permitted or forbidden."""

    territory: TerritoryInput = strawberry.field(description="Where.")
    channels: list[str] = strawberry.field(description="Channel codes; `*` is all, [] is none.")
    usages: list[str] = strawberry.field(description="What for; `*` is all, [] is none.")
    valid_from: datetime = strawberry.field(description="From this instant on.")
    valid_until: datetime | None = strawberry.field(
        description="Before this one; null: no end.", default=None
    )


@graphql_input
class GrantInput(TermToSet):
    """What a licence shall permit."""

    licence: strawberry.ID | None = strawberry.field(
        description="The licence that says so, by id or code.", default=None
    )


@graphql_input
class RestrictionInput(TermToSet):
    """What shall be forbidden."""

    note: str | None = strawberry.field(description="Why.", default=None, metadata=PROSE.metadata)


GrantInputs = Annotated[list[GrantInput], argument("The full new set.", TERMS)]
RestrictionInputs = Annotated[list[RestrictionInput], argument("The full new set.", TERMS)]


def to_set(
    holder: HolderKind,
    key: str,
    terms: TermKind,
    inputs: Sequence[GrantInput] | Sequence[RestrictionInput],
    expected_revision: int | None = None,
) -> Callable[[Change], Awaitable[object]]:
    """Make the command that sets the grants, or the restrictions, of a holder: the full new set."""
    wanted = term_inputs(inputs)
    return lambda change: set_terms(
        change, holder, key, terms, wanted, expected_revision=expected_revision
    )


def term_inputs(
    inputs: Sequence[GrantInput] | Sequence[RestrictionInput],
) -> list[TermInput]:
    """Read terms as the graph takes them."""
    return [_term_input(each) for each in inputs]


def _term_input(stated: GrantInput | RestrictionInput) -> TermInput:
    return TermInput(
        include=tuple(stated.territory.include),
        exclude=tuple(stated.territory.exclude),
        channels=tuple(stated.channels),
        usages=tuple(stated.usages),
        valid_from=stated.valid_from,
        valid_until=stated.valid_until,
        licence=stated.licence if isinstance(stated, GrantInput) else None,
        note=stated.note if isinstance(stated, RestrictionInput) else None,
    )
