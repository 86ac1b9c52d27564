"""Frozen values of locales, markets and channels, and the records that change them."""

from dataclasses import dataclass, field
from typing import Literal

from catalog.errors import VitrineError

UnitSystem = Literal["metric", "imperial"]
ChannelKind = Literal["storefront", "marketplace", "print"]
CountryRule = Literal["viewer", "declared"]


class FallbackCycleError(VitrineError):
    """A chain of fallbacks or parents would lead back to its beginning."""

    code = "CYCLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """A language, with the script and country where they matter (BCP 47): `de`, `de-CH`."""

    code: str
    name: str
    fallback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Countries that are sold to together."""

    code: str
    name: str
    countries: tuple[str, ...]
    default_locale: str
    currency: str
    unit_system: UnitSystem = "metric"
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where content goes.

    Attributes:
        country_rule: whose country rights are decided for: the viewer's, or each of `territory`.
        territory: ISO 3166-1 codes, for `declared` only.
        category_tree: the root whose categories are shown; None: all trees.
        product_url: where people see a product, with the placeholders of `product_urls`; None: it
            is not known.
    """

    code: str
    name: str
    kind: ChannelKind
    public: bool = False
    country_rule: CountryRule
    territory: tuple[str, ...] = ()
    usages: tuple[str, ...]
    default_usage: str
    token_window_s: int = 86_400
    token_min_life_s: int = 43_200
    category_tree: str | None = None
    product_url: str | None = None
    locales: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocaleRecord:
    """A locale of the bulk format. None keeps what is stored, in all records."""

    code: str
    name: str | None = None
    fallback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRecord:
    """A market of the bulk format."""

    code: str
    name: str | None = None
    countries: tuple[str, ...] | None = None
    default_locale: str | None = None
    currency: str | None = None
    unit_system: UnitSystem | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRecord:
    """A channel of the bulk format."""

    code: str
    name: str | None = None
    kind: ChannelKind | None = None
    public: bool | None = None
    country_rule: CountryRule | None = None
    territory: tuple[str, ...] | None = None
    usages: tuple[str, ...] | None = None
    default_usage: str | None = None
    token_window_s: int | None = None
    token_min_life_s: int | None = None
    category_tree: str | None = None
    product_url: str | None = None
    locales: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """What values may be scoped by, as the catalogue has it now.

    Attributes:
        locales, markets: code to the code that it falls back to.
        channels: the codes.
    """

    locales: dict[str, str | None] = field(default_factory=dict[str, str | None])
    markets: dict[str, str | None] = field(default_factory=dict[str, str | None])
    channels: frozenset[str] = frozenset()
