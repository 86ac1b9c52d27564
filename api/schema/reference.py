"""Channels, markets and locales, as far as the reader may see them."""

from enum import Enum

import strawberry

from api.schema.descriptions import graphql_enum, graphql_type
from catalog.channels import model


@graphql_enum
class UnitSystem(Enum):
    """How a market measures.

    Attributes:
        METRIC: Metres and kilograms.
        IMPERIAL: Feet and pounds.
    """

    METRIC = "metric"
    IMPERIAL = "imperial"


@graphql_enum
class ChannelKind(Enum):
    """What a channel is.

    Attributes:
        STOREFRONT: A shop of one's own.
        MARKETPLACE: Somebody else's shop.
        PRINT: Paper: catalogues, flyers, packaging.
    """

    STOREFRONT = "storefront"
    MARKETPLACE = "marketplace"
    PRINT = "print"


@graphql_type
class Locale:
    """A language as it is written somewhere."""

    code: str = strawberry.field(description="BCP 47, such as `de-DE`.")
    name: str = strawberry.field(description="In its own language.")
    fallback: str | None = strawberry.field(description="What is read where it has no text.")


@graphql_type
class Market:
    """Countries that are sold to together."""

    code: str = strawberry.field(description="For `@inContext(market:)`.")
    name: str = strawberry.field(description="As people read it.")
    countries: list[str] = strawberry.field(description="ISO 3166-1 alpha-2.")
    default_locale: str = strawberry.field(description="Of whoever names none.")
    currency: str = strawberry.field(description="ISO 4217.")
    unit_system: UnitSystem = strawberry.field(description="How it measures.")
    parent: str | None = strawberry.field(description="The market whose values it falls back to.")


@graphql_type
class Channel:
    """Where content goes."""

    code: str = strawberry.field(description="For `@inContext(channel:)`.")
    name: str = strawberry.field(description="As people read it.")
    kind: ChannelKind = strawberry.field(description="What it is.")
    public: bool = strawberry.field(description="Whether it may be read without an API key.")
    usages: list[str] = strawberry.field(description="What its media are for.")
    default_usage: str = strawberry.field(description="Of whoever names none.")
    token_window_s: int = strawberry.field(
        description="Seconds between the instants at which the tokens of an image's URLs change."
    )
    token_min_life_s: int = strawberry.field(
        description="Seconds for which a token that is written now holds at least."
    )
    locales: list[str] = strawberry.field(description="In which it has content.")


def locale_of(locale: model.Locale) -> Locale:
    """Make a `Locale`."""
    return Locale(code=locale.code, name=locale.name, fallback=locale.fallback)


def market_of(market: model.Market) -> Market:
    """Make a `Market`."""
    return Market(
        code=market.code,
        name=market.name,
        countries=list(market.countries),
        default_locale=market.default_locale,
        currency=market.currency,
        unit_system=UnitSystem(market.unit_system),
        parent=market.parent,
    )


def channel_of(channel: model.Channel) -> Channel:
    """Make a `Channel`."""
    return Channel(
        code=channel.code,
        name=channel.name,
        kind=ChannelKind(channel.kind),
        public=channel.public,
        usages=list(channel.usages),
        default_usage=channel.default_usage,
        token_window_s=channel.token_window_s,
        token_min_life_s=channel.token_min_life_s,
        locales=list(channel.locales),
    )
