"""The rights dossier: may it be shown, why, until when, and which document says so."""

from datetime import datetime

import strawberry

from api.documents.declared import STORED
from api.request.scene import Scene
from api.schema.descriptions import graphql_type
from api.schema.media import Asset, asset_of
from api.schema.rights import AssetStatus, StatedTerm, Territory
from catalog.graph.media import LiveAsset
from catalog.rights import dossier
from catalog.rights.history import LicenceDocument, RecordedTerm
from catalog.rights.model import NEVER


@graphql_type
class RightsDocument:
    """The licence that says so."""

    licence: strawberry.ID = strawberry.field(description="Its id.")
    code: str = strawberry.field(description="Its natural key.")
    licensor: str = strawberry.field(description="Who licensed it.")
    document: str | None = strawberry.field(description="Of the contract, for people.")
    web_statement: str | None = strawberry.field(description="URL of the licence's text.")


@graphql_type
class RightsTerm(StatedTerm):
    """A grant or a restriction as it stands, or stood, on record."""

    through: str = strawberry.field(
        description="What it was stated for: `asset`, `licence` or `collection`."
    )
    recorded_at: datetime = strawberry.field(description="Since when it held for this asset.")
    ended_at: datetime | None = strawberry.field(description="When it was taken off the record.")
    document: RightsDocument | None = strawberry.field(description="The licence that says so.")
    note: str | None = strawberry.field(description="Why.")


@graphql_type
class RightsDossier:
    """An answer of the rights rule, and all that it rests on."""

    asset: Asset = strawberry.field(description="As it is now.")
    at: datetime = strawberry.field(description="The instant that was asked for.")
    recorded_at: datetime = strawberry.field(
        description="By whose record: that of `at`, for an instant to come that of today."
    )
    is_allowed: bool = strawberry.field(description="Whether it may be shown.")
    reason: str | None = strawberry.field(description="Why not, by its code.")
    explanation: str = strawberry.field(description="Why, or why not, in one sentence.")
    since: datetime | None = strawberry.field(
        description="When the answer became what it is; null: it always was."
    )
    until: datetime | None = strawberry.field(
        description="When it turns, as things stand; null: never."
    )
    status: AssetStatus | None = strawberry.field(description="Of the asset at that instant.")
    legal_demand: bool = strawberry.field(description="Whether an authority's order blocked it.")
    authority_url: str | None = strawberry.field(description="Who ordered it.")
    grants: list[RightsTerm] = strawberry.field(
        description="Those that allow it; of a denial those that come nearest.",
        metadata=STORED.metadata,
    )
    restrictions: list[RightsTerm] = strawberry.field(
        description="Those that forbid it.", metadata=STORED.metadata
    )


def dossier_of(opened: dossier.Dossier, asset: LiveAsset, scene: Scene) -> RightsDossier:
    """Make a `RightsDossier`."""
    state = opened.state
    return RightsDossier(
        asset=asset_of(asset, scene),
        at=opened.at,
        recorded_at=opened.recorded_at,
        is_allowed=opened.decision.is_allowed,
        reason=opened.decision.reason,
        explanation=opened.explanation,
        since=opened.since,
        until=opened.until,
        status=state and AssetStatus(state.status.value),
        legal_demand=state is not None and state.legal_demand,
        authority_url=state and state.authority_url,
        grants=[_term(each) for each in opened.grants],
        restrictions=[_term(each) for each in opened.restrictions],
    )


def _term(term: RecordedTerm) -> RightsTerm:
    return RightsTerm(
        territory=Territory(include=list(term.include), exclude=list(term.exclude)),
        channels=list(term.channels),
        usages=list(term.usages),
        valid_from=term.valid.start,
        valid_until=_end(term.valid.end),
        through=term.through,
        recorded_at=term.on_record.start,
        ended_at=_end(term.on_record.end),
        document=term.document and _document(term.document),
        note=term.note,
    )


def _end(instant: datetime) -> datetime | None:
    return None if instant == NEVER else instant


def _document(document: LicenceDocument) -> RightsDocument:
    return RightsDocument(
        licence=strawberry.ID(document.licence),
        code=document.code,
        licensor=document.licensor,
        document=document.document,
        web_statement=document.web_statement,
    )
