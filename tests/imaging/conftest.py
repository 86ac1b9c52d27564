"""What the tests of every kind of picture ask for."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest
import pytest_asyncio
from PIL import Image

from imaging.ingest import Ingestor, open_ingestor
from tests.imaging.pictures import rendered, wanted

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
