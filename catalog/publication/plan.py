"""Which products of a call are published, and why others are not. Pure."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from catalog.completeness.rules import missing_attributes
from catalog.errors import InvalidInputError, VitrineError
from catalog.products.model import Product, ValueKey
from catalog.publication.model import (
    ChannelSources,
    Covered,
    CurrentPublication,
    Document,
    Publication,
    RequestedWindow,
)
from catalog.publication.rules import (
    build_document,
    checksum_before,
    checksum_of,
    content_digest_of,
    covered_by,
    settled_values,
    window_of,
)
from catalog.rights.model import Window


class IncompleteError(VitrineError):
    """Required values are missing."""

    code = "INCOMPLETE"


class TakenBackError(VitrineError):
    """A person took it back, and nobody has published it by its name since."""

    code = "TAKEN_BACK"


class ParentUnpublishedError(VitrineError):
    """The model of the product has no publication on the channel."""

    code = "PARENT_UNPUBLISHED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductTrees:
    """The products of a call with their models and all that is below them."""

    by_id: Mapping[uuid.UUID, Product]
    by_sku: Mapping[str, Product]
    children: Mapping[uuid.UUID, Sequence[Product]]

    def line(self, product: Product) -> list[Product]:
        """Return a product and its models, nearest first."""
        line = [product]
        while line[-1].parent is not None:
            line.append(self.by_id[line[-1].parent])
        return line

    def below(self, product: Product) -> Iterator[Product]:
        """Yield all that is below a product; models before what is below them, by sku."""
        for child in self.children.get(product.id, ()):
            yield child
            yield from self.below(child)


def grow(products: Iterable[Product]) -> ProductTrees:
    """Arrange products into their tree."""
    by_sku = {each.sku: each for each in sorted(products, key=lambda product: product.sku)}
    children: dict[uuid.UUID, list[Product]] = {}
    for each in by_sku.values():
        if each.parent is not None:
            children.setdefault(each.parent, []).append(each)
    return ProductTrees(
        by_id={each.id: each for each in by_sku.values()}, by_sku=by_sku, children=children
    )


@dataclass(slots=True, kw_only=True)
class Plan:
    """What one call publishes.

    Attributes:
        current: the newest publications of the products of the tree.
        taken_back: products of the tree that stay off, each with all that is below it.
        publications: wanted ones by product, those in `unchanged` as they are stored.
        renews_copies: whether a draft takes the place of a copy that says the same, which then is
            known to be of the draft.
        refused: why others get none; what is published of them stays.
    """

    tree: ProductTrees
    current: Mapping[uuid.UUID, CurrentPublication]
    asked: RequestedWindow
    sources: ChannelSources
    taken_back: frozenset[uuid.UUID] = frozenset()
    renews_copies: bool = False
    publications: dict[uuid.UUID, Publication] = field(default_factory=dict[uuid.UUID, Publication])
    unchanged: set[uuid.UUID] = field(default_factory=set[uuid.UUID])
    refused: dict[uuid.UUID, VitrineError] = field(default_factory=dict[uuid.UUID, VitrineError])
    _brought_back: frozenset[uuid.UUID] = field(default=frozenset(), init=False)

    @property
    def channel(self) -> str:
        """Return the code of the channel."""
        return self.sources.channel.code

    @property
    def changed(self) -> list[Publication]:
        """Return what has to be written."""
        return [each for each in self.publications.values() if each.product not in self.unchanged]

    def bring_back(self, skus: Iterable[str]) -> None:
        """Let products be published that were taken back: somebody names each by its own sku."""
        named = {self.tree.by_sku[sku].id for sku in skus if sku in self.tree.by_sku}
        self._brought_back = self.taken_back.intersection(named)
        self.taken_back = self.taken_back.difference(named)

    @property
    def brought_back(self) -> list[uuid.UUID]:
        """Return those of them that are published, so that nothing keeps them off any more."""
        return sorted(self._brought_back & self.publications.keys())

    def publish(self, skus: Iterable[str], *, with_below: bool = True) -> None:
        """Decide about products, and about what is below the models among them.

        Incomplete variants are refused, and a model that has variants of which none is complete.
        A product below a model is refused while the model has no publication on the channel and
        gets none in this call. What would say the same as before stays as it is.
        """
        roots = [self.tree.by_sku[sku] for sku in skus if sku in self.tree.by_sku]
        known = {each.id: each for root in roots for each in (root, *self.tree.below(root))}
        for each in known.values():
            if each.kind != "MODEL":
                self._refuse_incomplete(each)
        for each in known.values():
            self._refuse_empty(each)
        wanted = known if with_below else {each.id: each for each in roots}
        for each in wanted.values():
            self.refuse_taken_back(each)
        # models first: what is below them follows their windows
        for each in sorted(wanted.values(), key=lambda product: len(self.tree.line(product))):
            if each.id in self.refused:
                continue
            try:
                self._publish_one(each)
            except (ParentUnpublishedError, InvalidInputError) as error:
                self.refused[each.id] = error

    def _refuse_incomplete(self, product: Product) -> None:
        family = self.sources.families[product.family]
        required = family.required.get(self.sources.channel.code, ())
        missing = missing_attributes(
            required,
            frozenset(code for code in required if self.sources.attributes[code].localizable),
            settled_values(self.tree.line(product), self.sources),
            self.sources.locales,
        )
        if missing:
            lacks = ", ".join(str(each) for each in missing)
            self.refused[product.id] = IncompleteError(
                f"give {product.sku} values for {lacks}", field="values"
            )

    def _refuse_empty(self, product: Product) -> None:
        sold = [each for each in self.tree.below(product) if each.kind == "VARIANT"]
        if sold and all(each.id in self.refused for each in sold):
            first = self.refused[sold[0].id].message
            self.refused[product.id] = IncompleteError(
                f"none of its variants is complete ({len(sold)}): {first}", field="values"
            )

    def refuse_taken_back(self, product: Product) -> None:
        """Refuse a product that stays off, by itself or with a model above it."""
        for each in self.tree.line(product):
            if each.id in self.taken_back:
                self.refused[product.id] = TakenBackError(
                    f"{each.sku} was taken back: publish it by its own sku, by hand", field="skus"
                )

    def draft_of(self, product: Product) -> dict[str, Any]:
        """Return the document that publishing a product would freeze, were nothing missing."""
        models = self.tree.line(product)[1:]
        return build_document(product, models, self.sources, self._used_below(product))

    def _publish_one(self, product: Product) -> None:
        covered = covered_by(self.sources.families[product.family], self.sources)
        self.take(product, self.draft_of(product), covered)

    def take(
        self,
        product: Product,
        document: Document,
        covered: Covered | None,
        *,
        copy_of: int | None = None,
    ) -> None:
        """Take a document as the next publication of a product, if it says anything new.

        Args:
            product: whose models are decided about already.
            document: of its draft, or of a version.
            covered: what that could say.
            copy_of: that version.

        Raises:
            ParentUnpublishedError: its model has no publication, and gets none.
            InvalidInputError: it would end before it begins.
        """
        line, now = self.tree.line(product), self.sources.now
        stored = self.current.get(product.id)
        publication = Publication(
            product=product.id,
            public_id=product.public_id,
            sku=product.sku,
            kind=product.kind,
            version=stored.version + 1 if stored is not None else 1,
            ancestors={model.id: model.public_id for model in line[1:]},
            document=document,
            checksum=checksum_of(document),
            content_digest=content_digest_of(document, self.sources),
            window=window_of(self.asked, stored, self._window_above(line), now),
            first_published_at=now if stored is None else stored.first_published_at,
            copy_of=copy_of,
            covered=covered,
        )
        if stored is not None and self._is_there(stored, publication):
            publication = replace(publication, version=stored.version, copy_of=None)
            self.unchanged.add(product.id)
        self.publications[product.id] = publication

    def _is_there(self, stored: CurrentPublication, publication: Publication) -> bool:
        is_renewed = stored.copy_of is not None and publication.copy_of is None
        if self.renews_copies and is_renewed:
            return False
        return says_the_same(stored, publication, self.sources)

    def _window_above(self, line: Sequence[Product]) -> Window | None:
        if len(line) == 1:
            return None
        model = line[1]
        if model.id in self.publications:
            return self.publications[model.id].window
        stored = self.current.get(model.id)
        if stored is None or not stored.is_live:
            raise ParentUnpublishedError(
                f"publish its model {model.sku!r} first, or with it", field="sku"
            )
        return stored.window

    def _used_below(self, model: Product) -> dict[str, set[str]]:
        """Return the options of select axes that products below a model have, by attribute.

        Of all of them: which are visible is decided when the document is read.
        """
        if model.kind != "MODEL":
            return {}
        root = self.tree.line(model)[-1]
        axes = self.sources.families[root.family].axes_of(root.family_variant)
        used: dict[str, set[str]] = {}
        for axis in chain.from_iterable(axes):
            if self.sources.attributes[axis].attribute_type == "select":
                key = ValueKey(axis, None, None, None)
                below = self.tree.below(model)
                used[axis] = {each.values[key] for each in below if key in each.values}
        return used


def says_the_same(
    stored: CurrentPublication, publication: Publication, sources: ChannelSources
) -> bool:
    """Return whether a publication would only repeat the one that is live."""
    return (
        stored.is_live
        and stored.window == publication.window
        and list(stored.ancestors) == list(publication.ancestors)
        and (
            stored.checksum == checksum_before(publication.document, sources)
            if stored.content_digest is None
            else stored.content_digest == publication.content_digest
        )
    )
