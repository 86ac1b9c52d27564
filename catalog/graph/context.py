"""The context of a read: where, for whom and when; every fallback is decided here, once."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from catalog.channels.model import Channel, Market
from catalog.errors import InvalidInputError, UnauthenticatedError
from catalog.graph.reference import Reference
from catalog.rights.territory import UNKNOWN, bit_of, is_country


class UnknownContextError(InvalidInputError):
    """`@inContext` names a market, country, locale, channel or usage that does not exist."""

    code = "UNKNOWN_CONTEXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextArguments:
    """What `@inContext` says; None: not said.

    Attributes:
        at: the instant to look at, now or later; takes `content.preview`.
        preview: drafts instead of what is published; takes `content.preview`.
    """

    market: str | None = None
    country: str | None = None
    locale: str | None = None
    channel: str | None = None
    usage: str | None = None
    at: datetime | None = None
    preview: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadContext:
    """What is used for every value, filter, order and picture of one request.

    Attributes:
        locales: the locale and what it falls back to, nearest first; values, orders and filters
            are those of the first that the channel has.
        markets: the market and its parents, nearest first; empty: none was named.
        countries: where the media have to be allowed, in each; empty: unknown.
        territory: the same as bits of `catalog.rights.territory`.
        now: the instant that is looked at.
        is_staff: URLs carry staff tokens, and no cache may keep the answer.
        is_preview: products are drafts, as publishing would freeze them.
    """

    channel: Channel
    market: Market | None
    locales: tuple[str, ...]
    markets: tuple[str, ...]
    usage: str
    countries: tuple[str, ...]
    territory: int
    now: datetime
    is_staff: bool = False
    is_preview: bool = False

    @property
    def locale(self) -> str:
        """The locale that was asked for."""
        return self.locales[0]

    @property
    def reading(self) -> tuple[object, ...]:
        """All that decides what a stored value is read as."""
        if self.market is None:
            return self.locales, self.markets, None, None
        return self.locales, self.markets, self.market.currency, self.market.unit_system


def resolve_context(
    reference: Reference,
    asked: ContextArguments,
    *,
    now: datetime,
    may_read_all: bool,
    may_read: Callable[[Channel], bool] = attrgetter("public"),
) -> ReadContext:
    """Fill in what was not said: the first public channel, its usage, the market's locale.

    Args:
        reference: every locale, market and channel.
        asked: what the request says.
        now: the time of the request.
        may_read_all: whether the reader may see every channel, public or not.
        may_read: whether the reader may see a channel, where not every one.

    Raises:
        UnknownContextError: something that was named does not exist.
        UnauthenticatedError: the channel is not public, and the reader has no key for it.
    """
    visible = [each for each in reference.channels.values() if may_read_all or may_read(each)]
    channel = _channel(reference, asked.channel, visible, may_read_all=may_read_all)
    market = None
    if asked.market is not None:
        _must_be_known("market", asked.market, reference.markets)
        market = reference.markets[asked.market]
    if asked.country is not None and not is_country(asked.country):
        raise UnknownContextError(
            f"{asked.country!r} is no country of ISO 3166-1 alpha-2", field="country"
        )
    usage = asked.usage or channel.default_usage
    _must_be_known("usage", usage, channel.usages)
    countries = _countries(channel, market, asked.country)
    return ReadContext(
        channel=channel,
        market=market,
        locales=_chain(reference, _locale(reference, asked.locale, market, channel), channel),
        markets=reference.market_chain(asked.market),
        usage=usage,
        countries=countries,
        territory=_bits_of(countries),
        now=asked.at or now,
        is_staff=asked.preview or asked.at is not None,
        is_preview=asked.preview,
    )


def search_locale(context: ReadContext) -> str:
    """Return the locale whose listing serves the context: lists are made per channel and locale."""
    for locale in context.locales:
        if locale in context.channel.locales:
            return locale
    return context.channel.locales[0]


def _channel(
    reference: Reference, code: str | None, visible: Sequence[Channel], *, may_read_all: bool
) -> Channel:
    if not reference.channels:
        raise UnknownContextError(
            "there is no channel yet: import one, a record of the type `channel` "
            "(docs/bulk-format.md)",
            field="channel",
        )
    if code is None:
        if not visible:
            raise UnauthenticatedError(
                "no channel is public: name one in @inContext(channel:), with an API key"
            )
        return min(visible, key=lambda each: (not each.public, each.code))
    if not may_read_all and code not in {each.code for each in visible}:
        # whether there is such a channel is not for everyone to know
        raise UnauthenticatedError(
            f"the channel {code!r} is not public: an API key with the scope `read` is needed",
            field="channel",
        )
    _must_be_known("channel", code, reference.channels)
    return reference.channels[code]


def _locale(reference: Reference, code: str | None, market: Market | None, channel: Channel) -> str:
    if code is None:
        return market.default_locale if market else channel.locales[0]
    _must_be_known("locale", code, reference.locales)
    return code


def _chain(reference: Reference, asked: str, channel: Channel) -> tuple[str, ...]:
    """Return by what a channel is read that may not have the locale that is asked for.

    By the nearest fallback that it has; else by its first locale of the same language; else by its
    first. Lists are made for its own locales, so everything else has to go by one of them, too.
    """
    chain = reference.locale_chain(asked)
    language = asked.partition("-")[0]
    likely = (each for each in channel.locales if each.partition("-")[0] == language)
    had = (each for each in chain if each in channel.locales)
    own = reference.locale_chain(next(had, next(likely, channel.locales[0])))
    used = {each for code in channel.locales for each in reference.locale_chain(code)}
    before = chain[: chain.index(own[0])] if own[0] in chain else chain
    return *(each for each in before if each not in used), *own


def _countries(channel: Channel, market: Market | None, country: str | None) -> tuple[str, ...]:
    """Return where media have to be allowed: what a crawler may show is declared, in every case."""
    asked = (country,) if country else market.countries if market else ()
    declared = channel.territory if channel.country_rule == "declared" else ()
    return tuple(sorted({*asked, *declared}))


def _bits_of(countries: Iterable[str]) -> int:
    bits = 0
    for country in countries:
        bits |= bit_of(country)
    return bits or UNKNOWN


def _must_be_known(what: str, code: str, known: Collection[str]) -> None:
    if code not in known:
        allowed = ", ".join(known)
        raise UnknownContextError(f"there is no {what} {code!r}; there are: {allowed}", field=what)
