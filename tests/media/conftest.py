"""A catalogue that assets can be put into."""

import pytest

from catalog.changes import Changes
from catalog.channels.commands import put_channels, put_locales
from catalog.channels.model import ChannelRecord, LocaleRecord
from catalog.db import Pool
from tests.support.people import TEST


@pytest.fixture
async def changes(pool: Pool) -> Changes:
    """Two languages and one channel."""
    made = Changes(pool=pool)
    async with made.begin(TEST) as change:
        await put_locales(
            change,
            [
                LocaleRecord(code="en-US", name="English"),
                LocaleRecord(code="de-DE", name="Deutsch", fallback="en-US"),
            ],
        )
        await put_channels(
            change,
            [
                ChannelRecord(
                    code="d2c",
                    name="Shop",
                    kind="storefront",
                    country_rule="viewer",
                    usages=("web",),
                    default_usage="web",
                    locales=("en-US",),
                )
            ],
        )
    return made
