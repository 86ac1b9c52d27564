"""Changes of products and of the structure they have to fit, each batch with its events."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from catalog.batches import BatchChanges, BatchResult, judge
from catalog.changes import Change
from catalog.channels.commands import UNVERSIONED
from catalog.channels.store import find_scopes
from catalog.events.model import Event
from catalog.ids import new_id, new_public_id
from catalog.members import named_in
from catalog.products import rules, store, structure, structure_store, unique_store
from catalog.products.model import (
    Attribute,
    AttributeRecord,
    Category,
    CategoryRecord,
    Family,
    FamilyRecord,
    Product,
    ProductRecord,
    Structure,
    ValueKey,
)
from catalog.products.rules import Drafts
from catalog.products.store import OwnedValue
from catalog.products.unique_texts import UniqueText, is_storable, is_unique
from catalog.subjects import publication_subject, reference_subject
from catalog.tasks.commands import close_mended, open_tasks
from catalog.tasks.kinds import WRONG_GTIN
from catalog.vocabularies import store as vocabulary_store


async def put_attributes(change: Change, records: Sequence[AttributeRecord]) -> BatchResult:
    """Add or change attributes with their options."""
    codes = [record.code for record in records]
    await structure_store.lock(change.conn)
    await structure_store.claim_attributes(change.conn, codes)
    known = await structure_store.find_attributes(change.conn, codes)
    used = await structure_store.find_used(change.conn, _removed_options(records, known))
    turned = _turned_unique(records, known)
    stated = [*(each.validation or {} for each in records), *(k.validation for k in known.values())]
    named = {str(each["vocabulary"]) for each in stated if "vocabulary" in each}
    vocabularies = await vocabulary_store.find_codes(change.conn, named)
    unfit = await _find_unfit(change, turned, _turned_to_vocabulary(records, known))
    judged = judge(
        records,
        known,
        key=lambda record: record.code,
        merge=lambda record, stored: structure.merge_attribute(
            record, stored, used, unfit, vocabularies
        ),
    )
    if judged.changed:
        await structure_store.put_attributes(change.conn, judged.changed)
        await unique_store.mark(change.conn, turned)
        await change.record(*_changed_events("attribute", judged))
    return judged.applied


async def _find_unfit(
    change: Change, unique: Sequence[str], held: Mapping[str, str]
) -> Mapping[tuple[str, str], str]:
    """Return per attribute and key of its validation a value that would break it.

    Args:
        change: the open transaction; nobody gives the attributes values.
        unique: attributes that become unique, or cease to be.
        held: per attribute the vocabulary that it turns to.
    """
    shared = await unique_store.find_shared(change.conn, unique)
    if held:
        await vocabulary_store.lock(change.conn)
    lacking = await vocabulary_store.find_lacking(change.conn, held)
    return {(code, "unique"): text for code, text in shared.items()} | {
        (code, "vocabulary"): term for code, term in lacking.items()
    }


async def put_families(change: Change, records: Sequence[FamilyRecord]) -> BatchResult:
    """Add or change families with their requirements and variants."""
    await structure_store.lock(change.conn)
    known = await structure_store.find_families(change.conn, [record.code for record in records])
    named = [record.attributes or () for record in records]
    stored = [family.attributes for family in known.values()]
    attributes = await structure_store.find_attributes(
        change.conn, list(chain.from_iterable([*named, *stored]))
    )
    scopes = await find_scopes(change.conn)
    variants = [variant.code for record in records for variant in record.variants or ()]
    owners = await structure_store.find_variant_owners(change.conn, variants)
    judged = judge(
        records,
        known,
        key=lambda record: record.code,
        merge=lambda record, before: structure.merge_family(
            record, before, attributes, scopes.channels, owners
        ),
    )
    if judged.changed:
        await structure_store.put_families(change.conn, judged.changed)
        await change.record(*_changed_events("family", judged))
    return judged.applied


async def put_categories(change: Change, records: Sequence[CategoryRecord]) -> BatchResult:
    """Add or change categories; one that moves takes along what is below it."""
    conn = change.conn
    await structure_store.lock(conn)
    codes = [record.code for record in records]
    parents = [record.parent for record in records if record.parent]
    known = await structure_store.find_categories_above(conn, [*codes, *parents])
    known |= await structure_store.find_category_twins(conn, codes)
    before = dict(known)
    tree = structure.BatchCategories(known, codes)
    judged = judge(records, known, key=lambda record: record.code, merge=tree.merge)
    if judged.changed:
        moved = [each.code for each in judged.changed if _has_moved(each, before)]
        below = await structure_store.find_categories_below(conn, moved) if moved else {}
        categories = {**below, **known}
        touched = [*below, *(each.code for each in judged.changed if each.code not in below)]
        await structure_store.put_categories(conn, touched, categories)
        await change.record(*_changed_events("category", judged))
    return judged.applied


def _has_moved(category: Category, before: Mapping[str, Category]) -> bool:
    return category.code in before and before[category.code].parent != category.parent


async def put_products(change: Change, records: Sequence[ProductRecord]) -> BatchResult:
    """Add or change products with their values and categories.

    What is published stays as it is until it is published again.
    """
    skus = {sku for record in records for sku in (record.sku, record.parent) if sku}
    await store.lock(change.conn, sorted(skus))
    drafts = await _load_drafts(change, sorted(skus))
    known = await _load_structure(change, records, drafts)
    await _load_siblings(change, drafts, known)
    await _load_unique_texts(change, records, drafts, known)
    before = dict(drafts.by_id)
    above_before = {each.id: drafts.models_above(each) for each in before.values()}

    def merge(record: ProductRecord, stored: Product | None) -> Product:
        identity = (new_id(), new_public_id())
        product = rules.merge_product(record, stored, drafts, known, identity)
        if product != stored:
            drafts.accept(product, known)
        return product

    judged = judge(records, drafts.by_sku, key=lambda record: record.sku, merge=merge)
    if judged.changed:
        await _write(change, judged.changed, before)
        events = [
            *(_product_event("product.created", each, None) for each in judged.created.values()),
            *(
                _product_event("product.updated", each, before[each.id])
                for each in judged.updated.values()
            ),
            *(
                _moved_event(each, [*above_before[each.id], *drafts.models_above(each)], known)
                for each in judged.updated.values()
                if each.parent != before[each.id].parent
            ),
        ]
        await change.record(*events)
    return judged.applied


async def _load_drafts(change: Change, skus: Sequence[str]) -> Drafts:
    products = await store.find_products(change.conn, skus)
    return Drafts(
        by_sku={each.sku: each for each in products}, by_id={each.id: each for each in products}
    )


async def _load_structure(
    change: Change, records: Sequence[ProductRecord], drafts: Drafts
) -> Structure:
    named = {record.family for record in records if record.family}
    families = await structure_store.find_families(
        change.conn, list(named | {each.family for each in drafts.by_id.values()})
    )
    values = {value.attribute for record in records for value in record.values or ()}
    await structure_store.hold_attributes(change.conn, values)
    attributes = await structure_store.find_attributes(change.conn, list(values))
    categories = {code for record in records for code in named_in(record.categories)}
    return Structure(
        attributes=attributes,
        families=families,
        categories=await store.find_category_codes(change.conn, categories),
        scopes=await find_scopes(change.conn),
        options={
            code: frozenset(option.code for option in each.options)
            for code, each in attributes.items()
        }
        | await _terms_of(change, records, attributes)
        | await _skus_of(change, records, attributes),
    )


async def _skus_of(
    change: Change, records: Sequence[ProductRecord], attributes: Mapping[str, Attribute]
) -> dict[str, frozenset[str]]:
    """Return per attribute that names products the skus that there are, or that the batch makes."""
    codes = {code for code, each in attributes.items() if each.attribute_type == "product"}
    named = {
        value.data
        for record in records
        for value in record.values or ()
        if value.attribute in codes and is_storable(value.data)
    }
    made = {record.sku for record in records}
    found = frozenset(named & made) | await store.find_skus(change.conn, named - made)
    return dict.fromkeys(codes, found)


async def _terms_of(
    change: Change, records: Sequence[ProductRecord], attributes: Mapping[str, Attribute]
) -> dict[str, frozenset[str]]:
    """Return per attribute with a vocabulary those of its terms that the records name."""
    held_to: dict[str, str] = {
        code: each.validation["vocabulary"]
        for code, each in attributes.items()
        if "vocabulary" in each.validation
    }
    named = {
        (held_to[value.attribute], value.data)
        for record in records
        for value in record.values or ()
        if value.attribute in held_to and is_storable(value.data)
    }
    found = await vocabulary_store.hold_terms(change.conn, named)
    return {
        code: frozenset(term for of, term in found if of == vocabulary)
        for code, vocabulary in held_to.items()
    }


async def _load_unique_texts(
    change: Change, records: Sequence[ProductRecord], drafts: Drafts, known: Structure
) -> None:
    codes = {code for code, each in known.attributes.items() if is_unique(each)}
    texts = {
        UniqueText(value.attribute, value.data)
        for record in records
        for value in record.values or ()
        if value.attribute in codes and is_storable(value.data)
    }
    for text, owner in await unique_store.lock_owners(change.conn, texts):
        drafts.texts.note(text, owner)


async def _load_siblings(change: Change, drafts: Drafts, known: Structure) -> None:
    models = [each.id for each in drafts.by_id.values() if each.kind == "MODEL"]
    for each in await store.find_axis_values(change.conn, models):
        axes = rules.axes_below(drafts.by_id[each.parent], drafts, known)
        mark = rules.mark_of(each.axes.get(axis) for axis in axes)
        drafts.siblings.setdefault(each.parent, {})[mark] = each.id


async def _write(
    change: Change, products: Sequence[Product], before: Mapping[uuid.UUID, Product]
) -> None:
    gone: list[OwnedValue] = []
    put: list[OwnedValue] = []
    left: list[tuple[uuid.UUID, str]] = []
    joined: list[tuple[uuid.UUID, str]] = []
    for each in products:
        old = before.get(each.id)
        had: Mapping[ValueKey, Any] = old.values if old is not None else {}
        was_in = old.categories if old is not None else frozenset[str]()
        gone += [OwnedValue(each.id, key, had[key]) for key in had if key not in each.values]
        put += [OwnedValue(each.id, key, v) for key, v in each.values.items() if had.get(key) != v]
        left += [(each.id, code) for code in was_in - each.categories]
        joined += [(each.id, code) for code in each.categories - was_in]
    await store.put_products(change.conn, products)
    await _queue_wrong_gtins(change, products, before)
    await store.delete_values(change.conn, gone)
    await store.put_values(change.conn, put)
    await store.change_categories(change.conn, gone=left, added=joined)


async def _queue_wrong_gtins(
    change: Change, products: Sequence[Product], before: Mapping[uuid.UUID, Product]
) -> None:
    """Queue what was given as a GTIN and is none; close what was queued of an earlier one."""
    given = {each.id: each.wrong_gtin for each in before.values()}
    turned = [each for each in products if given.get(each.id) != each.wrong_gtin]
    gone = [f"product/{each.sku}" for each in turned if given.get(each.id) is not None]
    await close_mended(change, WRONG_GTIN, gone)
    causes = {
        f"product/{each.sku}": f"{each.wrong_gtin}: {rules.gtin_problem(each.wrong_gtin)}"
        for each in turned
        if each.wrong_gtin is not None
    }
    await open_tasks(change, WRONG_GTIN, causes)


def _turned_unique(records: Iterable[AttributeRecord], known: Mapping[str, Attribute]) -> list[str]:
    """Return the stored attributes that become unique, or cease to be."""
    return [
        each.code
        for each in records
        if each.validation is not None
        and each.code in known
        and bool(each.validation.get("unique")) != is_unique(known[each.code])
    ]


def _turned_to_vocabulary(
    records: Iterable[AttributeRecord], known: Mapping[str, Attribute]
) -> dict[str, str]:
    """Return the vocabulary of each stored attribute that is to be held to another than it is."""
    return {
        each.code: str(each.validation["vocabulary"])
        for each in records
        if each.validation is not None
        and each.code in known
        and each.validation.get("vocabulary", known[each.code].validation.get("vocabulary"))
        != known[each.code].validation.get("vocabulary")
    }


def _removed_options(
    records: Iterable[AttributeRecord], known: dict[str, Attribute]
) -> list[tuple[str, str]]:
    return [
        (record.code, option.code)
        for record in records
        if record.options is not None and record.code in known
        for kept in [{each.code for each in record.options}]
        for option in known[record.code].options
        if option.code not in kept
    ]


def _changed_events(
    noun: str,
    judged: BatchChanges[str, Attribute] | BatchChanges[str, Family] | BatchChanges[str, Category],
) -> list[Event]:
    return [
        Event(
            type=f"{noun}.changed",
            subject=f"{noun}/{each.code}",
            version=UNVERSIONED,
            # what is published is frozen: of these only categories are read as they are now
            subjects=(reference_subject(noun, each.code),) if noun == "category" else (),
            data={"code": each.code},
            before=judged.before.get(each.code),
            after=each,
        )
        for each in judged.changed
    ]


def _product_event(type_: str, product: Product, before: Product | None) -> Event:
    return Event(
        type=type_,
        subject=f"product/{product.sku}",
        version=product.revision + 1,
        data={"id": product.public_id, "sku": product.sku},
        before=before,
        after=product,
    )


def _moved_event(product: Product, models: Iterable[Product], known: Structure) -> Event:
    """Name the product and every model above it, old and new, on every channel."""
    owners = dict.fromkeys([product.public_id, *(model.public_id for model in models)])
    return Event(
        type="product.moved",
        subject=f"product/{product.sku}",
        version=product.revision + 1,
        subjects=tuple(
            publication_subject(owner, channel)
            for owner in owners
            for channel in sorted(known.scopes.channels)
        ),
        data={"id": product.public_id, "sku": product.sku},
    )
