"""Documents of publications hold the labels that they have in common once."""

from typing import Any

from catalog.graph.published_documents import (
    PublishedDocument,
    PublishedDocuments,
    SharedAttributeData,
)
from tests.api.shop import COLOURS, Product, Shop, attribute


async def test_they_hold_the_same_labels_until_all_is_forgotten(shop: Shop) -> None:
    for sku in ("LAMP", "VASE"):
        colour = attribute("colour", "select", "red", options=COLOURS)
        await shop.put(Product(sku, "SIMPLE"), colour)
    rows = await shop.pool.fetch("SELECT product, version, channel FROM publication ORDER BY sku")
    channel, (lamp, vase) = rows[0]["channel"], [(row["product"], row["version"]) for row in rows]
    documents = PublishedDocuments(1024**2)

    async def red_of(version: Any) -> object:  # noqa: ANN401 - as the driver has it
        async with shop.pool.acquire() as conn:
            found = await documents.get(conn, channel, [version])
        return colour_of(found[version])["options"]["red"]

    of_lamp = await red_of(lamp)
    assert await red_of(vase) is of_lamp

    documents.kept.reset()
    documents.common.kept.reset()
    assert await red_of(vase) == of_lamp
    assert await red_of(vase) is not of_lamp


def colour_of(document: PublishedDocument) -> dict[str, Any]:
    return next(each for each in document["attributes"] if each["code"] == "colour")


def test_only_so_many_labels_are_held_in_common() -> None:
    common = SharedAttributeData(2)

    def label_of(code: str) -> object:
        said: dict[str, Any] = {
            "code": code,
            "type": "text",
            "label": {"de": code},
            "options": {},
            "values": [],
        }
        return common.of({"attributes": [said]})["attributes"][0]["label"]

    first, second = label_of("a"), label_of("b")
    assert label_of("a") is first
    label_of("c")  # the third: `b` was used longest ago
    assert label_of("a") is first
    assert label_of("b") is not second
