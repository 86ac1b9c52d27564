"""What a product must hold to: its place below models, its GTIN, its values and axes. Pure."""

import uuid
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple, TypeAlias, cast, get_args

from catalog import members
from catalog.batches import check_known
from catalog.errors import ConflictError, Faults, InvalidInputError
from catalog.products.model import (
    AxisTakenError,
    Family,
    GtinError,
    Product,
    ProductKind,
    ProductRecord,
    Structure,
    ValueKey,
)
from catalog.products.stated_values import merge_values
from catalog.products.unique_texts import UniqueTexts

_GTIN_LENGTHS = {8, 12, 13, 14}
_MAX_SKU_LENGTH = 200
_MAX_WRONG_GTIN_LENGTH = 200

#: A product's values on its own axes, in a form that compares.
AxisMark: TypeAlias = tuple[object, ...]


@dataclass(slots=True, kw_only=True)
class Drafts:
    """Products as they are in the course of a batch: those stored, then those accepted.

    Attributes:
        siblings: per model the axis marks that are taken, and by whom.
        texts: those that only one product may have.
    """

    by_sku: dict[str, Product] = field(default_factory=dict[str, Product])
    by_id: dict[uuid.UUID, Product] = field(default_factory=dict[uuid.UUID, Product])
    siblings: dict[uuid.UUID, dict[AxisMark, uuid.UUID]] = field(
        default_factory=dict[uuid.UUID, dict[AxisMark, uuid.UUID]]
    )
    texts: UniqueTexts = field(default_factory=UniqueTexts)

    def models_above(self, product: Product) -> list[Product]:
        """Return the models of a product, nearest first."""
        above: list[Product] = []
        at = product.parent
        while at is not None:
            above.append(self.by_id[at])
            at = above[-1].parent
        return above

    def accept(self, product: Product, structure: Structure) -> None:
        """Count a product in, with its mark among its siblings."""
        before = self.by_id.get(product.id)
        if before is not None and before.parent is not None:
            axes = axes_below(self.by_id[before.parent], self, structure)
            self.siblings.get(before.parent, {}).pop(axis_mark(before, axes), None)
        self.texts.accept(product, before, structure.attributes)
        self.by_sku[product.sku] = self.by_id[product.id] = product
        if product.parent is not None:
            axes = axes_below(self.by_id[product.parent], self, structure)
            self.siblings.setdefault(product.parent, {})[axis_mark(product, axes)] = product.id


def merge_product(
    record: ProductRecord,
    stored: Product | None,
    drafts: Drafts,
    structure: Structure,
    identity: tuple[uuid.UUID, str],
) -> Product:
    """Return the product that a record asks for.

    Args:
        record: what is asked for.
        stored: the product as it is.
        drafts: the products that it may name.
        structure: all else that it may name.
        identity: the id and public id of a product that is new.

    Raises:
        SeveralFaultsError: more than one of these.
        InvalidInputError: a field that breaks a rule.
        ConflictError: a change that a product cannot make.
        GtinError: a GTIN that cannot be one, where the record is strict.
        AxisTakenError: a sibling has the same axis values.
    """
    faults = Faults()
    place: _TreePosition | None = None
    with faults:
        _check_sku(record.sku)
    with faults:
        named = [record.family] if record.family else []
        check_known(named, structure.families, noun="family", field="family")
    with faults:
        place = _place_of(record, stored, drafts, structure)
    stated = _stated_by(record, stored, place and place.family, structure, faults)
    if place is None:
        raise faults.as_one()
    product = _product(record.sku, stored, place, stated, identity)
    unread = {value.attribute for value in record.values or ()} if faults else set[str]()
    with faults:
        _check_values_fit(product, stored, structure)
        drafts.texts.check(product, structure.attributes)
    with faults:
        _check_place(product, stored, drafts, structure)
        _check_axes(product, drafts, structure, unread=unread)
    faults.refuse_any()
    return product


class _TreePosition(NamedTuple):
    """Where a product stands."""

    kind: ProductKind
    parent: Product | None
    family: Family
    family_variant: str | None


class _StatedFields(NamedTuple):
    """What a product has wherever it stands."""

    gtin: str | None
    wrong_gtin: str | None
    categories: frozenset[str]
    values: Mapping[ValueKey, Any]


def _product(
    sku: str,
    stored: Product | None,
    place: _TreePosition,
    stated: _StatedFields,
    identity: tuple[uuid.UUID, str],
) -> Product:
    return Product(
        id=stored.id if stored is not None else identity[0],
        public_id=stored.public_id if stored is not None else identity[1],
        sku=sku,
        kind=place.kind,
        family=place.family.code,
        family_variant=place.family_variant if place.kind == "MODEL" else None,
        parent=place.parent.id if place.parent is not None else None,
        revision=stored.revision if stored is not None else 0,
        updated_at=stored.updated_at if stored is not None else None,
        **stated._asdict(),
    )


