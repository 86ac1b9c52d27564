"""What locales, markets and channels must hold to. Pure."""

import re
from collections.abc import Mapping, Sequence

from babel.numbers import is_currency

from catalog.batches import Value, check_known, complete
from catalog.channels.model import (
    Channel,
    ChannelRecord,
    FallbackCycleError,
    Locale,
    LocaleRecord,
    Market,
    MarketRecord,
)
from catalog.channels.product_urls import check_product_url
from catalog.errors import Faults, InvalidInputError, VitrineError, faults_of
from catalog.rights.territory import check_countries

# RFC 5646, section 2.1, in the capitals of section 2.1.1: language, script, region, variants,
# extensions, private use. Of languages only those that are registered today.
_LOCALE = re.compile(
    r"(?=.{2,60}$)[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wyz0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?"
)
_MARKET = re.compile(r"[A-Z0-9]{2,12}")
# Channels and usages stand in the tokens of URLs, which take no other form.
_IN_TOKENS = re.compile(r"(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*")
_IN_TOKENS_FORM = "at most 40 lower-case letters, digits and single hyphens"
_TOKEN_S = range(60, 34_560_001)  # a minute to 400 days


def merge_locale(
    record: LocaleRecord, stored: Locale | None, known: Mapping[str, Locale]
) -> Locale:
    """Return the locale that a record asks for.

    Raises:
        InvalidInputError: no language tag; an unknown fallback.
        FallbackCycleError: the fallbacks would never end.
    """
    faults = Faults()
    with faults:
        check_code(
            record.code, _LOCALE, "a language tag (BCP 47) such as 'de', 'de-CH' or 'es-419'"
        )
    with faults:
        parents = [record.fallback] if record.fallback else ()
        check_known(parents, known, noun="locale", field="fallback")
    locale = _completed(record, stored, Locale, faults)
    next_of = {
        **{each.code: each.fallback for each in known.values()},
        locale.code: locale.fallback,
    }
    check_no_cycle(locale.code, next_of, field="fallback")
    return locale


def merge_market(
    record: MarketRecord,
    stored: Market | None,
    known: Mapping[str, Market],
    locales: Mapping[str, Locale],
) -> Market:
    """Return the market that a record asks for.

    Raises:
        InvalidInputError: a country, currency, locale, unit system or parent that is none.
        FallbackCycleError: the parents would never end.
    """
    faults = Faults()
    with faults:
        check_code(record.code, _MARKET, "2 to 12 upper-case letters and digits")
    with faults:
        _check_not_empty(record.countries, "country", field="countries")
        check_countries(record.countries or (), field="countries")
    with faults:
        check_known(_stated(record.default_locale), locales, noun="locale", field="default_locale")
    with faults:
        for currency in _stated(record.currency):
            check_currency(currency, field="currency")
    with faults:
        _check_choice(record.unit_system, ("metric", "imperial"), field="unit_system")
    with faults:
        check_known([record.parent] if record.parent else (), known, noun="market", field="parent")
    market = _completed(record, stored, Market, faults)
    next_of = {**{each.code: each.parent for each in known.values()}, market.code: market.parent}
    check_no_cycle(market.code, next_of, field="parent")
    return market


