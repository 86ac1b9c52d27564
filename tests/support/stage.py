"""A small stage in a real database and a real store: what a delivery test needs and no more."""

import base64
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyvips

from catalog.changes import Changes
from catalog.clock import utc_now
from catalog.db import Pool
from catalog.delivery.commands import put_presets
from catalog.delivery.keys import SigningKeys, create_signing_key, load_signing_keys
from catalog.delivery.model import Claims, CropMode, Format, PresetRecord, Recipe
from catalog.delivery.tokens import sign, web_window
from catalog.delivery.urls import RenditionPath
from catalog.ids import new_id, new_public_id
from catalog.licences.batches import (
    CollectionRecord,
    LicenceRecord,
    put_collections,
    put_licences,
)
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import set_terms
from catalog.sealing import MasterKeys
from catalog.storage.folder import FolderStore
from tests.support.people import TEST
from tests.support.purging import purging

MASTER_KEYS = MasterKeys([bytes(range(32))])
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

WORLDWIDE = TermInput(include=("WORLD",), channels=("*",), usages=("*",), valid_from=LONG_AGO)
NOT_FRANCE = TermInput(
    include=("WORLD",), exclude=("FR",), channels=("*",), usages=("*",), valid_from=LONG_AGO
)

CHANNELS_SQL = """
INSERT INTO locale (code, name) VALUES ('en-US', 'English');
INSERT INTO channel (code, name, kind, public, country_rule, territory, usages, default_usage,
                     token_window_s, token_min_life_s, locales)
VALUES ('d2c', 'Shop', 'storefront', true, 'viewer', '{}', '{web,social}', 'web',
        86400, 43200, '{en-US}'),
       ('marketplace-a', 'Marketplace', 'marketplace', false, 'declared', '{DE,FR}', '{web}',
        'web', 2592000, 1296000, '{en-US}'),
       ('print', 'Print', 'print', false, 'declared', '{DE}', '{print}', 'print',
        86400, 43200, '{en-US}');
INSERT INTO territory_set (code, name) VALUES ('EU', 'European Union');
INSERT INTO territory_member (territory_set, country)
SELECT 'EU', unnest('{AT,BE,DE,ES,FR,IT,NL}'::text[]);
INSERT INTO family (code) VALUES ('lamps');
"""

PLACEHOLDER = "data:image/png;base64,iVBORw0KGgo="
ASSET_SQL = """
WITH a AS (
    INSERT INTO asset (id, public_id, code, kind, slug, current_version)
    VALUES ($1, $2, $2, 'image', $3, 1)
), e AS (
    INSERT INTO asset_epoch (asset, epoch) VALUES ($1, 1)
), s AS (
    INSERT INTO asset_state (id, asset, status) VALUES ($4, $1, $5)
)
INSERT INTO asset_version (asset, n, sha256, bytes, width_px, height_px, mime, has_alpha,
                           storage_key, master_key, placeholder, notice)
VALUES ($1, 1, $6, $7, $8, $9, 'image/png', $10, $11, $11, $12, $13)
"""

JOIN_SQL = """
INSERT INTO asset_licence (asset, licence)
SELECT unnest($2::uuid[]), id FROM licence WHERE code = $1
"""

JOIN_COLLECTION_SQL = """
INSERT INTO collection_asset (asset, collection)
SELECT unnest($2::uuid[]), id FROM collection WHERE code = $1
"""

PRODUCT_SQL = """
WITH p AS (
    INSERT INTO product (id, public_id, sku, kind, family) VALUES ($1, $2, $2, 'SIMPLE', 'lamps')
)
SELECT 1
"""

