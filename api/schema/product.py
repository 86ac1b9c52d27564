"""Products: their published document in the context, with live media."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any
from weakref import ref

import orjson
import strawberry
from strawberry.scalars import JSON

from api.documents.declared import STORED, Needs
from api.execution.remembering import Complete, Remembers
from api.request.scene import Scene
from api.schema.attributes import Attribute, attributes_of, find_attribute, text_attribute
from api.schema.categories import Category, category_of
from api.schema.descriptions import argument, field_with, graphql_enum, graphql_field, graphql_type
from api.schema.json_ld import json_ld, url_of
from api.schema.media import MediaRole, ProductMedia, product_media
from api.schema.money import Money
from api.schema.nodes import Node, PageInfo, page_info
from api.schema.options import ProductOption, options_of
from api.schema.prices import PriceRange, price_of, price_range_of
from api.schema.variant_matrix import VariantCombination
from api.schema.variant_pages import (
    VARIANTS,
    needs_of_page,
    read_variant_cursor,
    variant_cursor,
)
from catalog.graph.products import PublishedProduct
from catalog.graph.values import effective, label_locale_of, label_of


@graphql_enum
class ProductKind(Enum):
    """How a product varies.

    Attributes:
        MODEL: What its variants have in common.
        VARIANT: One choice of options of a model.
        SIMPLE: A product without variants.
    """

    MODEL = "MODEL"
    VARIANT = "VARIANT"
    SIMPLE = "SIMPLE"


def _needs_of_roles(arguments: Mapping[str, Any]) -> Needs:
    roles: list[MediaRole] | None = arguments["roles"]
    if roles is None or MediaRole.CUSTOM in roles:
        return Needs(roles=None)
    return Needs(roles=frozenset(each.value for each in roles))


@graphql_type
class ProductFamily:
    """The template that says which attributes a product has."""

    code: str = strawberry.field(description="Natural key.")
    label: str = strawberry.field(description="As people read it.")
    label_locale: str | None = strawberry.field(
        description="Locale of the label; null: there is none, or it is the code itself."
    )


@graphql_type
class Product(Node, Remembers):
    """A product as it was published on the context's channel; its media are live."""

    published: strawberry.Private[PublishedProduct]
    scene: strawberry.Private[Scene]
    sku: str = strawberry.field(description="Natural key; it may change, the id never does.")
    kind: ProductKind = strawberry.field(description="How it varies.")

    def completed_by(self, complete: Complete, run: object) -> dict[str, Any] | orjson.Fragment:
        """Complete and write it once for all who are shown the same."""
        scene, published = self.scene, self.published
        if scene.cards is None:
            return complete(self, run, None)
        return scene.cards.completed(
            (ref(complete), published.public_id, *scene.place),
            (*scene.ground, *scene.basis_of(published)),
            scene.context.now,
            scene.minter.findings,
            lambda: complete(self, run, None),
        )

    @graphql_field
    def gtin(self) -> str | None:
        """Return the Global Trade Item Number."""
        return self.published.document["gtin"]

    @graphql_field
    def family(self) -> ProductFamily:
        """Return the template that says which attributes it has."""
        family = self.published.document["family"]
        label = label_of(family["label"], self.scene.context)
        return ProductFamily(
            code=family["code"],
            label=label or family["code"],
            label_locale=label_locale_of(family["label"], self.scene.context),
        )

    @field_with(rows=STORED.rows, needs=Needs(categories=True))
    def categories(self) -> list[Category]:
        """Return the categories that it is in, of the channel's tree, as the trees are now."""
        scene = self.scene
        ways = scene.paths_of(self.published)
        return [category_of(way, scene.categories_below, scene.context) for way in ways]

    @field_with(needs=Needs(models=True))
    def parent(self) -> "Product | None":
        """Return the model that it is a variant of."""
        nearest = next(iter(self.published.ancestors), None)
        model = self.scene.models.get(nearest) if nearest else None
        return model and product_of(model, self.scene)

    @graphql_field
    def name(self) -> str | None:
        """Return the attribute `name`, in the context's locale or what it falls back to."""
        return text_attribute(self.published.document, "name", self.scene.context)

    @graphql_field
    def description(self) -> str | None:
        """Return the attribute `description`, in the context's locale or its fallbacks."""
        return text_attribute(self.published.document, "description", self.scene.context)

    @graphql_field
    def resolved_locale(self) -> str | None:
        """Return the locale that the name was found in; null: in none."""
        return self._locale_of("name")

    @graphql_field
    def description_locale(self) -> str | None:
        """Return the locale that the description was found in, for `lang`; null: in none."""
        return self._locale_of("description")

    def _locale_of(self, code: str) -> str | None:
        stored = find_attribute(self.published.document, code)
        found = effective(stored["values"], self.scene.context) if stored else None
        return found and found.locale

    @field_with(rows=STORED.rows)
    def attributes(
        self,
        codes: Annotated[
            list[str] | None, argument("Only these attributes; by default all.")
        ] = None,
    ) -> list[Attribute]:
        """Return the attributes that have a value in the context."""
        attributes = attributes_of(self.published.document, self.scene.context)
        if codes is None:
            return [*attributes]
        wanted = frozenset(codes)
        return [each for each in attributes if each.code in wanted]

    @field_with(rows=STORED.rows)
    def options(self) -> list[ProductOption]:
        """Return how it varies, or of a variant, what it is among its model's variants."""
        return options_of(self.published, self.scene)

    @field_with(rows=VARIANTS, needs=needs_of_page)
    def variants(
        self,
        first: Annotated[int, argument("At most so many, 0 to 100.")] = VARIANTS.default,
        after: Annotated[str | None, argument("Begin behind this cursor.")] = None,
    ) -> "VariantConnection":
        """Return the variants of a model that are published."""
        size = VARIANTS.size(first)
        begin = _begin(self.published.variants, after)
        shown = self.published.variants[begin : begin + size]
        edges = [
            ProductEdge(
                node=product_of(each, self.scene), cursor=variant_cursor(begin + number, each.sku)
            )
            for number, each in enumerate(shown, start=1)
        ]
        count = self.published.variant_count
        return VariantConnection(
            edges=edges,
            nodes=[each.node for each in edges],
            page_info=page_info(edges, has_next=begin + len(edges) < count, has_previous=begin > 0),
            total_count=count,
        )

    @field_with(rows=STORED.rows, needs=Needs(outlines=True))
    def combinations(self) -> list[VariantCombination]:
        """Return the visible variants of a model by their options, at most 1,000.

        What is not among them does not exist, or is not visible on the channel.
        """
        axes = [code for level in self.published.document["axes"] for code in level]
        return [
            VariantCombination(
                sku=each.sku,
                values=[each.document["options"].get(axis) for axis in axes],
                price=price_of(each.document, self.scene.context),
            )
            for each in self.published.variants
        ]

    @field_with(rows=STORED.rows, needs=_needs_of_roles)
    def media(
        self,
        roles: Annotated[
            list[MediaRole] | None, argument("Only these roles; by default all.")
        ] = None,
    ) -> list[ProductMedia]:
        """Return what may be shown here and now, by role and position.

        In every role that it has none of its own in, a variant shows those of siblings that look
        alike (the same colour, where colour and size are axes of one level), else its models'.
        """
        wanted = None if roles is None else {role.value for role in roles}
        links = self.scene.media.of(self.published, wanted)
        return [product_media(link, self.scene, self.sku) for link in links]

    @field_with(needs=Needs(roles=frozenset({MediaRole.HERO.value})))
    def hero(self) -> ProductMedia | None:
        """Return the one picture of the role HERO that fits the context best."""
        link = self.scene.media.first_of(self.published, "hero")
        return link and product_media(link, self.scene, self.sku)

    @graphql_field
    def price(self) -> Money | None:
        """Return the attribute `price` in the currency of the context's market."""
        return price_of(self.published.document, self.scene.context)

    @field_with(needs=Needs(outlines=True))
    def price_range(self) -> PriceRange | None:
        """Return from the least to the most that the visible variants of a model cost.

        Of what is sold as it is, its own price.
        """
        return price_range_of(self.published, self.scene.context)

    @graphql_field
    def url(self) -> str | None:
        """Return where people see it, by the channel's `product_url`."""
        return url_of(self.published, self.scene)

    @field_with(weight=20, needs=Needs(outlines=True, roles=frozenset({"hero", "gallery"})))
    def json_ld(self) -> JSON:
        """Return schema.org structured data with offers, and of a model up to 100 variants.

        The licences of its images are in it.
        """
        return json_ld(self.published, self.scene)

    @graphql_field
    def updated_at(self) -> datetime:
        """Return when the published content was last edited."""
        return datetime.fromisoformat(self.published.document["updatedAt"])


@graphql_type
class ProductEdge:
    """A product on a page."""

    node: Product = strawberry.field(description="The product.")
    cursor: str = strawberry.field(description="For `after` and `before`.")


@graphql_type
class VariantConnection:
    """Variants of a model. More than 1,000 are browsed by `products(filter: {models: […]})`."""

    edges: list[ProductEdge] = strawberry.field(
        description="The items of this page, each with its cursor."
    )
    nodes: list[Product] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="What lies around the page.")
    total_count: int = strawberry.field(description="How many are published.")


def _begin(variants: Sequence[PublishedProduct], after: str | None) -> int:
    """Return where a page begins: behind the variant of the cursor, wherever that is by now."""
    if after is None:
        return 0
    place, sku = read_variant_cursor(after)
    found = (at for at, each in enumerate(variants, start=1) if each.sku == sku)
    return next(found, place)


_KINDS = {each.value: each for each in ProductKind}  # quicker than to call the class


def product_of(published: PublishedProduct, scene: Scene) -> Product:
    """Make a `Product`."""
    return Product(
        id=strawberry.ID(published.public_id),
        published=published,
        scene=scene,
        sku=published.sku,
        kind=_KINDS[published.kind],
    )
