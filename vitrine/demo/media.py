"""Assets and media associations of the demo, and which illustration each asset is.

Assets default to the worldwide licence; `data/rights.toml` holds the exceptions.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from vitrine.demo.drawing import draw_close_up, draw_product, draw_scene, draw_swatch
from vitrine.demo.model import LOCALES, Card, Record, read_table

PHRASES = read_table("phrases.toml")

Labels = Mapping[str, Mapping[str, str]]
"""Per colour: its name per locale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPicture:
    """One asset, how to draw it, and whom it shows.

    Attributes:
        draw: gives the SVG.
        titles: per locale.
        alts: per locale.
        owners: (sku, role, position) of each media association.
        fields: of the asset's record, in place of the defaults.
    """

    code: str
    draw: Callable[[], str]
    titles: Mapping[str, str]
    alts: Mapping[str, str]
    owners: tuple[tuple[str, str, int], ...]
    fields: Record = field(default_factory=dict[str, object])

    @property
    def file(self) -> str:
        """Return the path of the SVG, below the folder of the import file."""
        return f"pictures/{self.code}.svg"


def pictures(cards: list[Card], labels: Labels) -> Iterator[DemoPicture]:
    """List every picture of the shop, in a stable order."""
    table = read_table("scenes.toml")
    by_sku = {card.sku: card for card in cards}
    for colour, names in labels.items():
        yield _swatch(colour, names, cards)
    for card in cards:
        for colour in card.colours:
            yield _hero(card, colour, labels[colour])
        if card.detail:
            yield _detail(card, card.colours[0], labels[card.colours[0]])
    for scene in table["scene"]:
        yield _scene(scene)
    for view in table["view"]:
        yield _view(view, by_sku[view["of"]])


def picture_records(picture: DemoPicture, exceptions: Mapping[str, Record]) -> Iterator[Record]:
    """Write one asset and then its associations."""
    yield {
        "type": "asset",
        "code": picture.code,
        "file": picture.file,
        "kind": "image",
        "status": "approved",
        "values": {"title": dict(picture.titles), "alt": dict(picture.alts)},
        "licences": ["worldwide"],
        **picture.fields,
        **exceptions.get(picture.code, {}),
    }
    for sku, role, position in picture.owners:
        yield {
            "type": "media_association",
            "product": sku,
            "asset": picture.code,
            "role": role,
            "position": position,
            "origin": "pim",
            "confidence": 1,
            "status": "approved",
        }


def _swatch(colour: str, names: Mapping[str, str], cards: list[Card]) -> DemoPicture:
    return DemoPicture(
        code=f"swatch-{colour}",
        draw=lambda: draw_swatch(colour),
        titles=names,
        alts=names,
        owners=tuple(
            (card.colour_sku(colour), "swatch", 0) for card in cards if colour in card.colours
        ),
        fields={"licences": [], "collections": ["swatches"]},
    )


def _hero(card: Card, colour: str, names: Mapping[str, str]) -> DemoPicture:
    owners = [(card.colour_sku(colour), "hero", 0)]
    if colour == card.colours[0] and not card.is_simple:
        owners.insert(0, (card.sku, "hero", 0))  # the card of the model shows its first colour
    return DemoPicture(
        code=card.picture(colour),
        draw=lambda: draw_product(card.drawing, colour),
        titles=_titles(card, names),
        alts=_alts(card, names),
        owners=tuple(owners),
    )


def _detail(card: Card, colour: str, names: Mapping[str, str]) -> DemoPicture:
    close = PHRASES["close_up"]
    return DemoPicture(
        code=f"{card.picture(colour)}-detail",
        draw=lambda: draw_close_up(card.drawing, colour),
        titles={at: close[at].format(text) for at, text in _titles(card, names).items()},
        alts={at: close[at].format(text) for at, text in _alts(card, names).items()},
        owners=((card.sku, "detail", 0),),
    )


def _scene(scene: Record) -> DemoPicture:
    titles, alts = _titles_and_alts(scene)
    x, y = scene["focal"]
    return DemoPicture(
        code=scene["code"],
        draw=lambda: draw_scene(scene["drawing"]),
        titles=titles,
        alts=alts,
        owners=tuple((sku, "gallery", 1) for sku in scene["shows"]),
        fields={"licences": [], "collections": ["lookbook"], "focal_point": {"x": x, "y": y}},
    )


def _view(view: Record, card: Card) -> DemoPicture:
    titles, alts = _titles_and_alts(view)
    return DemoPicture(
        code=view["code"],
        draw=lambda: draw_product(card.drawing, view["colour"], stage=view["stage"]),
        titles=titles,
        alts=alts,
        owners=((card.sku, "gallery", 2),),
    )


def _titles_and_alts(table: Record) -> tuple[dict[str, str], dict[str, str]]:
    titles = {locale: table[short][0] for short, locale in LOCALES.items()}
    alts = {locale: table[short][1] for short, locale in LOCALES.items()}
    return titles, alts


def _titles(card: Card, names: Mapping[str, str]) -> dict[str, str]:
    shapes = PHRASES["title"]
    return {at: shapes[at].format(words.name, names[at]) for at, words in card.words.items()}


def _alts(card: Card, names: Mapping[str, str]) -> dict[str, str]:
    return {
        at: words.alt.format(colour=names[at].lower() if at == "en-US" else names[at])
        for at, words in card.words.items()
    }
