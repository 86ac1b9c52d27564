"""What the tests of every kind of picture ask for."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest
import pytest_asyncio
from PIL import Image

from catalog.errors import VitrineError
from imaging.ingest import Ingestor, open_ingestor
from imaging.pool import open_render_pool
from imaging.stored_renditions import open_stored_renditions
from tests.imaging.pictures import encoded, quadrants, rendered, wanted
from tests.imaging.stored_rig import REQUEST, Bench, Switchboard

Shown: TypeAlias = Callable[[bytes], Awaitable[Image.Image]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_child() -> AsyncGenerator[Ingestor]:
    """Ingest with its own limits, in one child process for all tests of a module."""
    async with open_ingestor(workers=1) as opened:
        yield opened


@pytest.fixture
def shown(one_child: Ingestor, tmp_path: Path) -> Shown:
    """Take a file in, and give its rendition in full size, with alpha."""

    async def show(body: bytes) -> Image.Image:
        file = tmp_path / "source"
        file.write_bytes(body)
        found = await one_child.probe(file)
        image = rendered(found.master or body, wanted(found.width_px))
        assert image.size == (found.width_px, found.height_px)
        assert found.has_alpha == (image.mode == "RGBA")
        return image.convert("RGBA")

    return show


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    """Stored renditions of one master, and what the test may turn off."""
    store = Switchboard(tmp_path)
    await store.write(REQUEST.master_key, encoded(quadrants(400, 300)))
    failed: list[VitrineError] = []
    now_s = [1000.0]
    async with (
        open_render_pool() as pool,
        open_stored_renditions(
            store,
            pool,
            not_stored=lambda _request, error: failed.append(error),
            monotonic_s=lambda: now_s[0],
        ) as renditions,
    ):
        yield Bench(store, pool, renditions, failed, now_s)