def _stated_by(
    record: ProductRecord,
    stored: Product | None,
    family: Family | None,
    structure: Structure,
    faults: Faults,
) -> _StatedFields:
    """Return what a record makes of all that does not depend on the products around it.

    Args:
        record: what is asked for.
        stored: the product as it is.
        family: of the product, after the record; None: it is refused for it already.
        structure: all else that it may name.
        faults: take in what is wrong.
    """
    gtins: tuple[str | None, str | None] = (None, None)
    categories = frozenset[str]()
    with faults:
        gtins = _gtins_of(record, stored)
    with faults:
        categories = _categories_of(record, stored, structure)
    before: Mapping[ValueKey, Any] = stored.values if stored is not None else {}
    return _StatedFields(
        *gtins, categories, merge_values(record, before, family, structure, faults)
    )


def gtin_problem(gtin: str) -> str | None:
    """Say why this is no GTIN (GS1 General Specifications, section 7.9: check digit, modulo 10).

    Returns:
        What is wrong: another length than 8, 12, 13 or 14 digits, or another check digit. None: it
        is a GTIN.
    """
    if not (gtin.isascii() and gtin.isdigit() and len(gtin) in _GTIN_LENGTHS):
        return "a GTIN has 8, 12, 13 or 14 digits"
    weighted = sum(int(digit) * (3, 1)[i % 2] for i, digit in enumerate(reversed(gtin[:-1])))
    check_digit = -weighted % 10
    if int(gtin[-1]) != check_digit:
        return f"the check digit should be {check_digit}: read it again"
    return None


def axes_below(model: Product, drafts: Drafts, structure: Structure) -> tuple[str, ...]:
    """Return the axes by which the products right below a model differ."""
    above = drafts.models_above(model)
    root = above[-1] if above else model
    axes = structure.families[root.family].axes_of(root.family_variant)
    return axes[len(above)] if len(above) < len(axes) else ()


def axis_mark(product: Product, axes: tuple[str, ...]) -> AxisMark:
    """Return the product's values on some axes, so that equal ones compare equal."""
    return mark_of(product.values.get(ValueKey(axis, None, None, None)) for axis in axes)


def mark_of(data: Iterable[Any]) -> AxisMark:
    """Return values of axes in a form that compares and hashes."""
    return tuple(
        tuple(sorted(cast("dict[str, Any]", each).items())) if isinstance(each, dict) else each
        for each in data
    )


def _place_of(
    record: ProductRecord, stored: Product | None, drafts: Drafts, structure: Structure
) -> _TreePosition:
    kind = _kind_of(record, stored)
    parent = _parent_of(record, stored, kind, drafts)
    return _TreePosition(kind, parent, *_family_of(record, stored, parent, structure))


def _check_sku(sku: str) -> None:
    if not 1 <= len(sku) <= _MAX_SKU_LENGTH or sku != sku.strip() or not sku.isprintable():
        raise InvalidInputError(
            "write 1 to 200 printable characters without spaces around them", field="sku"
        )


def _kind_of(record: ProductRecord, stored: Product | None) -> ProductKind:
    kind = record.kind or (stored.kind if stored is not None else None)
    if kind is None or kind not in get_args(ProductKind):
        raise InvalidInputError("choose one of MODEL, VARIANT, SIMPLE", field="kind")
    if stored is not None and stored.kind != kind:
        raise ConflictError(f"it is a {stored.kind} and stays one: use a new sku", field="kind")
    return kind


def _parent_of(
    record: ProductRecord, stored: Product | None, kind: ProductKind, drafts: Drafts
) -> Product | None:
    if record.parent:
        check_known([record.parent], drafts.by_sku, noun="product", field="parent")
        parent = drafts.by_sku[record.parent]
    elif record.parent is None and stored is not None and stored.parent is not None:
        parent = drafts.by_id[stored.parent]
    else:
        parent = None
    if kind == "VARIANT" and parent is None:
        raise InvalidInputError("name the model that it is a variant of", field="parent")
    if kind == "SIMPLE" and parent is not None:
        raise InvalidInputError("a SIMPLE product has no parent: leave it out", field="parent")
    if parent is not None and parent.kind != "MODEL":
        raise InvalidInputError(f"{parent.sku!r} is a {parent.kind}, not a MODEL", field="parent")
    return parent


