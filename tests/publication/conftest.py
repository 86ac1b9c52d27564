"""A shop with a polo and a cap that nobody has published yet."""

import pytest

from catalog.changes import Changes
from catalog.db import Pool
from tests.products.shop import open_shop, put_good
from tests.publication.polo import CAP, POLO


@pytest.fixture
async def shop(pool: Pool) -> Changes:
    changes = await open_shop(pool)
    await put_good(changes, [*POLO, CAP])
    return changes
