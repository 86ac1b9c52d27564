"""The little shop that the machine plays in: its rows, what may happen to them, its URLs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from catalog.delivery.keys import SigningKeys
from catalog.delivery.model import Claims, Format, Preset, Recipe, RightsRecord
from catalog.delivery.tokens import SigningKey, sign
from catalog.delivery.urls import RenditionPath
from catalog.graph.delivery import Catalogue, DeliverableAsset, DeliveryChannel
from catalog.rights.model import NEVER, Rights, Status, Term, Window
from catalog.rights.rules import boundaries_of
from catalog.rights.territory import granted_bits, restricted_bits
from catalog.subjects import Subject, asset_subject, publication_subject, signing_key_subject
from tests.gateway.machine.primary import BEGINNING

LAMP, UNBORN = ASSETS = ("lamp", "unborn")
OWNERS = ("shelf", "attic")
CHANNEL, USAGE, SLUG = "d2c", "web", "picture"
PRESET = Preset(
    code="card",
    version=1,
    audience="web",
    recipe=Recipe(widths_px=(64,), formats=(Format.JPEG,)),
    lifetime_s=86_400,
)
LONG_AGO = BEGINNING - timedelta(days=30)
#: Tokens live so long, or until soon after the beginning.
TOKEN_ENDS = (BEGINNING + timedelta(days=1), BEGINNING + timedelta(seconds=8))

#: How the rows are called; an asset, an owner's windows, and the catalogue.
CATALOGUE_ROW = "catalogue"


def asset_row(asset: str) -> str:
    return asset_subject(asset)


def windows_row(owner: str) -> str:
    return publication_subject(owner, CHANNEL)


@cache
def signing_key(number: int) -> SigningKey:
    """Return the n-th key there ever was; its secret needs no secrecy."""
    return SigningKey(f"k{number}", f"secret {number}".encode() * 4)


def worldwide(start: datetime = LONG_AGO, end: datetime = NEVER) -> Term:
    return _term(granted_bits(("WORLD",), ()), start, end)


def in_germany(start: datetime = LONG_AGO, end: datetime = NEVER) -> Term:
    return _term(granted_bits(("DE",), ()), start, end)


def not_in_germany(start: datetime, end: datetime = NEVER) -> Term:
    return _term(restricted_bits(("DE",), ()), start, end)


def _term(territory: int, start: datetime, end: datetime) -> Term:
    window = Window(start=start, end=end)
    return Term(territory=territory, channels=None, usages=None, window=window)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """What is committed of an asset."""

    epoch: int
    rights: Rights

    def loaded(self, public_id: str, read_at: datetime) -> DeliverableAsset:
        """Return it as `load_asset` does."""
        return DeliverableAsset(
            public_id=public_id,
            epoch=self.epoch,
            slug=SLUG,
            focal=None,
            source_sha256="0" * 64,
            master_key=f"masters/{public_id}",
            has_alpha=False,
            record=_NO_RECORD,
            rights=self.rights,
            rests_on=(asset_subject(public_id),),
            read_at=read_at,
        )


_NO_RECORD = RightsRecord()


def rows_at_the_beginning() -> dict[str, Any]:
    """A picture that everyone may see, one that is not there yet, a shelf that is published."""
    return {
        asset_row(LAMP): Asset(epoch=1, rights=_rights(grants=(worldwide(),))),
        asset_row(UNBORN): None,
        windows_row(OWNERS[0]): (Window(start=LONG_AGO),),
        windows_row(OWNERS[1]): (),
        CATALOGUE_ROW: _catalogue([signing_key(1)]),
    }


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody does: to which row, whom the event names, and the row as it is after it.

    Attributes:
        make: gets the row before and the database's clock; returns None where nothing changes.
    """

    row: str
    subject: Subject
    make: Callable[[Any, datetime], Any]


