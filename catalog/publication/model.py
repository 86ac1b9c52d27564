"""Frozen values of publication: what it is made from, what it writes, what it answers."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from catalog.channels.model import Channel
from catalog.products.model import Attribute, Family, Label
from catalog.rights.model import Window

#: The document of a product, as the read side takes it.
Document: TypeAlias = Mapping[str, Any]
Outcome = Literal["published", "unchanged", "unpublished", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedWindow:
    """When a publication is to be visible.

    None keeps what is stored, or for a new publication takes what its model has, or else begins
    now and never ends. The year 9999 as the end takes a stored end away.
    """

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationResult:
    """What became of one product.

    Attributes:
        version: of the publication that is current now; None: there is none.
        code, message: why it was rejected, and what to do.
        below: of a model, what became of each sub-model and variant, by sku.
    """

    sku: str
    outcome: Outcome
    version: int | None = None
    code: str | None = None
    message: str | None = None
    below: tuple["PublicationResult", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSources:
    """What documents of one channel are made from, next to the products.

    Attributes:
        now: the database's clock.
        locales: of the channel, each with its fallback chain.
        markets: all markets, each with its parents, nearest first.
        terms: of the vocabularies of the attributes the labels of each term, in their order.
    """

    channel: Channel
    now: datetime
    locales: Mapping[str, tuple[str, ...]]
    markets: Mapping[str, tuple[str, ...]]
    families: Mapping[str, Family]
    attributes: Mapping[str, Attribute]
    terms: Mapping[str, Mapping[str, Label]] = field(default_factory=dict[str, Mapping[str, Label]])


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentPublication:
    """The newest publication of a product on a channel.

    Attributes:
        content_digest: of what it says; None: it is from before there were any, and its checksum
            is of the older kind (`rules.checksum_before`).
        is_live: it was not ended.
        first_published_at: of the oldest version.
        copy_of: the version whose document it published again; None: it is of the draft.
        ancestors: its models when it was published, by public id, nearest first.
    """

    product: uuid.UUID
    version: int
    checksum: str
    content_digest: str | None
    window: Window
    is_live: bool
    first_published_at: datetime
    ancestors: Mapping[uuid.UUID, str]
    copy_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What a document could have said when it was made from a draft.

    Attributes:
        attributes: that the family had.
        locales: that the channel showed, with those that they fall back to.
    """

    attributes: Sequence[str]
    locales: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A publication to write, or one that was written.

    Attributes:
        checksum: of the document as canonical JSON.
        content_digest: of what decides whether another says the same.
        copy_of: the version whose document it publishes again; None: it is of the draft.
        covered: None: nobody knows.
    """

    product: uuid.UUID
    public_id: str
    sku: str
    kind: str
    version: int
    ancestors: Mapping[uuid.UUID, str]
    document: Document
    checksum: str
    content_digest: str | None
    window: Window
    first_published_at: datetime
    copy_of: int | None = None
    covered: Covered | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPublication:
    """A version of a publication, live or ended, whose document is published again.

    Attributes:
        ancestors: its models when it was published, nearest first.
        copy_of: the version whose document it published again itself; None: it was of the draft.
        covered: None: nobody knows.
    """

    product: uuid.UUID
    version: int
    kind: str
    ancestors: tuple[uuid.UUID, ...]
    document: Document
    copy_of: int | None = None
    covered: Covered | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedPublication:
    """A publication that was taken back."""

    product: uuid.UUID
    public_id: str
    sku: str
    version: int
    ancestors: Mapping[uuid.UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How one product stands in lists, for one locale, set of markets and span of time.

    Attributes:
        markets: None: the same in all; the empty code stands for readers without a market.
        facets: `code=value`; of a model also those of what is visible below it.
        window: when it is true; the windows of a product's listings do not overlap.
    """

    publication: Publication
    locale: str
    markets: tuple[str, ...] | None
    sort_name: str
    facets: tuple[str, ...]
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantListing:
    """How a variant stands in lists, for the models that it is below."""

    locale: str
    markets: tuple[str, ...] | None
    facets: tuple[str, ...]
    window: Window
