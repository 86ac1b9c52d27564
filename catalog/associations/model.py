"""Frozen values of media associations."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from catalog.members import Stated

Role = Literal["hero", "gallery", "swatch", "detail", "packaging", "document", "video"]
#: What media do for a product; beside these any attribute of the type `asset`, by its code.
RoleCode: TypeAlias = str
Origin = Literal["pim", "dam", "auto"]
Status = Literal["proposed", "approved", "rejected", "retired"]


class AssociationKey(NamedTuple):
    """What there is at most one association for."""

    product: uuid.UUID
    asset: uuid.UUID
    role: RoleCode
    locale: str | None
    market: str | None
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Who says so: one entry an origin and actor, the newest confidence of each."""

    origin: Origin
    actor: uuid.UUID
    at: datetime
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """One media association with everything that was ever said for it.

    Attributes:
        origin: of the strongest provenance; `pim` where a person has decided.
        confidence: the highest of all, 0 to 1.
    """

    id: uuid.UUID
    public_id: str
    key: AssociationKey
    position: int
    origin: Origin
    confidence: float
    status: Status
    provenance: tuple[Provenance, ...]
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaAssociationRecord:
    """A media association of the bulk format; `product` is a sku, `asset` a code.

    Attributes:
        confidence: None: certain.
        status: None: by the rule of confidence; machines cannot approve below the threshold.
    """

    product: str
    asset: str
    role: RoleCode
    position: int | None = None
    locale: str | None = None
    market: str | None = None
    channel: str | None = None
    origin: Origin = "pim"
    confidence: float | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSetRecord:
    """All that the PIM shows of a product in one role and scope; of the bulk format.

    Attributes:
        assets: codes in their order, the whole list: what the same actor showed before and the
            list does not name is retired. Or what is added and taken away.
    """

    product: str
    role: RoleCode
    assets: Stated[str] = None
    locale: str | None = None
    market: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaBinding:
    """A person's wish to show an asset at a product; both by public id."""

    product: str
    asset: str
    role: RoleCode
    position: int | None = None
    locale: str | None = None
    market: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingResult:
    """What became of one binding, or of one to be taken back.

    Attributes:
        id: public id of the association; None: there is none.
        code, message, field: why it was refused.
    """

    id: str | None = None
    status: Status | None = None
    code: str | None = None
    message: str | None = None
    field: str | None = None
