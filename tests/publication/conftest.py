"""A shop with a polo and a cap that nobody has published yet."""

import pytest

from catalog.db import Pool
from catalog.events.commands import Changes
from tests.products.shop import open_shop, put_good
from tests.publication.polo import CAP, POLO


@pytest.fixture
async def shop(pool: Pool) -> Changes:
    changes = await open_shop(pool)
    await put_good(changes, [*POLO, CAP])
    return changes
