"""Write the demo catalogue as a folder that `vitrine import` reads."""

import json
from collections.abc import Iterator
from pathlib import Path

from vitrine.demo.media import picture_records, pictures
from vitrine.demo.model import Card, Record, read_cards, read_records, read_table
from vitrine.demo.products import product_records

FILE_NAME = "demo.jsonl"


def write_demo(folder: Path) -> Path:
    """Write the catalogue and its illustrations; the same bytes every time.

    Args:
        folder: made if need be; files of an earlier run are written over.

    Returns:
        The path of the JSON Lines file; pictures are in `pictures/` beside it.

    Raises:
        OSError: the folder can't be written.
    """
    foundation = read_records("foundation.jsonl")
    cards = list(read_cards())
    shown = list(pictures(cards, _colour_labels(foundation)))
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for picture in shown:
        (folder / picture.file).write_text(picture.draw(), "utf-8")
    records = [*foundation]
    units = {r["code"]: r["unit"] for r in foundation if r.get("attribute_type") == "measurement"}
    for card in cards:
        records.extend(product_records(card, units))
    exceptions = read_table("rights.toml")
    for picture in shown:
        records.extend(picture_records(picture, exceptions))
    records.extend(_publications(cards))
    path = folder / FILE_NAME
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), "utf-8")
    return path


def _colour_labels(foundation: list[Record]) -> dict[str, dict[str, str]]:
    colour = next(r for r in foundation if r["type"] == "attribute" and r["code"] == "colour")
    return {option["code"]: option["label"] for option in colour["options"]}


def _publications(cards: list[Card]) -> Iterator[Record]:
    finished = [card for card in cards if not card.draft]
    at_once = [card.sku for card in finished if not card.visible_from]
    yield {"type": "publication", "channel": "d2c", "skus": at_once}
    for card in finished:
        if card.visible_from:
            instant = {"visible_from": card.visible_from}
            yield {"type": "publication", "channel": "d2c", "skus": [card.sku], **instant}
    for channel in ("marketplace-a", "marketplace-b", "print"):
        skus = [card.sku for card in finished if channel in card.also]
        yield {"type": "publication", "channel": channel, "skus": skus}
