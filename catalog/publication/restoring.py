"""Writing what a version says into the draft, as one change of the product."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import ConflictError, Faults, NotFoundError
from catalog.products.commands import put_products
from catalog.products.model import Attribute, Product, ProductRecord, ValueKey, ValueRecord
from catalog.products.store import find_products
from catalog.products.values import ValueScope
from catalog.publication import store, version_store
from catalog.publication.differences import FieldDifference, differences_of, values_of
from catalog.publication.model import ChannelSources, Document, FrozenPublication, RequestedWindow
from catalog.publication.plan import Plan, grow
from catalog.publication.rules import settled_values
from catalog.publication.writing import load_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredDraft:
    """What became of a draft.

    Attributes:
        revision: of the product.
        changed: the values that are others now, as the channel shows them.
        remaining: what the draft still says otherwise: values that it inherits and cannot take
            away, and what is no value.
    """

    sku: str
    revision: int
    changed: tuple[FieldDifference, ...]
    remaining: tuple[FieldDifference, ...]


async def restore_draft(
    change: Change, sku: str, channel: str, version: int, *, expected_revision: int | None = None
) -> RestoredDraft:
    """Write the values of a version into the draft of the product, as one change.

    A value is written where the draft has its own for the channel, and else where it holds for all
    channels. What the version lacks is taken away, as far as it could have said it: not what stands
    in another locale or attribute than there were then. Categories, GTIN and what is below it stay.

    Args:
        change: the open transaction.
        sku: of the product.
        channel: the code.
        version: of its publication there.
        expected_revision: of the product; None: any.

    Raises:
        NotFoundError: there is no such product, channel or version.
        ConflictError: the product has another revision, or another has its options by now.
        VitrineError: a value is none that the attribute takes today.
    """
    await store.lock_tree(change.conn, [sku])
    before = await load_draft(change.conn, sku, channel)
    product = before.product
    if expected_revision is not None and product.revision != expected_revision:
        raise ConflictError(
            f"{sku} has the revision {product.revision} by now: read it again",
            field="expectedRevision",
        )
    frozen = await find_version(change.conn, product, channel, version)
    line = before.plan.tree.line(product)
    records = [*records_of(product, settled_values(line, before.sources), frozen, before.sources)]
    if records:
        applied = await put_products(change, [ProductRecord(sku=sku, values=tuple(records))])
        for each in applied.rejections:
            raise Faults(each.faults).as_one()
    after = await load_draft(change.conn, sku, channel)
    values = differences_of(before.document, after.document)
    return RestoredDraft(
        sku=sku,
        revision=after.product.revision,
        changed=tuple(each for each in values if each.field == "value"),
        remaining=tuple(differences_of(after.document, frozen.document)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDocument:
    """A product as publishing would freeze it, complete or not."""

    product: Product
    plan: Plan
    document: Document

    @property
    def sources(self) -> ChannelSources:
        """Return what documents of the channel are made from."""
        return self.plan.sources


async def load_draft(conn: Connection, sku: str, channel: str) -> DraftDocument:
    """Return what publishing would freeze of a product now, were nothing missing.

    Raises:
        NotFoundError: there is no such product, or channel.
    """
    products = await find_products(conn, await store.find_tree(conn, [sku]))
    plan = Plan(
        tree=grow(products),
        current={},
        asked=RequestedWindow(),
        sources=await load_sources(conn, channel, products),
    )
    product = plan.tree.by_sku.get(sku)
    if product is None:
        raise NotFoundError(f"there is no product {sku!r}", field="sku")
    return DraftDocument(product=product, plan=plan, document=plan.draft_of(product))


async def find_version(
    conn: Connection, product: Product, channel: str, version: int
) -> FrozenPublication:
    """Return a version of a product.

    Raises:
        NotFoundError: there is none of this number.
    """
    found = await version_store.find_frozen(conn, [product.id], channel, version)
    if product.id not in found:
        raise NotFoundError(
            f"{product.sku} has no version {version} on {channel}: `publications` lists them",
            field="version",
        )
    return found[product.id]


def records_of(
    product: Product,
    settled: Mapping[ValueScope, Any],
    frozen: FrozenPublication,
    sources: ChannelSources,
) -> Iterator[ValueRecord]:
    """Yield the values that make a draft say on its channel what a version says. Pure.

    Args:
        product: the draft.
        settled: its values as the channel shows them.
        frozen: the version.
        sources: of the channel.
    """
    channel, wanted = sources.channel.code, values_of(frozen.document)
    for scope, data in wanted.items():
        if settled.get(scope) != data:
            at = ValueKey(scope.attribute, scope.locale, scope.market, channel)
            at = at if at in product.values else at._replace(channel=None)
            attribute = sources.attributes.get(scope.attribute)
            yield _record(at, _whole(attribute, data, product.values.get(at)))
    could_say, shown = _could_say(frozen), sources.families[product.family].attributes
    for at in product.values:
        scope = ValueScope(at.attribute, at.locale, at.market)
        is_shown = scope in settled and at.attribute in shown
        if is_shown and at.channel in {None, channel} and scope not in wanted and could_say(scope):
            yield _record(at, None)


def _could_say(frozen: FrozenPublication) -> Callable[[ValueScope], bool]:
    """Return whether a version could have had a value, as far as is known of it."""
    covered, has = frozen.covered, values_of(frozen.document)
    attributes = {each.attribute for each in has} if covered is None else {*covered.attributes}
    locales = {each.locale for each in has} if covered is None else {None, *covered.locales}
    return lambda scope: scope.attribute in attributes and scope.locale in locales


def _record(at: ValueKey, data: object) -> ValueRecord:
    return ValueRecord(
        attribute=at.attribute, data=data, locale=at.locale, market=at.market, channel=at.channel
    )


def _whole(attribute: Attribute | None, data: object, own: object) -> object:
    """Return a value that leaves nothing of the product's own: prices are put by currency."""
    if attribute is None or attribute.attribute_type != "price" or not isinstance(own, dict):
        return data
    currencies = cast("dict[str, object]", own)
    return {**dict.fromkeys(currencies), **cast("dict[str, object]", data)}
