"""Sanitises rich text that was stored before it was sanitised when it is written."""

import uuid
from collections.abc import Iterable
from itertools import groupby

from catalog.changes import Changes
from catalog.principal import MIGRATE
from catalog.products import sanitising_store
from catalog.products.commands import put_products
from catalog.products.model import ProductRecord, ValueRecord
from catalog.products.sanitising_store import StoredText
from catalog.products.texts import sanitised

_FIRST = uuid.UUID(int=0)


async def sanitise_stored(changes: Changes) -> list[str]:
    """Sanitise all rich text, 200 products at a time, each change with its event.

    A text of which nothing may be shown is taken away. What is published stays until it is
    published again.

    Returns:
        What could not be, as the record of its product was refused: sku and message. It stays as
        it is, and no later run tries it again.
    """
    refused: list[str] = []
    after: uuid.UUID = _FIRST
    attribute: str | None = None
    while True:
        async with changes.begin(MIGRATE) as change:
            wanted = await sanitising_store.find_next(change.conn)
            if wanted is None:
                return refused
            after = after if wanted == attribute else _FIRST
            attribute = wanted
            texts = await sanitising_store.find_texts(change.conn, wanted, after)
            if not texts:
                await sanitising_store.mark_done(change.conn, wanted)
                continue
            after = texts[-1].owner
            records = _records(wanted, texts)
            if records:
                applied = await put_products(change, records)
                refused += [
                    f"{records[each.index].sku}: {each.message}" for each in applied.rejections
                ]


def _records(attribute: str, texts: Iterable[StoredText]) -> list[ProductRecord]:
    """State anew the texts that sanitising changes."""
    unclean = [(each, clean) for each in texts if (clean := sanitised(each.data)) != each.data]
    return [
        ProductRecord(
            sku=sku,
            values=tuple(
                ValueRecord(
                    attribute=attribute,
                    data=clean if clean.strip() else None,
                    locale=text.locale,
                    market=text.market,
                    channel=text.channel,
                )
                for text, clean in group
            ),
        )
        for sku, group in groupby(unclean, key=lambda each: each[0].sku)
    ]
