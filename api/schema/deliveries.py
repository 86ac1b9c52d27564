"""After the fact: what was delivered of an asset, where, what was refused, and who changed what."""

from collections.abc import Sequence
from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from api.documents.declared import STORED
from api.schema.descriptions import graphql_type
from api.schema.media import Asset
from catalog.graph import deliveries


@graphql_type
class Deliveries:
    """Deliveries that are alike, by the minute; after 7 days by the hour, after 90 by the day."""

    country: str = strawberry.field(description="Of the viewers; `ZZ`: unknown.")
    channel: str = strawberry.field(description="Code of the channel.")
    preset: str = strawberry.field(description="Code of the preset.")
    how: str = strawberry.field(
        description="`direct` to a browser or a cache that does not ask; `leave` the decision that "
        "an authorising edge may deliver what it holds, one for all that it delivers while it "
        "keeps it; `fill` bytes for such an edge, which asks before it delivers; `staff` to a "
        "person of ours."
    )
    requests: int = strawberry.field(
        description="How many answers of gateways. What an edge hands out without asking again is "
        "in its own log."
    )
    bytes: float = strawberry.field(
        description="Of the images that gateways sent, all together; edges send theirs themselves."
    )
    first: datetime = strawberry.field(description="When the first were counted.")
    last: datetime = strawberry.field(description="When the last were counted.")


@graphql_type
class Denials:
    """Refusals that are alike, counted as deliveries are."""

    country: str = strawberry.field(description="Of the viewers; `ZZ`: unknown.")
    channel: str = strawberry.field(description="Code of the channel.")
    reason: str = strawberry.field(description="The true reason, which the viewer may not know.")
    count: int = strawberry.field(description="How many.")
    first: datetime = strawberry.field(description="When the first were counted.")
    last: datetime = strawberry.field(description="When the last were counted.")


@graphql_type
class RightsFact:
    """A change of the asset, or of a licence, collection or territory set that it rests on."""

    type: str = strawberry.field(description="In the past tense, such as `asset.withdrawn`.")
    subject: str = strawberry.field(description="What changed, such as `asset/7f3k2cq9`.")
    actor: str = strawberry.field(description="Who did it: the name of a person or a service.")
    at: datetime = strawberry.field(description="When.")
    data: JSON = strawberry.field(description="What the event says: ids, epochs, reasons.")


@graphql_type
class DeliveryRecord:
    """What was delivered of an asset, where, and what was refused, between two instants."""

    asset: Asset = strawberry.field(description="As it is now.")
    since: datetime = strawberry.field(description="From the minute of this instant on.")
    until: datetime = strawberry.field(description="Before this one.")
    delivered: list[Deliveries] = strawberry.field(
        description="Deliveries, most requests first.", metadata=STORED.metadata
    )
    denied: list[Denials] = strawberry.field(
        description="Refusals, most frequent first.", metadata=STORED.metadata
    )
    facts: list[RightsFact] = strawberry.field(
        description="The audit trail of its rights, the newest first; at most 500.",
        metadata=STORED.metadata,
    )


def delivery_record(
    asset: Asset,
    since: datetime,
    until: datetime,
    found: tuple[
        Sequence[deliveries.DeliveryCount],
        Sequence[deliveries.DenialCount],
        Sequence[deliveries.Fact],
    ],
) -> DeliveryRecord:
    """Make a `DeliveryRecord`."""
    delivered, denied, facts = found
    names = deliveries.DeliveryCount.__slots__
    return DeliveryRecord(
        asset=asset,
        since=since,
        until=until,
        delivered=[Deliveries(**{n: getattr(each, n) for n in names}) for each in delivered],
        denied=[
            Denials(**{n: getattr(each, n) for n in deliveries.DenialCount.__slots__})
            for each in denied
        ],
        facts=[
            RightsFact(
                type=each.type,
                subject=each.subject,
                actor=each.actor,
                at=each.time,
                data=JSON(each.data),
            )
            for each in facts
        ],
    )
