"""Published documents as records state them, and what each must hold to before it is live. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import (
    Any,
    NotRequired,  # pydantic reads no other before Python 3.12
)

from typing_extensions import TypedDict

from catalog.clock import read_instant
from catalog.errors import Faults, InvalidInputError
from catalog.products.model import Attribute, AttributeType, Product, ValueKey
from catalog.products.number_values import MOST_DIGITS
from catalog.products.value_types import ColumnType, accepted
from catalog.publication.model import Document
from catalog.rights.stated_instants import StatedInstant

# Mappings, since what a document leaves out is not in it at all.
_Source = TypedDict("_Source", {"from": int, "channel": str}, total=False)
_CHOSEN = {"select", "multiselect"}


class _Value(_Source):
    locale: str | None
    market: str | None
    data: Any


class _Column(TypedDict):
    code: str
    type: ColumnType
    label: NotRequired[Mapping[str, str]]
    unit: NotRequired[str]


class _Option(TypedDict):
    label: Mapping[str, str]
    position: int


class _Attribute(TypedDict):
    code: str
    type: AttributeType
    label: Mapping[str, str]
    unit: str | None
    group: str | None
    columns: NotRequired[list[_Column]]
    values: list[_Value]
    options: Mapping[str, _Option]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    code: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDocument:
    """A published document without ids, which another house gives for itself.

    Attributes:
        parent: the sku of its model.
        models: the skus of all of them, nearest first; None: it is from before they were kept.
    """

    sku: str
    gtin: str | None
    kind: str
    family: _Family
    parent: str | None
    updatedAt: str  # noqa: N815 - as the document has it
    categories: list[str]
    axes: list[list[str]]
    options: Mapping[str, str]
    attributes: list[_Attribute]
    models: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDocumentRecord:
    """A document that is to be live on a channel as it stands, whatever the draft says.

    Attributes:
        visible_until: None: it never ends.
    """

    channel: str
    sku: str
    document: StatedDocument
    visible_from: StatedInstant
    visible_until: StatedInstant | None = None


def stated(document: Document) -> dict[str, Any]:
    """Return a document as a record states it: without ids."""
    parent = document["parent"]
    said = {key: value for key, value in document.items() if key != "id"}
    return {**said, "parent": None if parent is None else parent["sku"]}


def with_ids(document: StatedDocument, product: Product, models: Sequence[Product]) -> Document:
    """Return the document that a record states, as this house stores it.

    Args:
        document: as it is stated.
        product: whose it is.
        models: those above it by the document, nearest first.
    """
    parent = {"id": models[0].public_id, "sku": models[0].sku} if models else None
    whole = {**asdict(document), "id": product.public_id, "parent": parent}
    if whole["models"] is None:
        del whole["models"]
    return whole


def check_place(document: StatedDocument, product: Product, models: Sequence[Product]) -> None:
    """Refuse a document that is another product's, or stands where such a product cannot.

    Args:
        document: as it is stated.
        product: whose it is to be.
        models: those above it by the document, nearest first.

    Raises:
        InvalidInputError: at the field at fault.
    """
    if (document.sku, document.kind) != (product.sku, product.kind):
        raise InvalidInputError(
            f"the document is not of the {product.kind} {product.sku}", field="document"
        )
    takes = {"SIMPLE": not models, "VARIANT": bool(models), "MODEL": True}[product.kind]
    if not takes or product in models or any(each.kind != "MODEL" for each in models):
        raise InvalidInputError(
            f"a {product.kind} cannot stand below {document.parent or 'nothing'}: name its model",
            field="document.parent",
        )
    if document.models is not None and document.models != [each.sku for each in models]:
        raise InvalidInputError("name the models above it, nearest first", field="document.models")


def checked(document: Document, models: Sequence[Product]) -> Document:
    """Return a document whose values are such as its attributes take, rich text sanitised.

    Held against the types that the document itself states: bounds may have changed since.

    Raises:
        InvalidInputError: `updatedAt` is no instant; a value is from a model that there is not.
        ValueRuleError: a value is none that its attribute takes.
        SeveralFaultsError: more than one of these.
    """
    faults = Faults()
    with faults:
        try:
            read_instant(document["updatedAt"])
        except ValueError as error:
            raise InvalidInputError(
                "write an instant such as 2026-05-01T00:00:00Z", field="document.updatedAt"
            ) from error
    attributes = [
        _checked_attribute(each, len(models), f"document.attributes[{place}]", faults)
        for place, each in enumerate(document["attributes"])
    ]
    faults.refuse_any()
    return {**document, "attributes": attributes}


def _checked_attribute(
    stated_attribute: Mapping[str, Any], models: int, field: str, faults: Faults
) -> dict[str, Any]:
    attribute = Attribute(
        code=stated_attribute["code"],
        attribute_type=stated_attribute["type"],
        unit=stated_attribute["unit"],
        validation={
            "columns": stated_attribute.get("columns", ()),
            "decimals": MOST_DIGITS,  # a house may allow more than a currency has
        },
    )
    values: list[dict[str, Any]] = []
    for place, each in enumerate(stated_attribute["values"]):
        at = f"{field}.values[{place}]"
        with faults:
            if not 0 <= each.get("from", 0) <= models:
                raise InvalidInputError("name a model above it by its place", field=f"{at}.from")
            data = each["data"]
            named = stated_attribute["options"] if attribute.attribute_type in _CHOSEN else [data]
            known = {name for name in named if isinstance(name, str)}
            key = ValueKey(attribute.code, each["locale"], each["market"], each.get("channel"))
            data = accepted(attribute, data, known, key=key, field=f"{at}.data")
            values.append({**each, "data": data})
    return {**stated_attribute, "values": values}
