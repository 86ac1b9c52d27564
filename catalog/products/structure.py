"""What attributes, families and categories must hold to. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from typing import get_args

from catalog.batches import check_known, check_label, complete
from catalog.channels.model import FallbackCycleError
from catalog.channels.rules import check_code
from catalog.errors import ConflictError, Faults, InvalidInputError
from catalog.products.model import (
    Attribute,
    AttributeRecord,
    AttributeType,
    Category,
    CategoryRecord,
    Family,
    FamilyRecord,
    FamilyVariant,
)
from catalog.products.validation import check_held, check_validation

# Codes are those of other systems: what they write is kept as it is, and `S` is another than `s`.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_NAME_FORM = "1 to 100 letters, digits, underscores, hyphens and dots, none of these two first"
MAX_OPTION_LENGTH = 100
_NODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")  # a label of an ltree
_NODE_FORM = "1 to 100 letters, digits, underscores and hyphens, no hyphen first"
_MAX_LEVELS = 3
_TAKEN_ROLES = {
    *("hero", "gallery", "swatch", "detail", "packaging", "document", "video"),
    "custom",
}
_WITH_OPTIONS = {"select", "multiselect"}
_AXIS_TYPES = {"select", "boolean", "number", "decimal", "measurement", "text", "term"}


def merge_attribute(
    record: AttributeRecord,
    stored: Attribute | None,
    used: AbstractSet[tuple[str, str]],
    unfit: Mapping[tuple[str, str], str] = MappingProxyType({}),
    vocabularies: AbstractSet[str] = frozenset(),
) -> Attribute:
    """Return the attribute that a record asks for.

    Args:
        record: what is asked for.
        stored: the attribute as it is.
        used: (attribute, option) of values, among the options that the batch would remove.
        unfit: per attribute and key of a validation that is to change, a value that breaks it.
        vocabularies: that exist, among those that the batch names.

    Raises:
        InvalidInputError: a type, validation or option that is none.
        ConflictError: its type or scoping would change under values that may be stored; a value
            uses an option that would be removed, or breaks what the attribute is to be held to.
    """
    attribute = complete(record, stored, Attribute)
    faults = Faults()
    with faults:
        check_code(attribute.code, _NAME, _NAME_FORM)
    with faults:
        check_label(attribute.label, field="label")
    if attribute.attribute_type not in get_args(AttributeType):
        there_are = f"choose one of {', '.join(get_args(AttributeType))}"
        faults.append(InvalidInputError(there_are, field="attribute_type"))
        raise faults.as_one()
    for field in ("attribute_type", "localizable", "scopable", "market_scoped"):
        if stored is not None and getattr(stored, field) != getattr(attribute, field):
            stays = "values may be stored already: make a new attribute instead"
            faults.append(ConflictError(stays, field=field))
    for key, limit in attribute.validation.items():
        with faults:
            check_validation(attribute, key, limit)
    if attribute.attribute_type == "asset" and attribute.code in _TAKEN_ROLES:
        taken = "media have a role of this name already: choose another"
        faults.append(InvalidInputError(taken, field="code"))
    with faults:
        check_held(attribute, stored, unfit, vocabularies)
    with faults:
        _check_options(attribute)
    kept = {option.code for option in attribute.options}
    for option in stored.options if stored is not None else ():
        if option.code not in kept and (attribute.code, option.code) in used:
            in_use = f"values use the option {option.code!r}: change them first"
            faults.append(ConflictError(in_use, field="options"))
    faults.refuse_any()
    return attribute


def merge_family(
    record: FamilyRecord,
    stored: Family | None,
    attributes: Mapping[str, Attribute],
    channels: AbstractSet[str],
    variant_owners: Mapping[str, str],
) -> Family:
    """Return the family that a record asks for.

    Args:
        record: what is asked for.
        stored: the family as it is.
        attributes: that exist, by code.
        channels: that exist.
        variant_owners: the families of stored variants, by the code of the variant.

    Raises:
        InvalidInputError: it names what does not exist, or an axis that cannot be one.
        ConflictError: a variant's axes would change or end under products that may use them.
    """
    family = wanted_family(record, stored)
    faults = Faults()
    with faults:
        check_code(family.code, _NAME, _NAME_FORM)
    with faults:
        check_label(family.label, field="label")
    with faults:
        check_known(family.attributes, attributes, noun="attribute", field="attributes")
    if len(set(family.attributes)) != len(family.attributes):
        faults.append(InvalidInputError("name each attribute once", field="attributes"))
    for channel, codes in family.required.items():
        field = f"required.{channel}"
        with faults:
            check_known([channel], channels, noun="channel", field=field)
        with faults:
            check_known(codes, family.attributes, noun="attribute of the family", field=field)
    for place, variant in enumerate(family.variants):
        with faults:
            _check_axes(variant, family, attributes, field=f"variants[{place}]")
        if variant_owners.get(variant.code, family.code) != family.code:
            taken = f"{variant.code!r} belongs to another family: choose another code"
            faults.append(ConflictError(taken, field=f"variants[{place}].code"))
    with faults:
        _check_variants_stay(family, stored)
    faults.refuse_any()
    return family


class BatchCategories:
    """Categories as they are in the course of a batch, as far as its records concern them.

    Args:
        known: those that the records name, all above these, and all whose node is one of theirs.
            Accepted ones are added to it.
    """

    def __init__(self, known: Mapping[str, Category], codes: Iterable[str]) -> None:
        self._known = known
        self._of_node: dict[str, set[str]] = {}
        for code in chain(known, codes):
            self._of_node.setdefault(_node(code), set()).add(code)

    def merge(self, record: CategoryRecord, stored: Category | None) -> Category:
        """Return the category that a record asks for.

        Raises:
            InvalidInputError: an unknown parent.
            FallbackCycleError: a category would be below itself.
            ConflictError: a neighbour has the same code but for `-` and `_`.
        """
        category = complete(record, stored, Category)
        faults = Faults()
        with faults:
            check_code(category.code, _NODE, "lower-case letters, digits, hyphens and underscores")
        with faults:
            check_label(category.label, field="label")
        with faults:
            parents = [] if category.parent is None else [category.parent]
            check_known(parents, self._known, noun="category", field="parent")
        faults.refuse_any()
        self._check_no_cycle(category)
        for code in self._of_node[_node(category.code)] - {category.code}:
            twin = self._known.get(code)
            if stored != category and twin is not None and twin.parent == category.parent:
                raise ConflictError("a neighbour has this code but for '-' and '_'", field="code")
        return category

    def _check_no_cycle(self, category: Category) -> None:
        at = category.parent
        while at is not None:
            if at == category.code:
                raise FallbackCycleError(
                    f"{at!r} would lead back to itself: choose another", field="parent"
                )
            at = self._known[at].parent


def path_of(code: str, categories: Mapping[str, Category]) -> list[str]:
    """Return the codes from the root of the tree to a category."""
    path: list[str] = []
    at: str | None = code
    while at is not None:
        path.append(at)
        at = categories[at].parent
    return path[::-1]


def ltree_of(path: Sequence[str]) -> str:
    """Write a path of category codes as an ltree."""
    return ".".join(_node(code) for code in path)


def _node(code: str) -> str:
    """Return a code as a label of a path."""
    return code.replace("-", "_")


def _check_options(attribute: Attribute) -> None:
    if attribute.options and attribute.attribute_type not in _WITH_OPTIONS:
        raise InvalidInputError("only select and multiselect have options", field="options")
    faults, before = Faults(), set[str]()
    for place, option in enumerate(attribute.options):
        field, code = f"options[{place}]", option.code
        is_long = len(code) > MAX_OPTION_LENGTH
        if is_long or not code.isprintable() or code.split() != [code] or code in before:
            form = (
                f"{code[:MAX_OPTION_LENGTH]!r}: write 1 to {MAX_OPTION_LENGTH} printable "
                "characters without spaces, and each code once"
            )
            faults.append(InvalidInputError(form, field=f"{field}.code"))
        before.add(code)
        with faults:
            check_label(option.label, field=f"{field}.label")
    faults.refuse_any()


def wanted_family(record: FamilyRecord, stored: Family | None) -> Family:
    """Return the family that a record asks for, whether or not it may be."""
    return _in_order(complete(record, stored, Family))


def _in_order(family: Family) -> Family:
    """Sort what has no order of its own, so that equal families compare equal."""
    required = {
        channel: tuple(sorted(set(codes))) for channel, codes in family.required.items() if codes
    }
    variants = tuple(sorted(family.variants, key=lambda variant: variant.code))
    return replace(family, required=required, variants=variants)


def _check_axes(
    variant: FamilyVariant, family: Family, attributes: Mapping[str, Attribute], *, field: str
) -> None:
    check_code(variant.code, _NAME, _NAME_FORM)
    if not 1 <= len(variant.axes) <= _MAX_LEVELS or not all(variant.axes):
        raise InvalidInputError("give 1 to 3 levels of at least one axis", field=f"{field}.axes")
    codes = list(chain.from_iterable(variant.axes))
    check_known(codes, family.attributes, noun="attribute of the family", field=f"{field}.axes")
    for place, code in enumerate(codes):
        attribute = attributes.get(code)
        if attribute is None:  # the family is refused for naming it
            continue
        is_scoped = attribute.localizable or attribute.scopable or attribute.market_scoped
        if is_scoped or attribute.attribute_type not in _AXIS_TYPES or code in codes[:place]:
            raise InvalidInputError(
                f"{code!r} cannot be an axis: it has to be unscoped, of one of the types "
                f"{', '.join(sorted(_AXIS_TYPES))}, and named once",
                field=f"{field}.axes",
            )


def _check_variants_stay(family: Family, stored: Family | None) -> None:
    wanted = {variant.code: variant.axes for variant in family.variants}
    if len(wanted) != len(family.variants):
        raise InvalidInputError("name each variant once", field="variants")
    for variant in stored.variants if stored is not None else ():
        if wanted.get(variant.code) != variant.axes:
            raise ConflictError(
                f"products may vary by {variant.code!r}: add another variant instead",
                field="variants",
            )
