"""URLs of images, computed without I/O; one signature serves all presets, widths and formats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from catalog.delivery.geometry import Size, distinct_widths, plan
from catalog.delivery.keys import SigningKeys
from catalog.delivery.model import Claims, Format, Preset, Recipe
from catalog.delivery.tokens import sign, staff_window, web_window
from catalog.delivery.urls import Urls
from catalog.errors import ForbiddenError, InvalidInputError
from catalog.graph.context import ReadContext
from catalog.graph.findings import Findings
from catalog.graph.media import LiveAsset


class UnknownPresetError(InvalidInputError):
    """There is no such preset; the message lists those there are."""

    code = "UNKNOWN_PRESET"


class UnknownWidthError(InvalidInputError):
    """The preset has no such width; the message lists its own."""

    code = "UNKNOWN_WIDTH"


class UnknownFormatError(InvalidInputError):
    """The preset is not written in that format; the message lists its own."""

    code = "UNKNOWN_FORMAT"


_SIGNED_BYTES = 1_000


class Signed(NamedTuple):
    """A token, when it ends, until when it is handed out, and what writes URLs with it."""

    token: str
    expires_at: datetime
    fresh_until: datetime
    urls: Urls

    @property
    def weight(self) -> int:
        """Return the bytes that it takes with what it is kept by, about."""
        return _SIGNED_BYTES + len(self.token) + sum(map(len, self.urls))


@dataclass(slots=True, kw_only=True)
class Minter:
    """Writes the URLs of one request.

    Attributes:
        now: of the clock, also where the context looks at another instant.
        actor: the id of the principal, for staff tokens.
        minted_as: all that tokens are made with, besides the asset, its owner and the time.
        findings: of the request.
    """

    context: ReadContext
    presets: Mapping[str, Preset]
    keys: SigningKeys
    media_base: str
    now: datetime
    actor: str | None
    findings: Findings = field(default_factory=Findings)
    minted_as: tuple[object, ...] = field(init=False)

    def __post_init__(self) -> None:
        context, channel = self.context, self.context.channel
        market = context.market.code if context.market else None
        window = channel.token_window_s, channel.token_min_life_s
        kid = self.keys.active.kid
        self.minted_as = channel.code, context.usage, market, window, kid, self.media_base

    def preset(self, code: str) -> Preset:
        """Return a preset that this request may name.

        Raises:
            UnknownPresetError: there is none.
            ForbiddenError: it is for staff.
        """
        preset = self.presets.get(code)
        if preset is None:
            allowed = ", ".join(
                each.code for each in self.presets.values() if each.audience == "web"
            )
            raise UnknownPresetError(
                f"there is no preset {code!r}; there are: {allowed}", field="preset"
            )
        if preset.audience == "staff" and not self.context.is_staff:
            raise ForbiddenError(
                f"the preset {code!r} is for previews: @inContext(at:) with the scope `preview`",
                field="preset",
            )
        return preset

    def smallest_preset(self, preferred: str) -> Preset | None:
        """Return the preferred preset, else the one with the smallest width; None: no presets."""
        web = [each for each in self.presets.values() if each.audience == "web"]
        return min(
            web,
            key=lambda each: (each.code != preferred, each.recipe.widths_px[0], each.code),
            default=None,
        )

    def largest_preset(self) -> Preset | None:
        """Return the preset with the largest width; None: there are no presets."""
        web = [each for each in self.presets.values() if each.audience == "web"]
        return max(web, key=lambda each: (each.recipe.widths_px[-1], each.code), default=None)

    def url(
        self,
        asset: LiveAsset,
        owner: str | None,
        preset: Preset,
        width_px: int,
        image_format: Format,
        *,
        for_staff: bool = False,
    ) -> str:
        """Return the signed URL of one rendition.

        Args:
            asset: the picture.
            owner: as in the token.
            preset: a draft is for staff alone.
            width_px: one of the preset's.
            image_format: one of the preset's, or `AUTO`.
            for_staff: as of `sign`.
        """
        urls = self.sign(asset, owner, for_staff=for_staff).urls
        return urls.url(preset.code, preset.version, width_px, image_format)

    def sign(self, asset: LiveAsset, owner: str | None, *, for_staff: bool = False) -> Signed:
        """Return the token of an asset under an owner.

        Args:
            asset: the picture.
            owner: public id of the product that shows it, or None.
            for_staff: whatever the context; the caller has checked that the request may.
        """
        if for_staff or self.context.is_staff:
            signed = self._signed_for_staff(asset, owner)
        else:
            signed = self._signed_for_web(asset, owner)
        self.findings.signed(expires_at=signed.expires_at, fresh_until=signed.fresh_until)
        return signed

    def _signed_for_web(self, asset: LiveAsset, owner: str | None) -> Signed:
        """Sign once for as long as the same token is handed out."""
        key = "web", owner, self.minted_as
        signed: Signed | None = asset.tokens.get(key)
        if signed is None or self.now >= signed.fresh_until:
            channel = self.context.channel
            life_s = channel.token_min_life_s
            begins, ends = web_window(
                asset.public_id, self.now, window_s=channel.token_window_s, min_life_s=life_s
            )
            claims = self._claims(asset, owner, begins, ends)
            signed = self._sign(asset, claims, fresh_until=ends - timedelta(seconds=life_s))
            asset.tokens[key] = signed
        return signed

    def _signed_for_staff(self, asset: LiveAsset, owner: str | None) -> Signed:
        """Sign once a second."""
        begins, ends = staff_window(self.now)
        key = "staff", owner, self.minted_as, self.actor, begins
        signed: Signed | None = asset.tokens.get(key)
        if signed is None:
            claims = self._claims(asset, owner, begins, ends)
            staffs = replace(claims, audience="staff", actor=self.actor)
            signed = asset.tokens[key] = self._sign(asset, staffs, fresh_until=begins)
        return signed

    def _claims(
        self, asset: LiveAsset, owner: str | None, begins: datetime, ends: datetime
    ) -> Claims:
        context = self.context
        return Claims(
            asset=asset.public_id,
            channel=context.channel.code,
            usage=context.usage,
            market=context.market.code if context.market else None,
            owner=owner,
            audience="web",
            not_before=begins,
            expires_at=ends,
            kid=self.keys.active.kid,
        )

    def _sign(self, asset: LiveAsset, claims: Claims, *, fresh_until: datetime) -> Signed:
        token = sign(claims, self.keys.active)
        urls = Urls.of(
            self.media_base, asset=asset.public_id, epoch=asset.epoch, slug=asset.slug, token=token
        )
        return Signed(token, claims.expires_at, fresh_until, urls)


def checked_width(preset: Preset, width_px: int | None) -> int:
    """Return a width of the preset; by default its largest.

    Raises:
        UnknownWidthError: it has no such width.
    """
    widths = preset.recipe.widths_px
    if width_px is None:
        return widths[-1]
    if width_px not in widths:
        allowed = ", ".join(map(str, widths))
        raise UnknownWidthError(
            f"the preset {preset.code!r} has no width {width_px}; it has: {allowed}",
            field="width",
        )
    return width_px


def checked_format(preset: Preset, image_format: Format) -> Format:
    """Return a format that the preset is written in.

    Raises:
        UnknownFormatError: it is not.
    """
    formats = preset.recipe.formats
    if image_format not in formats and image_format is not Format.AUTO:
        allowed = ", ".join([*(each.name for each in formats), Format.AUTO.name])
        raise UnknownFormatError(
            f"the preset {preset.code!r} has no format {image_format.name}; it has: {allowed}",
            field="format",
        )
    return image_format


def size_of(asset: LiveAsset, recipe: Recipe, width_px: int) -> Size | None:
    """Return the size of a rendition as it will be made; None: that of the source is not known."""
    source = _source_size(asset)
    return plan(source, recipe, width_px).canvas if source else None


def srcset_widths(asset: LiveAsset, recipe: Recipe) -> Sequence[tuple[int, int]]:
    """Return the widths of a `srcset`: the preset's, each with that of the picture it gives."""
    return distinct_widths(_source_size(asset), recipe)


def _source_size(asset: LiveAsset) -> Size | None:
    if asset.width_px is None or asset.height_px is None:
        return None
    return Size(width_px=asset.width_px, height_px=asset.height_px)
