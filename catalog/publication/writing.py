"""Writing publications and how they stand in lists, and the events that tell of it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from catalog.channels.rules import fallback_chain
from catalog.channels.store import find_channels, find_scopes
from catalog.db import Connection
from catalog.errors import NotFoundError
from catalog.events.model import Event
from catalog.events.store import database_now
from catalog.products.model import Product
from catalog.products.structure_store import find_attributes, find_families
from catalog.publication import store
from catalog.publication.listing import listings_of
from catalog.publication.model import (
    ChannelSources,
    CurrentPublication,
    EndedPublication,
    Publication,
)
from catalog.subjects import publication_subject
from catalog.vocabularies.store import find_labels


async def load_sources(
    conn: Connection, channel: str, products: Iterable[Product]
) -> ChannelSources:
    """Return what documents of a channel are made from, as far as these products need it.

    Raises:
        NotFoundError: there is no such channel.
    """
    channels = await find_channels(conn)
    if channel not in channels:
        raise NotFoundError(f"there is no channel {channel!r}", field="channel")
    scopes = await find_scopes(conn)
    families = await find_families(conn, list({each.family for each in products}))
    codes = {code for family in families.values() for code in family.attributes}
    attributes = await find_attributes(conn, list(codes))
    vocabularies = {str(each.validation.get("vocabulary", "")) for each in attributes.values()}
    return ChannelSources(
        channel=channels[channel],
        now=await database_now(conn),
        locales={code: fallback_chain(code, scopes.locales) for code in channels[channel].locales},
        markets={code: fallback_chain(code, scopes.markets) for code in sorted(scopes.markets)},
        families=families,
        attributes=attributes,
        terms=await find_labels(conn, vocabularies),
    )


async def write(
    conn: Connection, publications: Sequence[Publication], sources: ChannelSources, actor: uuid.UUID
) -> None:
    """Write publications and their listings, in the place of those that are live.

    Args:
        conn: in a transaction, with the products locked (`store.lock_tree`).
        publications: new versions.
        sources: of their channel.
        actor: who publishes them.
    """
    await store.put(conn, publications, sources.channel.code, actor)
    await list_publications(conn, publications, models_above(publications), sources)


async def list_publications(
    conn: Connection,
    written: Sequence[Publication],
    models: set[uuid.UUID],
    sources: ChannelSources,
) -> None:
    """Write anew how products stand in lists.

    Args:
        conn: in a transaction.
        written: what was published.
        models: above what was published or taken back; they are listed by what is below them.
        sources: of the channel.
    """
    channel = sources.channel.code
    others = models - {each.product for each in written}
    live = await store.find_live(conn, others, channel) if others else []
    publications = [*written, *live]
    await store.lock_categories(conn)
    await store.delete_listings(conn, [each.product for each in publications], channel)
    sold = [each for each in publications if each.kind != "MODEL"]
    listings = [listing for each in sold for listing in listings_of(each, sources)]
    await store.put_listings(conn, listings, channel)
    gathering = [each for each in publications if each.kind == "MODEL"]
    below = await store.find_below(conn, [each.product for each in gathering], channel)
    listings = [
        listing for each in gathering for listing in listings_of(each, sources, below[each.product])
    ]
    await store.put_listings(conn, listings, channel)


def models_above(products: Iterable[Publication | EndedPublication]) -> set[uuid.UUID]:
    """Return the models of what was published or taken back: they are listed by it."""
    return {model for each in products for model in each.ancestors}


def published_events(
    written: Iterable[Publication], current: Mapping[uuid.UUID, CurrentPublication], channel: str
) -> list[Event]:
    """Tell what was published, and what stopped being live below models that it has left."""
    events: list[Event] = []
    for each in written:
        before = current.get(each.product)
        if before is not None and before.is_live and before.ancestors != each.ancestors:
            # its old models may have stopped being live: what edges hold for them has to go
            events.append(unpublished_event(_as_ended(before, each), channel))
        published = _event("publication.published", each, channel)
        copied = {} if each.copy_of is None else {"copy_of": each.copy_of}
        events.append(replace(published, data={**published.data, **copied}))
    return events


def unpublished_event(ended: EndedPublication, channel: str) -> Event:
    """Tell that a publication was taken back."""
    return _event("publication.unpublished", ended, channel)


def _as_ended(before: CurrentPublication, publication: Publication) -> EndedPublication:
    return EndedPublication(
        product=publication.product,
        public_id=publication.public_id,
        sku=publication.sku,
        version=before.version,
        ancestors=before.ancestors,
    )


def _event(type_: str, of: Publication | EndedPublication, channel: str) -> Event:
    """Name the product and every model above it, whose pictures it may be live with."""
    owners = (of.public_id, *of.ancestors.values())
    return Event(
        type=type_,
        subject=f"product/{of.sku}",
        version=of.version,
        subjects=tuple(publication_subject(owner, channel) for owner in owners),
        data={"id": of.public_id, "sku": of.sku, "channel": channel, "version": of.version},
    )
