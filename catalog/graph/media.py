"""Live media: what hangs on products now, in one statement for all products of a page."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from sys import intern
from typing import Any, Final
from weakref import WeakValueDictionary

import orjson

from catalog.db import Connection, Record
from catalog.delivery.model import FocalPoint, RightsRecord
from catalog.graph.context import ReadContext
from catalog.memory.memo import Memo
from catalog.rights.model import Decision, Rights
from catalog.rights.store import rights_of
from catalog.subjects import Subject, asset_texts_subject, product_subject

#: Of memory, about.
_HOLDER_BYTES: Final = 1_000
_ASSOCIATION_BYTES: Final = 300
_ASSET_BYTES: Final = 2_000
_TEXT_BYTES: Final = 170
_SHOWN_BYTES: Final = 1_500
_DECISION_BYTES: Final = 200
_LINKS_BYTES: Final = 600
_LINK_BYTES: Final = 150
_SUBJECT_BYTES: Final = 200
#: Of what is written of terms, how many times it takes.
_TERMS_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class AssetTerms:
    """What rights say of an asset: one object for all assets of which they say the same.

    Attributes:
        grants, restrictions: as the view `live_asset` has them, for those who manage rights.
    """

    record: RightsRecord
    rights: Rights
    grants: Sequence[Mapping[str, Any]]
    restrictions: Sequence[Mapping[str, Any]]


#: As they are written, for as long as an asset has them.
_TERMS: Final[WeakValueDictionary[bytes, AssetTerms]] = WeakValueDictionary()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveAsset:
    """An asset as it is now.

    Attributes:
        version: of its bytes; None: it has none yet, and with it width, height and hash.
        texts: values `title`, `alt`, `caption` and others, as (locale, data) by key.
        terms: that it shares with others.
        rests_on: what an event has to name for this to be out of date, but for its texts.
        stored_bytes: that it takes, about, before anything is worked out of it.
        decisions, tokens, srcsets: what was worked out of it, small and many or large and few.
    """

    id: uuid.UUID
    public_id: str
    code: str
    kind: str
    slug: str
    focal: FocalPoint | None
    revision: int
    epoch: int
    version: int | None
    bytes: int | None
    width_px: int | None
    height_px: int | None
    mime: str | None
    storage_key: str | None
    thumbhash: str | None
    dominant_rgb: str | None
    placeholder: str | None
    terms: AssetTerms
    texts: Mapping[str, Sequence[tuple[str | None, Any]]]
    rests_on: Sequence[Subject]
    stored_bytes: int = 0
    decisions: Memo[tuple[datetime, Decision]] = field(
        default_factory=lambda: Memo(16, lambda _: _DECISION_BYTES)
    )
    tokens: Memo[Any] = field(default_factory=lambda: Memo(64, attrgetter("weight")))
    srcsets: Memo[Sequence[tuple[str, str]]] = field(
        default_factory=lambda: Memo(4, _weight_of_srcsets)
    )

    @property
    def weight(self) -> int:
        """Return the bytes that it takes with all that was worked out of it, about.

        No less than it takes once it was shown in one context.
        """
        worked_out = self.decisions.weight + self.tokens.weight + self.srcsets.weight
        return self.stored_bytes + max(worked_out, _SHOWN_BYTES)

    def is_same(self, other: "LiveAsset") -> bool:
        """Return whether another that was read says the same."""
        return all(getattr(self, name) == getattr(other, name) for name in _STORED)

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Return what an event has to name for this to be out of date, its texts included."""
        return (*self.rests_on, asset_texts_subject(self.public_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A media association that applies in a context.

    Attributes:
        owner: the product that holds it.
        specificity: how closely its scope meets the context; 0: it is for all.
    """

    id: str
    owner: uuid.UUID
    owner_public_id: str
    owner_sku: str
    role: str
    position: int
    specificity: int
    asset: LiveAsset


def _weight_of_srcsets(written: Sequence[tuple[str, str]]) -> int:
    return sum(200 + len(srcset) for _, srcset in written)


class Links(dict[str, list[Link]]):
    """What hangs on a product in a context: by role, in the order in which it is shown."""

    __slots__ = ("__weakref__",)

    @property
    def weight(self) -> int:
        """Return the bytes that it takes, about."""
        return _LINKS_BYTES + _LINK_BYTES * sum(map(len, self.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedAssociation:
    """An approved media association, wherever it applies; None: everywhere."""

    id: str
    role: str
    position: int
    channel: str | None
    market: str | None
    locale: str | None
    asset: LiveAsset

    def is_same(self, other: "ApprovedAssociation | None") -> bool:
        """Return whether another that was read says the same."""
        if other is None or replace(self, asset=other.asset) != other:
            return False
        return self.asset.is_same(other.asset)

    def specificity(self, context: ReadContext) -> int | None:
        """Return how closely its scope meets the context; None: it does not apply there."""
        if self.channel is not None and self.channel != context.channel.code:
            return None
        market, locale = (
            _nearness(self.market, context.markets),
            _nearness(self.locale, context.locales),
        )
        if market is None or locale is None:
            return None
        return (self.channel is not None) + 2 * market + locale


def _nearness(code: str | None, chain: Sequence[str]) -> int | None:
    """Return 0 for what is for all, and more the nearer a code stands; None: it is elsewhere."""
    if code is None:
        return 0
    return len(chain) - chain.index(code) if code in chain else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Holder:
    """A product with the media that hang on it, everywhere and whatever their rights."""

    id: uuid.UUID
    public_id: str
    sku: str
    associations: tuple[ApprovedAssociation, ...]
    _links: Memo[Links] = field(default_factory=lambda: Memo(16, attrgetter("weight")))
    _rests_on: Memo[frozenset[Subject]] = field(
        default_factory=lambda: Memo(8, lambda each: _SUBJECT_BYTES * len(each))
    )

    @property
    def weight(self) -> int:
        """Return the bytes that it takes with its assets and all that was worked out of it, about.

        An asset that several products show weighs with each of them: with each it may be all that
        is left.
        """
        assets = sum(each.asset.weight for each in self.associations)
        worked_out = self._links.weight + self._rests_on.weight
        return _HOLDER_BYTES + _ASSOCIATION_BYTES * len(self.associations) + assets + worked_out

    def is_same(self, other: "Holder") -> bool:
        """Return whether another that was read says the same, its media in whatever order."""
        if (self.sku, len(self.associations)) != (other.sku, len(other.associations)):
            return False
        others = {each.id: each for each in other.associations}
        return all(each.is_same(others.get(each.id)) for each in self.associations)

    def rests_on(self, roles: Collection[str] | None = None) -> frozenset[Subject]:
        """Return what an event has to name for this to be out of date, found out once.

        Args:
            roles: nothing else of it is shown; None: everything may be.
        """
        subjects = self._rests_on.get(roles)
        if subjects is None:
            shown = [each for each in self.associations if roles is None or each.role in roles]
            of_assets = (subject for each in shown for subject in each.asset.subjects)
            subjects = self._rests_on[roles] = frozenset({
                product_subject(self.public_id),
                *of_assets,
            })
        return subjects

    def links(self, context: ReadContext) -> Links:
        """Return the media that hang on it in the context, by role."""
        place = context.channel.code, context.markets, context.locales
        links = self._links.get(place)
        if links is None:
            links = self._links[place] = self._linked(context)
        return links

    def _linked(self, context: ReadContext) -> Links:
        links = Links()
        for each in self.associations:
            specificity = each.specificity(context)
            if specificity is not None:
                link = Link(
                    id=each.id,
                    owner=self.id,
                    owner_public_id=self.public_id,
                    owner_sku=self.sku,
                    role=each.role,
                    position=each.position,
                    specificity=specificity,
                    asset=each.asset,
                )
                links.setdefault(each.role, []).append(link)
        for held in links.values():
            held.sort(key=lambda link: (link.position, -link.specificity, link.id))
        return links


LOAD_MEDIA_SQL = """
WITH link AS (
    SELECT asset, jsonb_agg(jsonb_build_array(
               product, public_id, role, position, channel, market, locale)) AS links
    FROM media_association
    WHERE product = ANY ($1) AND status = 'approved'
    GROUP BY asset
)
SELECT a.*, (
    SELECT jsonb_agg(jsonb_build_array(v.key, v.locale, v.data))
    FROM asset_value AS v WHERE v.asset = a.id
) AS texts, link.links,
CASE WHEN row_number() OVER () = 1 THEN (
    SELECT jsonb_agg(jsonb_build_array(id, public_id, sku)) FROM product WHERE id = ANY ($1)
) END AS owners
FROM (SELECT 1) AS always LEFT JOIN (link JOIN live_asset AS a ON a.id = link.asset) ON true
"""


async def load_media(conn: Connection, owners: Iterable[uuid.UUID]) -> list[Holder]:
    """Return products and models with all the media that hang on them.

    Args:
        conn: to the primary: rights may have changed a moment ago.
        owners: products and their models.
    """
    rows = await conn.fetch(LOAD_MEDIA_SQL, list(owners))
    associations: dict[str, list[ApprovedAssociation]] = {}
    for row in rows:
        if row["links"] is None:
            continue
        asset = asset_of(row)
        for owner, public_id, role, position, channel, market, locale in row["links"]:
            associations.setdefault(owner, []).append(
                ApprovedAssociation(
                    id=public_id,
                    role=role,
                    position=position,
                    channel=channel,
                    market=market,
                    locale=locale,
                    asset=asset,
                )
            )
    return [
        Holder(
            id=uuid.UUID(owner),
            public_id=public_id,
            sku=sku,
            associations=tuple(associations.get(owner, ())),
        )
        for owner, public_id, sku in rows[0]["owners"] or ()
    ]


FIND_ASSETS_SQL = """
SELECT a.*, (
    SELECT jsonb_agg(jsonb_build_array(v.key, v.locale, v.data))
    FROM asset_value AS v WHERE v.asset = a.id
) AS texts FROM live_asset AS a WHERE a.public_id = ANY ($1)
"""


async def find_assets(conn: Connection, ids: Sequence[str]) -> list[LiveAsset]:
    """Return assets by their public ids, whatever their rights, in the order of the ids."""
    found = {row["public_id"]: asset_of(row) for row in await conn.fetch(FIND_ASSETS_SQL, ids)}
    return [found[each] for each in ids if each in found]


def asset_of(row: Record) -> LiveAsset:
    """Read a row of the view `live_asset` with its `texts`."""
    texts: dict[str, list[tuple[str | None, Any]]] = {}
    text_bytes = 0
    for key, locale, data in row["texts"] or ():
        texts.setdefault(intern(key), []).append((locale and intern(locale), data))
        text_bytes += _TEXT_BYTES + 2 * len(str(data))
    has_focal = row["focal_x"] is not None
    terms, terms_bytes = _terms_of(row)
    return LiveAsset(
        **{name: row[name] for name in _SAME},
        focal=FocalPoint(x=row["focal_x"], y=row["focal_y"]) if has_focal else None,
        terms=terms,
        texts=texts,
        rests_on=tuple(Subject(intern(each)) for each in row["rests_on"]),
        stored_bytes=_ASSET_BYTES + len(row["placeholder"] or "") + text_bytes + terms_bytes,
    )


def _terms_of(row: Record) -> tuple[AssetTerms, int]:
    """Return the terms of a row, and what they add in memory: nothing where others have them."""
    written = orjson.dumps([row[name] for name in _OF_TERMS])
    terms = _TERMS.get(written)
    if terms is not None:
        return terms, 0
    terms = _TERMS[written] = AssetTerms(
        record=RightsRecord(**{name: row[name] for name in RightsRecord.__slots__}),
        rights=rights_of(row),
        grants=row["grants"],
        restrictions=row["restrictions"],
    )
    return terms, _TERMS_BYTES * len(written)


_OF_TERMS = (
    *RightsRecord.__slots__,
    *("status", "legal_demand", "authority_url", "grants", "restrictions"),
)
_SAME = (
    *("id", "public_id", "code", "kind", "slug", "revision", "epoch", "version", "bytes"),
    *("width_px", "height_px", "mime", "storage_key", "thumbhash", "dominant_rgb", "placeholder"),
)
_STORED = (*_SAME, "focal", "terms", "texts", "rests_on")
