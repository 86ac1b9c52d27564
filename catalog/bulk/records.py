"""The types of the bulk format, in the order in which they are applied, and their parser."""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from types import GenericAlias
from typing import Any, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError

from catalog.access.records import (
    OwnRoleRecord,
    PersonRecord,
    ServiceRecord,
    put_own_roles,
    put_person_records,
    put_service_records,
)
from catalog.associations.commands import put_media_associations
from catalog.associations.media_sets import put_media_sets
from catalog.associations.model import MediaAssociationRecord, MediaSetRecord
from catalog.batches import BatchResult
from catalog.bulk import field_faults
from catalog.bulk.texts import controls_in
from catalog.changes import Change
from catalog.channels.commands import put_channels, put_locales, put_markets
from catalog.channels.model import ChannelRecord, LocaleRecord, MarketRecord
from catalog.delivery.commands import put_presets
from catalog.delivery.model import PresetRecord
from catalog.errors import Faults, InvalidInputError, VitrineError, faults_of
from catalog.licences.batches import (
    CollectionRecord,
    LicenceRecord,
    TerritorySetRecord,
    put_collections,
    put_licences,
    put_territory_sets,
)
from catalog.media.model import AssetRecord
from catalog.products.commands import (
    put_attributes,
    put_categories,
    put_families,
    put_products,
)
from catalog.products.groups import AttributeGroupRecord, put_attribute_groups
from catalog.products.model import AttributeRecord, CategoryRecord, FamilyRecord, ProductRecord
from catalog.publication.frozen import put_published_documents
from catalog.publication.stated_documents import PublishedDocumentRecord
from catalog.rights.model import TermKind
from catalog.rights.stated_instants import NEVER, StatedInstant, parse_stated_instant
from catalog.vocabularies.commands import put_vocabularies
from catalog.vocabularies.model import VocabularyRecord

Put = Callable[[Change, Sequence[Any]], Awaitable[BatchResult]]

