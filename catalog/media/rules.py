"""What assets must hold to, and what a record changes in one. Pure."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from catalog import members
from catalog.batches import check_known, check_text
from catalog.errors import InvalidInputError
from catalog.ids import new_id, new_public_id
from catalog.media.model import (
    AssetRecord,
    AssetReferences,
    IngestedFile,
    LocalizedText,
    PriceInAssetError,
    StoredAsset,
)
from catalog.members import Stated, named_in
from catalog.rights.model import Status
from catalog.rights.statements import is_link
from catalog.rights.terms import TermsChange

#: Keys that asset metadata may not have; settings may add to them.
DENIED_KEYS = ("price*", "*_price", "cost*", "*_cost")

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_SLUG_LENGTH = 120
_SAME_POINT = 1e-6  # the columns of the focal point are single precision
# German umlauts are letters of their own; these and the ligatures have no decomposition to drop.
_ASCII = ("ae", "oe", "ue", "ss", "ae", "o", "aa", "oe", "l", "d", "d", "th")
_LETTERS = str.maketrans(dict(zip("äöüßæøåœłđðþ", _ASCII, strict=True)))


def slug_of(title: str) -> str:
    """Write a title in ASCII for a URL: `[a-z0-9]+(-[a-z0-9]+)*`, at most 120, or empty."""
    letters = unicodedata.normalize("NFC", title).lower().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    words = re.sub(r"['`]", "", plain)
    slug = re.sub(r"[^a-z0-9]+", "-", words).strip("-")
    if len(slug) > _SLUG_LENGTH:
        slug = slug[: _SLUG_LENGTH + 1].rpartition("-")[0] or slug[:_SLUG_LENGTH]
    return slug


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetUpdate:
    """What a record makes of an asset.

    Attributes:
        before: None: the asset is new.
        after: its epoch is still that of `before`.
        version: the bytes of a new version; None: those there are stay.
    """

    before: StoredAsset | None
    after: StoredAsset
    version: IngestedFile | None
    terms: TermsChange

    @property
    def is_change(self) -> bool:
        """Whether anything is to be written."""
        return self.before != self.after or bool(self.terms)

    @property
    def changes_state(self) -> bool:
        """Whether status or legal demand become others."""
        return self.before is None or _state(self.before) != _state(self.after)

    @property
    def revokes_approval(self) -> bool:
        """Whether what a person approved is so no longer: a draft now, or once it is reinstated."""
        return (
            self.before is not None
            and self.before.is_approved_by_hand
            and not self.after.is_approved_by_hand
        )

    @property
    def changes_rights(self) -> bool:
        """Whether grants, restrictions or what they come from become others."""
        return bool(self.terms) or (
            self.before is not None
            and (self.before.licences, self.before.collections)
            != (self.after.licences, self.after.collections)
        )

    @property
    def changes_record(self) -> bool:
        """Whether kind, focal point or values become others."""
        return self.before is not None and _record(self.before) != _record(self.after)

    @property
    def raises_epoch(self) -> bool:
        """Whether what is delivered, or to whom, may change."""
        return self.before is not None and (
            self.version is not None
            or self.changes_state
            or self.changes_rights
            or (self.before.kind, self.before.focal) != (self.after.kind, self.after.focal)
        )


def _state(asset: StoredAsset) -> tuple[object, ...]:
    return asset.status, asset.legal_demand, asset.authority_url


def _record(asset: StoredAsset) -> tuple[object, ...]:
    return asset.kind, asset.focal, asset.values


def change_of(
    record: AssetRecord,
    before: StoredAsset | None,
    ingested: IngestedFile | None,
    known: AssetReferences,
) -> AssetUpdate:
    """Find what a record changes; its terms are compared by the caller.

    Args:
        record: what is wanted.
        before: the asset as it is stored; None: the code is new.
        ingested: what its file holds, where it names one.
        known: what it may name.

    Raises:
        InvalidInputError: at the field that is at fault.
    """
    if record.revoke_approval and record.status != "draft":
        raise InvalidInputError('say "status": "draft" beside it', field="revoke_approval")
    stored = before or _new_asset(record, ingested, known)
    version = ingested if ingested is not None and ingested.sha256 != stored.sha256 else None
    legal = record.legal_demand
    url = legal and legal.authority_url
    status = _status(record, stored)
    if url is not None and not is_link(url):
        raise InvalidInputError("give an absolute http or https URL in ASCII", field="legal_demand")
    after = replace(
        stored,
        kind=record.kind or stored.kind,
        focal=_focal(record, stored),
        version=stored.version + 1 if version else stored.version,
        sha256=version.sha256 if version else stored.sha256,
        status=status,
        legal_demand=stored.legal_demand or legal is not None,
        authority_url=stored.authority_url if legal is None else legal.authority_url,
        is_approved_by_hand=(
            stored.is_approved_by_hand and status is not Status.DRAFT and not record.revoke_approval
        ),
        values=_values(record, stored, known),
        licences=_members(record.licences, stored.licences, known.licences, "licence"),
        collections=_members(
            record.collections, stored.collections, known.collections, "collection"
        ),
    )
    return AssetUpdate(before=before, after=after, version=version, terms={})


def _new_asset(
    record: AssetRecord, ingested: IngestedFile | None, known: AssetReferences
) -> StoredAsset:
    if ingested is None:
        raise InvalidInputError("a new asset needs its file", field="file")
    check_text(record.code, field="code")
    if not 0 < len(record.code) <= 200:  # noqa: PLR2004 - as the table has it
        raise InvalidInputError("a code has 1 to 200 characters", field="code")
    public_id = new_public_id()
    title = _title(flatten(record.values or {}, known.locales), known.default_locale)
    return StoredAsset(
        id=new_id(),
        public_id=public_id,
        code=record.code,
        kind="image",
        slug=slug_of(title) or slug_of(record.code) or public_id,
        focal=None,
        version=0,
        sha256=None,
        epoch=1,
        revision=1,
        status=Status.DRAFT,
        legal_demand=False,
        authority_url=None,
        is_approved_by_hand=False,
        values={},
        licences=frozenset(),
        collections=frozenset(),
    )


def _title(values: Mapping[tuple[str, str | None], object], locale: str | None) -> str:
    return str(values.get(("title", locale)) or values.get(("title", None)) or "")


def keeps_approval(record: AssetRecord, stored: StoredAsset | None) -> bool:
    """Return whether a record says `draft` of what a person approved, and does not revoke it."""
    return (
        record.status == "draft"
        and stored is not None
        and stored.status is Status.APPROVED
        and stored.is_approved_by_hand
        and not record.revoke_approval
    )


def _status(record: AssetRecord, stored: StoredAsset) -> Status:
    """Return the status that is wanted; what a person withdrew or approved no import undoes.

    As with a legal demand: importing the same file again must not undo a decision.
    """
    if record.status is None or stored.status is Status.WITHDRAWN:
        return stored.status
    if keeps_approval(record, stored):
        return stored.status
    return Status(record.status)


def _focal(record: AssetRecord, stored: StoredAsset) -> tuple[float, float] | None:
    point = record.focal_point
    if point is None:
        return stored.focal
    if isinstance(point, str):
        return None
    if not (0 <= point.x <= 1 and 0 <= point.y <= 1):
        raise InvalidInputError("x and y are fractions from 0 to 1", field="focal_point")
    if stored.focal is not None and math.dist(stored.focal, (point.x, point.y)) < _SAME_POINT:
        return stored.focal
    return point.x, point.y


def _members(
    wanted: Stated[str],
    stored: frozenset[str],
    known: Mapping[str, object],
    noun: str,
) -> frozenset[str]:
    check_known(named_in(wanted), known, noun=noun, field=f"{noun}s")
    return members.apply(wanted, stored, field=f"{noun}s")


def _values(
    record: AssetRecord, stored: StoredAsset, known: AssetReferences
) -> Mapping[tuple[str, str | None], object]:
    if record.values is None:
        return stored.values
    stated = flatten(record.values, known.locales)
    whole = {key for key, value in record.values.items() if not value}
    kept = {
        (key, locale): text
        for (key, locale), text in stored.values.items()
        if not record.replace_values and key not in whole
    }
    return {at: text for at, text in {**kept, **stated}.items() if text is not None}


def flatten(
    values: Mapping[str, LocalizedText], locales: frozenset[str]
) -> dict[tuple[str, str | None], str | None]:
    """Return values as `{(key, locale): text}`; None: there is to be none.

    Raises:
        InvalidInputError: a key of another form, or an unknown locale.
    """
    flat: dict[tuple[str, str | None], str | None] = {}
    for key, value in values.items():
        field = f"values.{key}"
        if not _KEY.fullmatch(key):
            raise InvalidInputError("a key is lower-case letters, digits and _", field=field)
        texts = value if isinstance(value, Mapping) else {None: value}
        check_known([each for each in texts if each], locales, noun="locale", field=field)
        for locale, text in texts.items():
            check_text(text or "", field=field)
            flat[key, locale] = text or None
    return flat


def refuse_prices(values: Mapping[str, object], denied: Sequence[str]) -> None:
    """Refuse keys that speak of money: it has no place in an asset.

    Args:
        values: by key.
        denied: patterns as `fnmatch` has them.

    Raises:
        PriceInAssetError: the first such key.
    """
    for key in values:
        if any(fnmatchcase(key.lower(), pattern) for pattern in denied):
            raise PriceInAssetError(
                f"{key!r} may not be kept with an asset: give it to the product",
                field=f"values.{key}",
            )
