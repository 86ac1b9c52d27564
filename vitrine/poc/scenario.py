"""The scenario: a shop of 1,000 skus in five regions and on four channels, made by a seed.

It knows of each picture where it may be shown, so that the steps need not ask the product for it.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

Record = Mapping[str, Any]

SKUS = 1_000
QUICK_SKUS = 60
REGIONS = ("US", "GB", "DE", "FR", "JP")
LOCALES = {"US": "en-US", "GB": "en-GB", "DE": "de-DE", "FR": "fr-FR", "JP": "ja-JP"}
CURRENCIES = {"US": "USD", "GB": "GBP", "DE": "EUR", "FR": "EUR", "JP": "JPY"}
CHANNELS = ("d2c", "marketplace-a", "marketplace-b", "print")
#: The countries for which a channel without viewers of its own declares what it shows.
DECLARED = {"marketplace-a": ("DE", "FR"), "marketplace-b": ("US", "GB"), "print": ("DE", "GB")}
EVERYWHERE = frozenset(REGIONS)

_EUROPE = ("AT", "BE", "DE", "ES", "FR", "IT", "NL")
#: Licences: where they permit, for which usages, and how many of a hundred pictures have them.
_LICENCES: Mapping[str, tuple[frozenset[str], tuple[str, ...], int]] = {
    "house": (EVERYWHERE, ("web", "print"), 60),
    "europe": (frozenset({"DE", "FR"}), ("web", "print"), 15),
    "english": (frozenset({"US", "GB"}), ("web",), 10),
    "web-only": (EVERYWHERE, ("web",), 10),
    "ended": (frozenset(), ("web", "print"), 5),
}
_TERRITORY = {
    "house": {"include": ["WORLD"]},
    "europe": {"include": ["EUROPE"]},
    "english": {"include": ["US", "GB"]},
    "web-only": {"include": ["WORLD"]},
    "ended": {"include": ["WORLD"]},
}
_COLOURS = ("chalk", "ink", "rust")
_SIZES = ("s", "l")
_NOUNS = {"en": "Vase", "de": "Vase", "fr": "Vase", "ja": "花瓶"}
#: Of the cards; so six in ten skus are variants.
_OF_VARIANTS = 0.25
_MADE_OF = ("clay", "glass", "stone", "oak")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioPicture:
    """The hero of one card.

    Attributes:
        number: by which it is drawn.
        licence: its only source of grants.
    """

    code: str
    number: int
    licence: str

    def may_be_shown(self, countries: Sequence[str], usage: str) -> bool:
        """Return whether its licence covers each of these countries for the usage."""
        where, usages, _ = _LICENCES[self.licence]
        return usage in usages and where.issuperset(countries)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioCard:
    """A model with its variants, or a simple product: one card in a list.

    Attributes:
        skus: that are sold: of the variants, or its own.
    """

    sku: str
    skus: tuple[str, ...]
    picture: ScenarioPicture


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What the proof is about; the same seed and size give the same."""

    seed: int
    cards: Sequence[ScenarioCard] = field(default=())

    @property
    def skus(self) -> int:
        """Return how many skus are sold."""
        return sum(len(card.skus) for card in self.cards)

    def records(self) -> Iterator[Record]:
        """Yield the whole catalogue, in the bulk format."""
        yield from _places()
        yield from _kinds()
        yield from _licences()
        yield from chain.from_iterable(map(_products, self.cards))
        yield from chain.from_iterable(map(_media, self.cards))
        skus = [card.sku for card in self.cards]
        yield from ({"type": "publication", "channel": each, "skus": skus} for each in CHANNELS)

    def faulty_records(self) -> Sequence[tuple[Record, str, Record | None]]:
        """Return records that are wrong, the field that is at fault, and each as it is right."""
        name = {"attribute": "name", "locale": "en-US", "data": "A jug"}
        jug = {"type": "product", "sku": "JUG-1", "kind": "SIMPLE", "family": "vases"}
        pot = {"type": "product", "sku": "POT-1", "kind": "SIMPLE", "family": "vases"}
        photo = {"type": "asset", "code": "pot", "file": self.cards[0].picture.code + ".jpg"}
        return (
            ({**jug, "family": "jugs", "values": [name]}, "family", {**jug, "values": [name]}),
            ({**pot, "sku": "POT-1", "kind": "POT"}, "kind", pot),
            ({**photo, "file": "nowhere.jpg"}, "file", photo),
            ({**photo, "code": "priced", "values": {"price": "12"}}, "values.price", None),
        )


