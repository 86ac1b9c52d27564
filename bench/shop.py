"""What the catalogues of several workloads have in common: a channel, grants, signed URLs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.bulk.commands import ImportOptions, import_file
from catalog.clock import utc_now
from catalog.delivery.keys import SigningKeys
from catalog.delivery.model import Claims, Format
from catalog.delivery.tokens import sign, web_window
from catalog.delivery.urls import RenditionPath
from catalog.principal import COMMAND_LINE
from vitrine.importing import open_importing
from vitrine.settings import Settings

SHOP = "d2c"
USAGE = "web"
HOME_COUNTRY = "DE"
_WINDOW_S, _MIN_LIFE_S = 86_400, 43_200

#: Of any channel, as the bulk format has it; code, name and kind are for the caller to add.
CHANNEL: dict[str, Any] = {
    "type": "channel",
    "usages": [USAGE],
    "default_usage": USAGE,
    "token_window_s": _WINDOW_S,
    "token_min_life_s": _MIN_LIFE_S,
    "locales": ["en-US"],
}
#: What products and assets of the storefront rest on.
FOUNDATION: tuple[dict[str, Any], ...] = (
    {"type": "locale", "code": "en-US", "name": "English"},
    {
        **CHANNEL,
        "code": SHOP,
        "name": SHOP,
        "kind": "storefront",
        "public": True,
        "country_rule": "viewer",
        "territory": [],
    },
    {"type": "family", "code": "things", "label": {"en-US": "Things"}, "attributes": []},
)


def grant(*include: str, channel: str = SHOP) -> dict[str, Any]:
    """Write a grant as the bulk format has it."""
    return {
        "territory": {"include": list(include)},
        "channels": [channel],
        "usages": [USAGE],
        "valid_from": "now-1d",
    }


async def import_catalogue(settings: Settings, url: str, path: Path) -> None:
    """Import a file of records, as any catalogue comes in.

    Args:
        settings: name the store.
        url: of the database.
        path: JSON Lines; its pictures lie beside it.

    Raises:
        RuntimeError: a record was refused.
    """
    async with open_importing(settings, url) as importing:
        result = await import_file(
            path,
            changes=importing.changes,
            ingest=importing.ingest,
            options=ImportOptions(actor=COMMAND_LINE),
        )
    if result.rejected:
        raise RuntimeError(f"{result.rejected} records were refused; see {result.report}")


def preset(code: str, **recipe: object) -> dict[str, Any]:
    """Write a preset for the web as the bulk format has it."""
    return {"type": "preset", "code": code, "audience": "web", "recipe": recipe}


def product_of(sku: str, asset: str) -> list[dict[str, Any]]:
    """Write a product and that this asset shows it."""
    return [
        {"type": "product", "sku": sku, "kind": "SIMPLE", "family": "things"},
        {
            "type": "media_association",
            "product": sku,
            "asset": asset,
            "role": "hero",
            "origin": "pim",
            "status": "approved",
        },
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An asset as its URLs name it.

    Attributes:
        asset: public id.
        owner: public id of the product that its tokens are bound to; None: unbound.
    """

    asset: str
    slug: str
    epoch: int
    channel: str
    owner: str | None

    def url(self, keys: SigningKeys, *, preset: str, width_px: int, format: Format) -> str:  # noqa: A002 - the field's name
        """Write path and query of a rendition, with a fresh token; an old epoch is redirected."""
        not_before, expires_at = web_window(
            self.asset, utc_now(), window_s=_WINDOW_S, min_life_s=_MIN_LIFE_S
        )
        claims = Claims(
            kid=keys.active.kid,
            asset=self.asset,
            channel=self.channel,
            usage=USAGE,
            market=None,
            owner=self.owner,
            audience="web",
            not_before=not_before,
            expires_at=expires_at,
        )
        path = RenditionPath(
            asset=self.asset,
            epoch=self.epoch,
            preset=preset,
            version=1,
            width_px=width_px,
            slug=self.slug,
            format=format,
        )
        return f"{path}?t={sign(claims, keys.active)}"