_TERMS = frozenset(each.value for each in TermKind)
_INSTANTS = ("valid_from", "valid_until", "visible_from", "visible_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRecord:
    """A request to publish.

    Attributes:
        skus: of products; `"*"`: all models and simple products that there are.
        with_below: a model takes along what is below it; else only what is named is published.
        visible_from, visible_until: None: as stored.
    """

    channel: str
    skus: tuple[str, ...] | str
    visible_from: StatedInstant | None = None
    visible_until: StatedInstant | None = None
    with_below: bool = True


@dataclass(frozen=True, kw_only=True)
class RecordType:
    """One type of the bulk format.

    Attributes:
        name: as `type` has it.
        plural: as the counts have it.
        record: the dataclass that it is parsed into.
        key: what no two records of one batch may share.
        names: the field that names another record of the same type.
        put: its batch command; None: it needs more than the records (assets, publications).
        cleared: what null stands for, by field; in any other field null says nothing.
        files: fields with codes of assets, which are names of files: ü is one character in them,
            however a file system spells it (NFC, UAX #15).
    """

    name: str
    plural: str
    record: type[Any]
    key: Callable[[Any], Hashable]
    put: Put | None = None
    names: str | None = None
    cleared: Mapping[str, Any] = field(default_factory=dict[str, Any])
    files: tuple[str, ...] = ()

    @cached_property
    def adapter(self) -> TypeAdapter[list[Any]]:
        """The parser. The list is there to carry the configuration down to every dataclass."""
        one = cast("type[list[Any]]", GenericAlias(list, (self.record,)))
        return TypeAdapter(one, config=ConfigDict(extra="forbid"))

    def key_in(self, data: Mapping[str, Any]) -> object:
        """Return the natural key in a record that is not parsed; None: it has no single one."""
        return data.get("sku" if self.name == "product" else "code")

    def parse(self, data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - one of the record classes
        """Read one record; keys that begin with an underscore are notes.

        Raises:
            InvalidInputError: an instant that is none.
            InvalidRecordError: at the field that is at fault.
            SeveralFaultsError: more than one of these.
        """
        faults = Faults(controls_in(data))
        fields: dict[str, Any] = {}
        for key, value in data.items():
            if key in ("type", "keep_stored") or key.startswith("_"):
                continue
            if value is not None:
                with faults:
                    fields[key] = _with_instants(value, key)
            elif key in self.cleared:
                fields[key] = self.cleared[key]
        for name in self.files:
            if name in fields:
                fields[name] = _composed(fields[name])
        try:
            record = self.adapter.validate_python([fields])[0]
        except ValidationError as error:
            faults += field_faults.faults_of(error, fields, self.record)
            raise faults.as_one() from error
        faults.refuse_any()
        return record

    def rest_of(self, data: Mapping[str, Any], error: VitrineError) -> Any:  # noqa: ANN401 - as `parse`
        """Read what is not at fault in a record, to see whether there is more; None: it cannot be.

        Args:
            data: of the record.
            error: what `parse` raised.
        """
        wrong = {top_level(each) for each in faults_of(error)}
        try:
            return self.parse({key: data[key] for key in data if key not in wrong})
        except VitrineError:
            return None


def top_level(fault: VitrineError) -> str:
    """Return the field of a record that a fault is in, itself or further inside."""
    return re.split(r"[.\[]", fault.field or "", maxsplit=1)[0]


def _composed(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_composed(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _composed(each) for key, each in cast("dict[str, Any]", value).items()}
    return value


def _with_instants(value: Any, key: str) -> Any:  # noqa: ANN401 - JSON
    """Read the instants of terms and publications, wherever they stand.

    Raises:
        InvalidInputError: at the key, where it is none.
    """
    if key in _INSTANTS and value is not None:
        try:
            return parse_stated_instant(str(value))
        except InvalidInputError as error:
            raise InvalidInputError(error.message, field=key) from error
    if key in _TERMS:
        return _terms_with_instants(value)
    return value


def _terms_with_instants(terms: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(terms, dict):
        return {
            key: _terms_with_instants(each) for key, each in cast("dict[str, Any]", terms).items()
        }
    if isinstance(terms, list):
        return [_term_with_instants(term) for term in cast("list[Any]", terms)]
    return terms


def _term_with_instants(term: Any) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(term, dict):
        return term
    return {key: _with_instants(value, key) for key, value in cast("dict[str, Any]", term).items()}


_by_code = attrgetter("code")

# An empty text clears a text that may be absent; what has a default of its own goes back to it.
# What forbids (restrictions, countries that they may name, legal demands) is lifted by no null.

#: In the order in which they are applied: a record may name what stands before it.
RECORD_TYPES = (
    RecordType(
        name="locale",
        plural="locales",
        record=LocaleRecord,
        key=_by_code,
        put=put_locales,
        names="fallback",
        cleared={"fallback": ""},
    ),
    RecordType(
        name="market",
        plural="markets",
        record=MarketRecord,
        key=_by_code,
        put=put_markets,
        names="parent",
        cleared={"unit_system": "metric", "parent": ""},
    ),
    RecordType(
        name="channel",
        plural="channels",
        record=ChannelRecord,
        key=_by_code,
        put=put_channels,
        cleared={
            "public": False,
            "territory": (),
            "token_window_s": 86_400,
            "token_min_life_s": 43_200,
            "category_tree": "",
        },
    ),
    RecordType(
        name="vocabulary",
        plural="vocabularies",
        record=VocabularyRecord,
        key=_by_code,
        put=put_vocabularies,
        cleared={"label": {}, "terms": ()},
    ),
    RecordType(
        name="attribute_group",
        plural="attribute_groups",
        record=AttributeGroupRecord,
        key=_by_code,
        put=put_attribute_groups,
        cleared={"label": {}, "position": 0},
    ),
    RecordType(
        name="attribute",
        plural="attributes",
        record=AttributeRecord,
        key=_by_code,
        put=put_attributes,
        cleared={
            "label": {},
            "localizable": False,
            "scopable": False,
            "market_scoped": False,
            "unit": "",
            "validation": {},
            "group": "",
            "options": (),
        },
    ),
    RecordType(
        name="family",
        plural="families",
        record=FamilyRecord,
        key=_by_code,
        put=put_families,
        cleared={"label": {}, "attributes": (), "required": {}, "variants": ()},
    ),
    RecordType(
        name="category",
        plural="categories",
        record=CategoryRecord,
        key=_by_code,
        put=put_categories,
        names="parent",
        cleared={"parent": "", "label": {}, "position": 0},
    ),
    RecordType(
        name="territory_set",
        plural="territory_sets",
        record=TerritorySetRecord,
        key=_by_code,
        put=put_territory_sets,
    ),
    RecordType(
        name="licence",
        plural="licences",
        record=LicenceRecord,
        key=_by_code,
        put=put_licences,
        cleared={
            "document": "",
            "credit": "",
            "web_statement": "",
            "licensor_url": "",
            "grants": (),
        },
    ),
    RecordType(
        name="collection",
        plural="collections",
        record=CollectionRecord,
        key=_by_code,
        put=put_collections,
        cleared={"grants": ()},
    ),
    RecordType(name="preset", plural="presets", record=PresetRecord, key=_by_code, put=put_presets),
    RecordType(
        name="product",
        plural="products",
        record=ProductRecord,
        key=attrgetter("sku"),
        put=put_products,
        names="parent",
        cleared={"gtin": "", "categories": ()},
    ),
    RecordType(
        name="asset",
        plural="assets",
        record=AssetRecord,
        key=_by_code,
        files=("code",),
        cleared={"focal_point": "", "licences": (), "collections": (), "grants": ()},
    ),
    RecordType(
        name="media_association",
        plural="media_associations",
        record=MediaAssociationRecord,
        key=attrgetter("product", "asset", "role", "locale", "market", "channel"),
        put=put_media_associations,
        files=("asset",),
        cleared={"position": 0},
    ),
    RecordType(
        name="media_set",
        plural="media_sets",
        record=MediaSetRecord,
        key=attrgetter("product", "role", "locale", "market", "channel"),
        put=put_media_sets,
        files=("assets",),
        cleared={"assets": ()},
    ),
    RecordType(
        name="published_document",
        plural="published_documents",
        record=PublishedDocumentRecord,
        key=attrgetter("channel", "sku"),
        put=put_published_documents,
        cleared={"visible_until": NEVER},
    ),
    RecordType(
        name="publication",
        plural="publications",
        record=PublicationRecord,
        key=id,
        cleared={"visible_until": NEVER, "with_below": True},
    ),
    RecordType(
        name="role",
        plural="roles",
        record=OwnRoleRecord,
        key=_by_code,
        put=put_own_roles,
        cleared={"actions": ()},
    ),
    RecordType(
        name="person",
        plural="people",
        record=PersonRecord,
        key=lambda record: record.email.lower(),
        put=put_person_records,
    ),
    RecordType(
        name="service",
        plural="services",
        record=ServiceRecord,
        key=attrgetter("name"),
        put=put_service_records,
    ),
)

TYPES_BY_NAME = {each.name: each for each in RECORD_TYPES}