PUBLISH_SQL = """
INSERT INTO publication (product, channel, version, sku, public_id, kind, document, checksum,
                         visible_from, visible_until)
SELECT id, $2, 1, sku, public_id, kind, '{}', '', $3, $4 FROM product WHERE public_id = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedAsset:
    """An asset on the stage."""

    id: uuid.UUID
    public_id: str
    slug: str
    epoch: int = 1


class Stage:
    """Puts assets, rights, products and keys where the gateway finds them."""

    def __init__(self, pool: Pool, store: FolderStore, drivers: Sequence[str] = ()) -> None:
        self.pool = pool
        self.store = store
        self.changes = Changes(pool=pool)
        self._drivers = drivers
        self.keys: SigningKeys

    async def build(self) -> None:
        """Make channels, the presets `card`, `thumb` and `staff-thumb`, and a signing key."""
        await self.pool.execute(CHANNELS_SQL)
        await purging(self.pool, self._drivers)
        async with self.changes.begin(TEST) as change:
            await create_signing_key(change, master_keys=MASTER_KEYS)
            formats = (Format.AVIF, Format.WEBP, Format.JPEG, Format.PNG)
            await put_presets(
                change,
                [
                    PresetRecord(
                        code="card",
                        recipe=Recipe(
                            mode=CropMode.FILL,
                            ratio=(4, 5),
                            widths_px=(64, 320),
                            formats=formats,
                        ),
                    ),
                    PresetRecord(code="thumb", recipe=Recipe(widths_px=(48,)), lifetime_s=600),
                    PresetRecord(
                        code="staff-thumb", audience="staff", recipe=Recipe(widths_px=(48,))
                    ),
                ],
            )
        await self.reload_keys()

    async def reload_keys(self) -> None:
        """Read the signing keys again."""
        async with self.pool.acquire() as conn:
            self.keys = await load_signing_keys(conn, MASTER_KEYS)

    async def asset(
        self,
        *grants: TermInput,
        restrictions: Sequence[TermInput] = (),
        status: str = "approved",
        alpha: bool = False,
        body: bytes | None = None,
        notice: str = "",
    ) -> StagedAsset:
        """Ingest a picture with these rights; its epoch is what the rights raised it to."""
        picture = body if body is not None else draw(alpha=alpha)
        sha256 = hashlib.sha256(picture).hexdigest()
        key = f"masters/{sha256}"
        await self.store.write(key, picture)
        asset = StagedAsset(id=new_id(), public_id=new_public_id(), slug="brass-lamp")
        await self.pool.execute(
            ASSET_SQL,
            asset.id,
            asset.public_id,
            asset.slug,
            new_id(),
            status,
            sha256,
            len(picture),
            800,
            600,
            alpha,
            key,
            PLACEHOLDER,
            notice,
        )
        async with self.changes.begin(TEST) as change:
            if grants:
                await set_terms(change, ASSET, asset.public_id, TermKind.GRANTS, grants)
            if restrictions:
                await set_terms(change, ASSET, asset.public_id, TermKind.RESTRICTIONS, restrictions)
        return StagedAsset(
            id=asset.id,
            public_id=asset.public_id,
            slug=asset.slug,
            epoch=await self.epoch(asset),
        )

    async def licence(self, record: LicenceRecord, *members: StagedAsset) -> str:
        """Put a licence, give it more members under their present epochs, return its public id."""
        async with self.changes.begin(TEST) as change:
            applied = await put_licences(change, [record])
            assert not applied.rejections, applied
        await self.pool.execute(JOIN_SQL, record.code, [each.id for each in members])
        return await self.pool.fetchval(
            "SELECT public_id FROM licence WHERE code = $1", record.code
        )

    async def collection(self, record: CollectionRecord, *members: StagedAsset) -> None:
        """Put a collection and give it more members under their present epochs."""
        async with self.changes.begin(TEST) as change:
            applied = await put_collections(change, [record])
            assert not applied.rejections, applied
        ids = [each.id for each in members]
        await self.pool.execute(JOIN_COLLECTION_SQL, record.code, ids)

    async def epoch(self, asset: StagedAsset) -> int:
        """Return the epoch of an asset as it is now."""
        return await self.pool.fetchval("SELECT epoch FROM asset_epoch WHERE asset = $1", asset.id)

    async def product(self) -> str:
        """Make a simple product, and return its public id."""
        public_id = new_public_id()
        await self.pool.fetchval(PRODUCT_SQL, new_id(), public_id)
        return public_id

    async def publish(
        self,
        product: str,
        channel: str = "d2c",
        *,
        visible_from: datetime = LONG_AGO,
        visible_until: datetime | None = None,
    ) -> None:
        """Publish a product on a channel, without a document."""
        await self.pool.execute(PUBLISH_SQL, product, channel, visible_from, visible_until)

    def token(
        self,
        asset: StagedAsset,
        *,
        lives: timedelta | None = None,
        begins: timedelta = timedelta(),
        **bound_to: str,
    ) -> str:
        """Sign a web token; `lives` and `begins` count from now.

        Args:
            asset: that it is for.
            lives: by default as the grid says.
            begins: how far from now.
            bound_to: channel, usage, market, owner; by default d2c, web and neither.
        """
        key = self.keys.active
        not_before, expires_at = web_window(
            asset.public_id, utc_now(), window_s=86_400, min_life_s=43_200
        )
        if lives is not None:
            not_before, expires_at = utc_now() + begins, utc_now() + begins + lives
        claims = Claims(
            kid=key.kid,
            asset=asset.public_id,
            channel="d2c",
            usage="web",
            market=None,
            owner=None,
            audience="web",
            not_before=not_before,
            expires_at=expires_at,
        )
        return sign(replace(claims, **bound_to), key)

    def staff_token(self, asset: StagedAsset, actor: str = "Ada") -> str:
        """Sign a staff token of five minutes."""
        key = self.keys.active
        now = utc_now()
        claims = Claims(
            kid=key.kid,
            asset=asset.public_id,
            channel="d2c",
            usage="web",
            market=None,
            owner=None,
            audience="staff",
            not_before=now,
            expires_at=now + timedelta(minutes=5),
            actor=actor,
        )
        return sign(claims, key)

    def path(
        self,
        asset: StagedAsset,
        *,
        preset: str = "card",
        version: int = 1,
        width_px: int = 64,
        image_format: Format = Format.JPEG,
        epoch: int | None = None,
    ) -> str:
        """Write a rendition's path."""
        return str(
            RenditionPath(
                asset=asset.public_id,
                epoch=asset.epoch if epoch is None else epoch,
                preset=preset,
                version=version,
                width_px=width_px,
                slug=asset.slug,
                format=image_format,
            )
        )

    def url(self, asset: StagedAsset, token: str | None = None, **path: object) -> str:
        """Write a rendition's URL below the gateway; by default with a fresh web token."""
        return f"{self.path(asset, **path)}?t={token or self.token(asset)}"  # pyright: ignore[reportArgumentType] - passed through


def draw(*, alpha: bool = False, width_px: int = 800, height_px: int = 600) -> bytes:
    """Draw a picture that no other is equal to, as PNG."""
    seed = uuid.uuid4().bytes
    colour = [float(value) for value in seed[:3]]
    picture = pyvips.Image.black(width_px, height_px, bands=3) + colour
    picture = picture.cast("uchar").copy(interpretation="srgb")
    if alpha:
        picture = picture.bandjoin(128)
    return picture.pngsave_buffer()


def master_key_text() -> str:
    """Return the stage's master key as the settings take it."""
    return base64.b64encode(MASTER_KEYS.newest.secret).decode()


def store_in(folder: Path) -> FolderStore:
    """Return an empty folder store."""
    folder.mkdir(parents=True, exist_ok=True)
    return FolderStore(folder)
