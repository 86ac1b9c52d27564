"""Whose products are whose to change: roles that are narrowed, held against what a row touches.

What may not be changed is answered as if it were not there.
"""

from collections.abc import Collection, Mapping, Sequence

from api.request.asker import Asker
from catalog.access.roles import Action
from catalog.access.rules import ActionPlace
from catalog.associations.model import BindingResult, MediaBinding
from catalog.db import Connection
from catalog.errors import ForbiddenError, NotFoundError, UnknownNameError, VitrineError
from catalog.graph.product_places import (
    places_of_associations,
    places_of_products,
    within,
)
from catalog.publication.model import PublicationResult

_NO_PLACE = ActionPlace()


def require_channel(asker: Asker, channel: str) -> None:
    """Refuse whoever may publish nothing on a channel; a publication is for all of its markets.

    Raises:
        UnauthenticatedError, ForbiddenError: whether there is such a channel or not.
    """
    asker.require_within(
        Action.PRODUCTS_PUBLISH, channels={channel}, markets=(), locales=(), fields=()
    )


async def require_kept(conn: Connection, asker: Asker, sku: str, channel: str) -> None:
    """Refuse whoever may not see a product as it is kept for a channel, as if it were not there.

    Raises:
        NotFoundError: there is no such product.
    """
    place = (await places_of_products(conn, skus=[sku])).get(sku)
    if place is None or not asker.may(Action.PRODUCTS_READ, within(place, channel=channel)):
        raise NotFoundError(f"there is no product {sku!r}", field="sku")


async def publishable(
    conn: Connection, asker: Asker, channel: str, skus: Sequence[str]
) -> Collection[str]:
    """Return those of the skus whose products may be published on a channel, and taken back."""
    if asker.may(Action.PRODUCTS_PUBLISH):
        return frozenset(skus)
    places = await places_of_products(conn, skus=skus)
    return {
        sku
        for sku in skus
        if asker.may(Action.PRODUCTS_PUBLISH, within(places.get(sku, _NO_PLACE), channel=channel))
    }


def hidden_product(sku: str) -> PublicationResult:
    """Return what is said of a product that is not there."""
    error = NotFoundError(f"there is no product {sku!r}")
    return PublicationResult(sku=sku, outcome="rejected", code=error.code, message=error.message)


async def refused_bindings(
    conn: Connection, asker: Asker, bindings: Sequence[MediaBinding]
) -> Mapping[int, BindingResult]:
    """Return what is said of those that whoever asks may not make, by their place in the list."""
    if asker.may(Action.MEDIA_BIND):
        return {}
    places = await places_of_products(conn, public_ids=[each.product for each in bindings])
    refused: dict[int, BindingResult] = {}
    for index, each in enumerate(bindings):
        scope = {"locale": each.locale, "market": each.market, "channel": each.channel}
        stated = {f"{name}s": () if code is None else (code,) for name, code in scope.items()}
        if not asker.may_within(Action.MEDIA_BIND, **stated, fields=()):
            refused[index] = _refused(ForbiddenError("your role is for other places than this"))
        elif not asker.may(Action.MEDIA_BIND, within(places.get(each.product, _NO_PLACE), **scope)):
            refused[index] = _refused(
                UnknownNameError(
                    f"there is no product {each.product!r}: add it first",
                    field="product",
                    named=(("product", each.product),),
                )
            )
    return refused


async def refused_unbindings(
    conn: Connection, asker: Asker, ids: Sequence[str]
) -> Mapping[int, BindingResult]:
    """Return what is said of associations that whoever asks may not take back."""
    if asker.may(Action.MEDIA_BIND):
        return {}
    places = await places_of_associations(conn, ids)
    return {
        index: _refused(NotFoundError(f"there is no media association {each!r}", field="ids"))
        for index, each in enumerate(ids)
        if not asker.may(Action.MEDIA_BIND, places.get(each, _NO_PLACE))
    }


def _refused(error: VitrineError) -> BindingResult:
    return BindingResult(code=error.code, message=error.message, field=error.field)