def _family_of(
    record: ProductRecord, stored: Product | None, parent: Product | None, structure: Structure
) -> tuple[Family, str | None]:
    # a product below a model is of the model's family and varies as it does
    heir = parent or stored
    code = record.family or (heir.family if heir is not None else None)
    if code is None:
        raise InvalidInputError("give 'family': a new product needs it", field="family")
    check_known([code], structure.families, noun="family", field="family")
    variant = record.family_variant or (heir.family_variant if heir is not None else None)
    family = structure.families[code]
    for name, value in (("family", code), ("family_variant", variant)):
        if parent is not None and getattr(parent, name) != value:
            raise InvalidInputError(
                f"below {parent.sku!r} it is {getattr(parent, name)!r}: leave it out", field=name
            )
        if stored is not None and stored.kind == "MODEL" and getattr(stored, name) != value:
            raise ConflictError("a model keeps it: use a new sku", field=name)
    is_model = (record.kind or (stored.kind if stored is not None else None)) == "MODEL"
    if is_model and not family.axes_of(variant):
        raise InvalidInputError(
            f"name one of the variants of the family {code!r}", field="family_variant"
        )
    return family, variant


def _gtins_of(record: ProductRecord, stored: Product | None) -> tuple[str | None, str | None]:
    """Return the GTIN, and what was given for one and is none.

    A wrong one costs neither the product nor the right one that is stored.

    Raises:
        GtinError: it is wrong, and the record is strict.
    """
    before = (stored.gtin, stored.wrong_gtin) if stored is not None else (None, None)
    if record.gtin is None:
        return before
    if not record.gtin:
        return None, None
    problem = gtin_problem(record.gtin)
    if problem is None:
        return record.gtin, None
    if record.strict_gtin or len(record.gtin) > _MAX_WRONG_GTIN_LENGTH:
        raise GtinError(problem, field="gtin")
    return before[0], record.gtin


def _categories_of(
    record: ProductRecord, stored: Product | None, structure: Structure
) -> frozenset[str]:
    faults = Faults()
    for where, code in members.places_in(record.categories, "categories"):
        with faults:
            check_known([code], structure.categories, noun="category", field=where)
    faults.refuse_any()
    before = stored.categories if stored is not None else ()
    return members.apply(record.categories, before, field="categories")


def _check_values_fit(product: Product, stored: Product | None, structure: Structure) -> None:
    """Refuse values that a change of family would leave behind.

    Raises:
        InvalidInputError: the new family lacks the attribute of a value.
    """
    if stored is None or stored.family == product.family:
        return
    allowed = frozenset(structure.families[product.family].attributes)
    left = {key.attribute for key in product.values} - allowed
    if left:
        raise InvalidInputError(
            f"the family {product.family!r} has no attribute {min(left)!r}: take its values away "
            'by null, or state all values with "replace_values"',
            field="family",
        )


def _check_place(
    product: Product, stored: Product | None, drafts: Drafts, structure: Structure
) -> None:
    above = drafts.models_above(product)
    if product.id in {model.id for model in above}:
        raise InvalidInputError("it would be below itself: choose another", field="parent")
    if stored is not None and len(drafts.models_above(stored)) != len(above):
        raise ConflictError("it stays at its level: choose a parent of that level", field="parent")
    if product.kind == "SIMPLE":
        return
    root = above[-1] if above else product
    levels = len(structure.families[product.family].axes_of(root.family_variant))
    is_right = len(above) == levels if product.kind == "VARIANT" else len(above) < levels
    if not is_right:
        raise InvalidInputError(
            f"{root.family_variant!r} has {levels} level(s) of axes: a variant is below as many "
            "models, a model below fewer",
            field="parent",
        )


def _check_axes(
    product: Product, drafts: Drafts, structure: Structure, *, unread: Container[str]
) -> None:
    """Refuse axis values that are missing, of another level or taken.

    Args:
        product: as the record wants it.
        drafts: the products around it.
        structure: with its family.
        unread: axes that are not missing, though their values are refused.

    Raises:
        AxisTakenError: a sibling has the same values.
    """
    if product.kind == "SIMPLE":
        return
    root = (drafts.models_above(product) or [product])[-1]
    all_axes = structure.families[product.family].axes_of(root.family_variant)
    parent = drafts.by_id[product.parent] if product.parent is not None else None
    own = axes_below(parent, drafts, structure) if parent is not None else ()
    faults = Faults()
    for axis in chain.from_iterable(all_axes):
        has_value = ValueKey(axis, None, None, None) in product.values
        if axis in own and not has_value and axis not in unread:
            faults.append(InvalidInputError(f"give a value for its axis {axis!r}", field="values"))
        if axis not in own and has_value:
            faults.append(
                InvalidInputError(f"{axis!r} is the axis of another level", field="values")
            )
    faults.refuse_any()
    if parent is None:
        return
    taken = drafts.siblings.get(parent.id, {}).get(axis_mark(product, own))
    if taken not in {None, product.id}:
        raise AxisTakenError("a sibling has the same values on the axes", field="values")