def make_scenario(seed: int, skus: int) -> Scenario:
    """Make a shop with about this many skus: six in ten in two sizes and three colours."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    licences = list(_LICENCES)
    weights = [share for _, _, share in _LICENCES.values()]
    cards: list[ScenarioCard] = []
    left = skus
    while left > 0:
        number = len(cards)
        # every licence is there, however small the shop is
        is_first = number < len(licences)
        licence = licences[number] if is_first else chance.choices(licences, weights)[0]
        sku = f"VAS-{number:04}"
        of_variants = left >= len(_COLOURS) * len(_SIZES) and chance.random() < _OF_VARIANTS
        variants = tuple(f"{sku}-{c}-{s}".upper() for c in _COLOURS for s in _SIZES)
        own = variants if of_variants else (sku,)
        picture = ScenarioPicture(code=f"vas-{number:04}", number=seed + number, licence=licence)
        cards.append(ScenarioCard(sku=sku, skus=own, picture=picture))
        left -= len(own)
    return Scenario(seed=seed, cards=cards)


def _places() -> Iterator[Record]:
    for country, locale in LOCALES.items():
        yield {"type": "locale", "code": locale, "name": locale} | (
            {} if locale == "en-US" else {"fallback": "en-US"}
        )
        yield {
            "type": "market",
            "code": country,
            "name": country,
            "countries": [country],
            "default_locale": locale,
            "currency": CURRENCIES[country],
        }
    yield {"type": "territory_set", "code": "EUROPE", "name": "Europe", "countries": [*_EUROPE]}
    for channel in CHANNELS:
        declared = DECLARED.get(channel)
        usage = "print" if channel == "print" else "web"
        kind = {"d2c": "storefront", "print": "print"}.get(channel, "marketplace")
        yield {
            "type": "channel",
            "code": channel,
            "name": channel,
            "kind": kind,
            "public": declared is None,
            "country_rule": "viewer" if declared is None else "declared",
            "territory": list(declared or ()),
            "usages": [usage],
            "default_usage": usage,
            "locales": [*LOCALES.values()],
        }


def _kinds() -> Iterator[Record]:
    yield {"type": "attribute", "code": "name", "attribute_type": "text", "localizable": True}
    yield {"type": "attribute", "code": "price", "attribute_type": "price"}
    yield _select("colour", _COLOURS)
    yield _select("size", _SIZES)
    yield _select("made_of", _MADE_OF)
    yield {
        "type": "family",
        "code": "vases",
        "attributes": ["name", "price", "colour", "size", "made_of"],
        "required": {channel: ["name", "price"] for channel in CHANNELS},
        "variants": [{"code": "by-colour-and-size", "axes": [["colour", "size"]]}],
    }
    yield {
        "type": "preset",
        "code": "card",
        "recipe": {
            "mode": "fill",
            "ratio": [4, 5],
            "widths_px": [320, 640],
            "formats": ["avif", "webp", "jpg"],
        },
    }


def _select(code: str, options: Sequence[str]) -> Record:
    return {
        "type": "attribute",
        "code": code,
        "attribute_type": "select",
        "options": [{"code": each, "label": {"en-US": each.capitalize()}} for each in options],
    }


def _licences() -> Iterator[Record]:
    for code, (_, usages, _) in _LICENCES.items():
        grant = {"territory": _TERRITORY[code], "channels": ["*"], "usages": [*usages]}
        ends = {"valid_from": "2020-01-01", "valid_until": "2020-12-31"} if code == "ended" else {}
        yield {"type": "licence", "code": code, "licensor": "Studio", "grants": [{**grant, **ends}]}


def _products(card: ScenarioCard) -> Iterator[Record]:
    number = card.picture.number
    named = [
        {"attribute": "name", "locale": locale, "data": f"{_NOUNS[locale[:2]]} {number}"}
        for locale in ("en-US", "de-DE", "fr-FR", "ja-JP")  # en-GB falls back
    ]
    euros = 20 + number % 80
    price = {"EUR": euros, "USD": euros + 5, "GBP": euros - 3, "JPY": 160 * euros}
    values = [
        *named,
        {"attribute": "price", "data": price},
        {"attribute": "made_of", "data": _MADE_OF[number % len(_MADE_OF)]},
    ]
    base = {"type": "product", "sku": card.sku, "family": "vases", "values": values}
    if card.skus == (card.sku,):
        yield {**base, "kind": "SIMPLE"}
        return
    yield {**base, "kind": "MODEL", "family_variant": "by-colour-and-size"}
    options = [(colour, size) for colour in _COLOURS for size in _SIZES]
    for sku, (colour, size) in zip(card.skus, options, strict=True):
        axes = ({"attribute": "colour", "data": colour}, {"attribute": "size", "data": size})
        yield {
            "type": "product",
            "sku": sku,
            "kind": "VARIANT",
            "family": "vases",
            "parent": card.sku,
            "values": [*axes],
        }


def _media(card: ScenarioCard) -> Iterator[Record]:
    code = card.picture.code
    yield {
        "type": "asset",
        "code": code,
        "file": f"{code}.jpg",
        "status": "approved",
        "values": {"title": {"en-US": f"Vase {code}"}, "alt": {"en-US": "A vase on a table"}},
        "licences": [card.picture.licence],
    }
    yield {"type": "media_association", "product": card.sku, "asset": code, "role": "hero"}
