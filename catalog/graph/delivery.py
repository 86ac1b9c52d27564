"""What a gateway loads on demand: an asset with its rights, an owner's windows, the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.clock import FAR_FUTURE
from catalog.db import Connection
from catalog.delivery import store as delivery_store
from catalog.delivery.geometry import Size
from catalog.delivery.keys import SigningKeys, load_signing_keys
from catalog.delivery.model import (
    FocalPoint,
    Format,
    Preset,
    Recipe,
    RenditionRequest,
    RightsRecord,
)
from catalog.rights.compiled import CompiledRights
from catalog.rights.model import Rights, Window
from catalog.rights.store import rights_of
from catalog.rights.territory import bits_of
from catalog.sealing import MasterKeys
from catalog.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverableAsset:
    """An asset as it is now.

    Attributes:
        master_key: None: no version has been ingested yet.
        source_size: of the upright picture, where it is known.
        compiled: the rights, for deciding.
        rests_on: what an event has to name for this to be out of date.
        notice: of copyright, that the source carries; None: it has none.
        read_at: by the database's clock; nothing is decided as of an instant before it.
    """

    public_id: str
    epoch: int
    slug: str
    focal: FocalPoint | None
    source_sha256: str | None
    master_key: str | None
    has_alpha: bool
    record: RightsRecord
    rights: Rights
    rests_on: tuple[Subject, ...]
    read_at: datetime
    source_size: Size | None = None
    notice: str | None = None
    compiled: CompiledRights = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make ready for deciding."""
        object.__setattr__(self, "compiled", CompiledRights(self.rights))

    def rendition(
        self, recipe: Recipe, width_px: int, image_format: Format
    ) -> RenditionRequest | None:
        """Name everything that decides the bytes of a rendition; None: nothing is ingested."""
        if self.source_sha256 is None or self.master_key is None:
            return None
        return RenditionRequest(
            source_sha256=self.source_sha256,
            master_key=self.master_key,
            recipe=recipe,
            width_px=width_px,
            format=image_format,
            focal=self.focal,
            rights=self.record,
            notice=self.notice,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryChannel:
    """Whose country counts on a channel.

    Attributes:
        declared: bits of the territory that it declares; None: the viewer's country counts.
    """

    code: str
    declared: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The little that every delivery needs: channels, presets in service, keys in use."""

    channels: Mapping[str, DeliveryChannel]
    presets: Mapping[tuple[str, int], Preset]
    keys: SigningKeys


ASSET_SQL = """
SELECT public_id, epoch, slug, focal_x, focal_y, sha256, master_key, width_px, height_px,
       has_alpha, status, legal_demand, authority_url,
       credit, licensor, licensor_url, web_statement, notice,
       grants, restrictions, rests_on, clock_timestamp() AS read_at
FROM live_asset WHERE public_id = $1
"""


async def load_asset(conn: Connection, public_id: str) -> DeliverableAsset | None:
    """Return an asset with everything its delivery depends on; None where there is none."""
    row = await conn.fetchrow(ASSET_SQL, public_id)
    if row is None:
        return None
    has_focal = row["focal_x"] is not None
    return DeliverableAsset(
        public_id=row["public_id"],
        epoch=row["epoch"],
        slug=row["slug"],
        focal=FocalPoint(x=row["focal_x"], y=row["focal_y"]) if has_focal else None,
        source_sha256=row["sha256"],
        master_key=row["master_key"],
        has_alpha=bool(row["has_alpha"]),
        record=RightsRecord(
            credit=row["credit"],
            licensor=row["licensor"],
            licensor_url=row["licensor_url"],
            web_statement=row["web_statement"],
        ),
        rights=rights_of(row),
        rests_on=tuple(Subject(subject) for subject in row["rests_on"]),
        read_at=row["read_at"],
        source_size=Size(width_px=row["width_px"], height_px=row["height_px"])
        if row["width_px"] and row["height_px"]
        else None,
        notice=row["notice"] or None,
    )


WINDOWS_SQL = """
SELECT p.visible_from, p.visible_until
FROM product AS owner
JOIN publication AS p ON p.product = owner.id OR p.ancestors @> ARRAY[owner.id]
WHERE owner.public_id = $1 AND p.channel = $2 AND p.ended_at IS NULL
"""


async def load_windows(conn: Connection, owner: str, channel: str) -> tuple[Window, ...]:
    """Return when an owner, or for a model any product below it, is published on a channel."""
    return tuple(
        Window(start=row["visible_from"], end=row["visible_until"] or FAR_FUTURE)
        for row in await conn.fetch(WINDOWS_SQL, owner, channel)
    )


CHANNELS_SQL = "SELECT code, country_rule, territory FROM channel"


async def load_catalogue(conn: Connection, master_keys: MasterKeys) -> Catalogue:
    """Return channels, presets and signing keys.

    Raises:
        SettingsError: no key signs, or a master key that opens one is missing.
    """
    channels = {
        row["code"]: DeliveryChannel(
            code=row["code"],
            declared=bits_of(row["territory"]) if row["country_rule"] == "declared" else None,
        )
        for row in await conn.fetch(CHANNELS_SQL)
    }
    presets = {
        (preset.code, preset.version): preset for preset in await delivery_store.presets(conn)
    }
    return Catalogue(
        channels=channels, presets=presets, keys=await load_signing_keys(conn, master_keys)
    )
