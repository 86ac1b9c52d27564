"""Frozen values of media: what an import states of an asset, and what ingest made of its file."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from catalog.errors import InvalidInputError
from catalog.members import Stated
from catalog.rights.model import Status
from catalog.rights.terms import HolderRecord

AssetKind = Literal["image", "video", "document"]

#: A status that an import may give; quarantine is ingest's own.
AssetStatus = Literal["draft", "approved", "withdrawn"]

#: A text for every locale, or one for all; None, or an empty text, takes away.
LocalizedText: TypeAlias = str | Mapping[str, str | None] | None


class PriceInAssetError(InvalidInputError):
    """A price or a cost has no place in the metadata of an asset."""

    code = "PRICE_IN_ASSET"


class BrokenFileError(InvalidInputError):
    """The file is missing, unreadable, or no media that may be taken in."""

    code = "BROKEN_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalDemand:
    """An authority's order that blocks delivery."""

    authority_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FocalPointRecord:
    """The point that a crop keeps: fractions of width and height from the top left, 0 to 1."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRecord(HolderRecord):
    """An upsert of one asset by its code; None keeps what is stored.

    Attributes:
        file: path of the bytes; what it holds is handed to `put_assets` as `IngestedFile`.
        status: `draft` for a new asset that names none.
        revoke_approval: with the status `draft`: what a person approved is a draft again, too; what
            is withdrawn becomes one when it is reinstated.
        legal_demand: blocks; an import never lifts one.
        focal_point: an empty text clears it.
        values: `title`, `alt`, `caption`, `credit`, and others; those not named stay.
        replace_values: `values` are the whole set instead.
        licences, collections: codes.
    """

    code: str
    file: str | None = None
    kind: AssetKind | None = None
    status: AssetStatus | None = None
    revoke_approval: bool = False
    legal_demand: LegalDemand | None = None
    focal_point: FocalPointRecord | Literal[""] | None = None
    values: Mapping[str, LocalizedText] | None = None
    replace_values: bool = False
    licences: Stated[str] = None
    collections: Stated[str] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestedFile:
    """A file that was decoded whole and stored: what a version of an asset is made of.

    Attributes:
        sha256: of the original bytes, lower-case hex.
        storage_key: of the original in the object store.
        master_key: of the raster that renditions are made from; may be the original's.
        thumbhash: base64.
        has_alpha: some pixel may be transparent.
        dominant_rgb: `#rrggbb`.
        placeholder: a tiny picture, as a data URI.
        notice: of copyright, that the file itself carries; empty: none; None: nobody has looked.
    """

    sha256: str
    bytes: int
    width_px: int
    height_px: int
    mime: str
    has_alpha: bool = False
    storage_key: str
    master_key: str
    thumbhash: str | None = None
    dominant_rgb: str | None = None
    placeholder: str | None = None
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAsset:
    """An asset as it is stored, with everything that a record may change but its terms.

    Attributes:
        is_approved_by_hand: a person approved it; no import makes it a draft without a word.
        values: `{(key, locale): text}`.
        licences, collections: codes.
    """

    id: uuid.UUID
    public_id: str
    code: str
    kind: str
    slug: str
    focal: tuple[float, float] | None
    version: int
    sha256: str | None
    epoch: int
    revision: int
    status: Status
    legal_demand: bool
    authority_url: str | None
    is_approved_by_hand: bool
    values: Mapping[tuple[str, str | None], object]
    licences: frozenset[str]
    collections: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetReferences:
    """What assets may name, and the locale whose title makes the slug.

    Attributes:
        licences, collections: ids by code.
    """

    locales: frozenset[str]
    default_locale: str | None
    licences: Mapping[str, uuid.UUID]
    collections: Mapping[str, uuid.UUID]


class Ingest(Protocol):
    """Takes a file in: decodes it whole, stores original and master. The same bytes: once."""

    async def __call__(self, path: Path, /) -> IngestedFile:
        """Return what was stored.

        Raises:
            BrokenFileError: there is no such file, or it is no media that may be taken in.
            StoreUnavailableError: the store cannot be asked.
        """
        ...
