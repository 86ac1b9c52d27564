"""Products: the grid of all that is kept, and one as the shop sees it in a context."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.products.products_graphql import (
    BIND,
    FIND_ASSET,
    ONE_PRODUCT,
    PRODUCTS,
    PUBLISH,
    UNBIND,
    UNPUBLISH,
    OneProductCatalogueProductsNodes,
    OneProductData,
    OneProductProduct,
    OneProductProductAttributes,
    ProductsCatalogueProducts,
    ProductsChannels,
    ProductsData,
)
from serving.in_process import GRID_FORMS, GraphProblem

FOLDER: Final = Path(__file__).parent
_STATES: Final = ("PUBLISHED", "UNPUBLISHED", "CHANGED")
_KINDS: Final = ("SIMPLE", "MODEL", "VARIANT")
_ROLES: Final = ("HERO", "GALLERY", "SWATCH", "DETAIL", "PACKAGING", "DOCUMENT", "VIDEO")
_MAY_SEE: Final = (Action.PRODUCTS_EDIT, Action.PRODUCTS_PUBLISH, Action.CONTENT_PREVIEW)


@dataclass(frozen=True, slots=True)
class ShownProducts:
    """What the grid shows."""

    products: ProductsCatalogueProducts
    channels: Sequence[ProductsChannels]
    may_publish: bool
    states: Sequence[str] = _STATES
    kinds: Sequence[str] = _KINDS


@dataclass(frozen=True, slots=True)
class ShownProduct:
    """What the page of a product shows.

    Attributes:
        kept: the product as it is kept; its publications say where it can be seen.
        product: as the context shows it; None: it is not published there.
        groups: its attributes by group.
    """

    kept: OneProductCatalogueProductsNodes
    product: OneProductProduct | None
    data: OneProductData
    groups: Mapping[str, Sequence[OneProductProductAttributes]]
    channel: str
    may_publish: bool
    may_bind: bool
    roles: Sequence[str] = _ROLES


async def show_list(visit: Visit) -> Response:
    """Show the products that the filters leave."""
    data = await _listed(visit)
    return visit.render(
        "list.html",
        ShownProducts(
            products=visit.there(data["catalogueProducts"]),
            channels=data["channels"] or [],
            may_publish=visit.may(Action.PRODUCTS_PUBLISH),
        ),
    )


async def _listed(visit: Visit) -> ProductsData:
    kind, family = visit.filter("kind"), visit.filter("family")
    return await visit.ask(
        PRODUCTS,
        state=visit.filter("state"),
        channel=visit.filter("channel"),
        family=[family] if family else None,
        kind=[kind] if kind else None,
        search=visit.filter("text"),
        after=visit.filter("after"),
    )


async def _unpublishable(visit: Visit, skus: Sequence[str]) -> dict[str, str]:
    """Say which products are not on the channel that they shall be taken back from."""
    there = await _on_channel(visit)
    return {each: "not_there" for each in skus if each not in there}


async def _unchanged(visit: Visit, skus: Sequence[str]) -> dict[str, str]:
    """Say which products are published as they are kept."""
    there = await _on_channel(visit)
    return {each: "is_published" for each in skus if there.get(each) is False}


async def _on_channel(visit: Visit) -> dict[str, bool]:
    """Return the products of the list that are on the form's channel, and whether they changed."""
    channel, products = (
        visit.field("channel"),
        visit.there((await _listed(visit))["catalogueProducts"]),
    )
    return {
        product["sku"]: each["hasChanged"]
        for product in products["nodes"]
        for each in product["publications"]
        if each["channel"] == channel
    }


async def show_product(visit: Visit) -> Response:
    """Show a product as a context shows it, and where it is published."""
    data = await visit.ask(
        ONE_PRODUCT,
        sku=visit.path("sku"),
        market=visit.filter("market"),
        locale=visit.filter("locale"),
        channel=visit.filter("channel"),
    )
    nodes = visit.there(data["catalogueProducts"])["nodes"]
    kept = next((each for each in nodes if each["sku"] == visit.path("sku")), None)
    product = data["product"]
    channels = data["channels"] or []
    return visit.render(
        "product.html",
        ShownProduct(
            kept=visit.there(kept),
            product=product,
            data=data,
            groups=_by_group(product["attributes"] if product else ()),
            channel=visit.filter("channel") or (channels[0]["code"] if channels else ""),
            may_publish=visit.may(Action.PRODUCTS_PUBLISH),
            may_bind=visit.may(Action.MEDIA_BIND),
        ),
    )


def _by_group(
    attributes: Iterable[OneProductProductAttributes],
) -> dict[str, list[OneProductProductAttributes]]:
    groups: dict[str, list[OneProductProductAttributes]] = {}
    for each in attributes:
        groups.setdefault(each["group"] or "", []).append(each)
    return groups


async def publish(visit: Visit) -> Response:
    """Publish products on a channel, now or from a day on."""
    day = visit.field("from")
    data = await visit.ask(
        PUBLISH,
        skus=_ids(visit),
        channel=visit.field("channel") or "",
        visibleFrom=f"{day}T00:00:00Z" if day else None,
    )
    return await visit.conclude_rows(data["publishProducts"], _ids(visit), "published")


async def unpublish(visit: Visit) -> Response:
    """Take products back from a channel, and wait until no gateway delivers their pictures."""
    data = await visit.ask(UNPUBLISH, skus=_ids(visit), channel=visit.field("channel") or "")
    return await visit.conclude_rows(data["unpublishProducts"], _ids(visit), "unpublished")


async def bind(visit: Visit) -> Response:
    """Show an asset at the product, everywhere or in a context alone."""
    code = visit.field("asset") or ""
    found = await visit.ask(FIND_ASSET, text=code)
    asset = next(
        (each for each in found["search"] or () if code in {each["code"], each["id"]}), None
    )
    if asset is None:
        visit.problems.append(GraphProblem(code="NO_ASSET", message=code, field="asset"))
        return await show_product(visit)
    data = await visit.ask(
        BIND,
        product=visit.field("product") or "",
        asset=asset["id"],
        role=visit.field("role") or _ROLES[0],
        position=visit.number("position"),
        channel=visit.field("only_channel"),
        market=visit.field("only_market"),
        locale=visit.field("only_locale"),
    )
    return await visit.conclude_rows(data["bindMedia"], [visit.field("product") or ""], "bound")


async def unbind(visit: Visit) -> Response:
    """Take a picture out of the product."""
    data = await visit.ask(UNBIND, ids=visit.all_fields("id"))
    return await visit.conclude_rows(data["unbindMedia"], _ids(visit), "unbound")


def _ids(visit: Visit) -> list[str]:
    """Return what a form means: what is selected, or the product of the page."""
    return visit.selected("sku")


PRODUCTS_PAGE: Final = Page(
    path="/products",
    folder=FOLDER,
    view=show_list,
    forms={"publish": publish, "unpublish": unpublish},
    previews={"publish": _unchanged, "unpublish": _unpublishable},
    bounds=GRID_FORMS,
    section=Section.PRODUCTS,
    needs=_MAY_SEE,
    shortcut="p",
    columns=("sku", "kind", "family", "published_on", "changed"),
)
PRODUCT_PAGE: Final = Page(
    path="/products/{sku:path}",
    folder=FOLDER,
    view=show_product,
    forms={"publish": publish, "unpublish": unpublish, "bind": bind, "unbind": unbind},
    needs=_MAY_SEE,
)