def merge_channel(
    record: ChannelRecord, stored: Channel | None, locales: Mapping[str, Locale]
) -> Channel:
    """Return the channel that a record asks for.

    Raises:
        InvalidInputError: any field that breaks a rule; the message says which and how.
    """
    faults = Faults()
    with faults:
        check_code(record.code, _IN_TOKENS, _IN_TOKENS_FORM)
    with faults:
        _check_choice(record.kind, ("storefront", "marketplace", "print"), field="kind")
    with faults:
        _check_choice(record.country_rule, ("viewer", "declared"), field="country_rule")
    with faults:
        check_countries(record.territory or (), field="territory")
    with faults:
        _check_not_empty(record.usages, "usage, such as 'web'", field="usages")
    for usage in record.usages or ():
        with faults:
            check_code(usage, _IN_TOKENS, _IN_TOKENS_FORM, field="usages")
    for field in ("token_window_s", "token_min_life_s"):
        with faults:
            _check_seconds(getattr(record, field), field=field)
    with faults:
        _check_not_empty(record.locales, "locale", field="locales")
        check_known(record.locales or (), locales, noun="locale", field="locales")
    with faults:
        if record.product_url:
            check_product_url(record.product_url, field="product_url")
    channel = _completed(record, stored, Channel, faults)
    with faults:
        _check_territory(channel)
    with faults:
        if channel.default_usage not in channel.usages:
            raise InvalidInputError("choose one of the channel's usages", field="default_usage")
    faults.refuse_any()
    return channel


def darkens_or_lights(before: Channel | None, after: Channel) -> bool:
    """Return whether a change of a channel may alter who is allowed what on it."""
    return before is not None and (before.country_rule, set(before.territory)) != (
        after.country_rule,
        set(after.territory),
    )


def fallback_chain(code: str, next_of: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return a locale or market and what it falls back to, nearest first."""
    chain: list[str] = []
    at: str | None = code
    while at is not None and at not in chain:
        chain.append(at)
        at = next_of.get(at)
    return tuple(chain)


def check_no_cycle(code: str, next_of: Mapping[str, str | None], *, field: str) -> None:
    """Refuse a chain that leads back to where it began.

    Raises:
        FallbackCycleError: it does.
    """
    last = fallback_chain(code, next_of)[-1]
    if next_of.get(last) is not None:
        raise FallbackCycleError(f"{code!r} would lead back to itself: choose another", field=field)


def check_code(code: str, pattern: re.Pattern[str], form: str, *, field: str = "code") -> None:
    """Refuse a code of another form.

    Raises:
        InvalidInputError: it has another form.
    """
    if not pattern.fullmatch(code):
        raise InvalidInputError(f"{code!r} is no code here: write {form}", field=field)


def check_currency(currency: str, *, field: str) -> None:
    """Refuse what is no ISO 4217 code.

    Raises:
        InvalidInputError: it is none.
    """
    if not is_currency(currency):
        raise InvalidInputError(f"{currency!r} is no ISO 4217 code such as 'EUR'", field=field)


def _check_territory(channel: Channel) -> None:
    if (channel.country_rule == "declared") != bool(channel.territory):
        raise InvalidInputError(
            "a channel with the rule 'declared' names its countries, one with 'viewer' names none",
            field="territory",
        )
    if channel.public and channel.country_rule != "viewer":
        raise InvalidInputError("a public channel has the rule 'viewer'", field="public")


def _completed(record: object, stored: Value | None, into: type[Value], faults: Faults) -> Value:
    """Return what a record asks for, or refuse it for all that is wrong with what it says.

    Raises:
        VitrineError: what was found before, or a field that it lacks.
    """
    try:
        made = complete(record, stored, into)
    except VitrineError as error:
        raise Faults([*faults, *faults_of(error)]).as_one() from error
    faults.refuse_any()
    return made


def _stated(value: str | None) -> Sequence[str]:
    """Return what a record says of a field, if it says anything: what is stored holds already."""
    return () if value is None else (value,)


def _check_not_empty(values: Sequence[str] | None, noun: str, *, field: str) -> None:
    if values is not None and not values:
        raise InvalidInputError(f"name at least one {noun}", field=field)


def _check_seconds(value: int | None, *, field: str) -> None:
    if value is not None and value not in _TOKEN_S:
        raise InvalidInputError("give seconds from 60 to 34,560,000 (400 days)", field=field)


def _check_choice(value: str | None, choices: tuple[str, ...], *, field: str) -> None:
    if value is not None and value not in choices:
        raise InvalidInputError(f"choose one of {', '.join(choices)}", field=field)