def of_asset(asset: str, make: Callable[[Rights, datetime], Mapping[str, Any]]) -> Change:
    """Change rights or state of an asset, and so its epoch; one that is missing is ingested."""

    def change(before: Asset | None, now: datetime) -> Asset:
        if before is None:
            return Asset(epoch=1, rights=_rights(grants=(worldwide(),)))
        rights = replace(before.rights, **make(before.rights, now))
        terms = (*rights.grants, *rights.restrictions)
        return Asset(
            epoch=before.epoch + 1, rights=replace(rights, boundaries=boundaries_of(terms))
        )

    return Change(asset_row(asset), asset_subject(asset), change)


def withdrawn(asset: str) -> Change:
    return of_asset(asset, lambda _, __: {"status": Status.WITHDRAWN})


def held(asset: str) -> Change:
    return of_asset(asset, lambda _, __: {"legal_demand": True})


def reinstated(asset: str) -> Change:
    return of_asset(asset, lambda _, __: {"status": Status.APPROVED, "legal_demand": False})


def granted(asset: str, terms: Sequence[Callable[[datetime], Term]]) -> Change:
    """Give these grants; what was granted ends now, and stays on record if it had begun."""

    def make(rights: Rights, now: datetime) -> Mapping[str, Any]:
        ended = [
            grant
            if grant.window.end <= now
            else replace(grant, window=Window(start=grant.window.start, end=now))
            for grant in rights.grants
            if grant.window.start < now
        ]
        return {"grants": (*ended[-2:], *(term(now) for term in terms))}

    return of_asset(asset, make)


def restricted(asset: str, terms: Sequence[Callable[[datetime], Term]]) -> Change:
    return of_asset(asset, lambda _, now: {"restrictions": tuple(term(now) for term in terms)})


def published(owner: str, windows: Sequence[Callable[[datetime], Window]]) -> Change:
    """Publish in these windows; in none: unpublish."""
    row = publication_subject(owner, CHANNEL)
    return Change(row, row, lambda _, now: tuple(window(now) for window in windows))


def key_created() -> Change:
    """Make a new active key; the last three go on verifying."""

    def make(before: Catalogue, _: datetime) -> Catalogue:
        keys = list(before.keys.by_kid.values())
        newest = int(before.keys.active.kid.removeprefix("k")) + 1
        return _catalogue([*keys[-2:], signing_key(newest)])

    return Change(CATALOGUE_ROW, signing_key_subject("any"), make)


def active_key_revoked() -> Change:
    """Let the active key verify nothing, and make its successor."""

    def make(before: Catalogue, _: datetime) -> Catalogue:
        active = before.keys.active.kid
        keys = [key for kid, key in before.keys.by_kid.items() if kid != active]
        return _catalogue([*keys, signing_key(int(active.removeprefix("k")) + 1)])

    return Change(CATALOGUE_ROW, signing_key_subject("any"), make)


@cache  # the same few dozen over and over
def url_of(asset: str, *, epoch: int, owner: str | None, key: int, ends: datetime) -> str:
    """Write path and query of a rendition, with a token signed by the n-th key."""
    signed_by = signing_key(key)
    claims = Claims(
        kid=signed_by.kid,
        asset=asset,
        channel=CHANNEL,
        usage=USAGE,
        market=None,
        owner=owner,
        audience="web",
        not_before=LONG_AGO,
        expires_at=ends,
    )
    path = RenditionPath(
        asset=asset,
        epoch=epoch,
        preset=PRESET.code,
        version=PRESET.version,
        width_px=64,
        slug=SLUG,
        format=Format.JPEG,
    )
    return f"{path}?t={sign(claims, signed_by)}"


def _rights(grants: tuple[Term, ...]) -> Rights:
    return Rights(status=Status.APPROVED, grants=grants, boundaries=boundaries_of(grants))


def _catalogue(keys: list[SigningKey]) -> Catalogue:
    return Catalogue(
        channels={CHANNEL: DeliveryChannel(code=CHANNEL, declared=None)},
        presets={(PRESET.code, PRESET.version): PRESET},
        keys=SigningKeys(active=keys[-1], by_kid={key.kid: key for key in keys}),
    )
