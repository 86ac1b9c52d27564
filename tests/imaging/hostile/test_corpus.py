"""Every hostile file gets the answer that is written beside it, and costs nobody else anything."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from catalog.delivery.model import Format
from catalog.errors import VitrineError
from imaging.ingest import ChildLimits, Ingestor, open_ingestor
from imaging.ingest_worker import Worker
from imaging.model import ProbedImage, SourceLimits
from imaging.pool import RenderPool, open_render_pool
from tests.imaging.hostile.corpus import ACCEPTED, CORPUS, Hostile
from tests.imaging.hostile.payloads import PAYLOAD
from tests.imaging.pictures import encoded, quadrants, wanted

LIMITS = ChildLimits(cpu_s=2, wall_s=60.0)
POLYGLOTS = [
    "gif_that_is_a_script",
    "jpeg_that_is_a_zip",
    "jpeg_whose_comment_is_a_program",
    "png_that_is_a_page",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ingestor() -> AsyncGenerator[Ingestor]:
    async with open_ingestor(workers=1, child=LIMITS) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncGenerator[RenderPool]:
    async with open_render_pool() as opened:
        yield opened


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def answer(ingestor: Ingestor, folder: Path, hostile: Hostile) -> ProbedImage | str:
    file = folder / hostile.name
    file.write_bytes(hostile.make())
    try:
        return await ingestor.probe(file)
    except VitrineError as error:
        return error.code


def limits_of(worker: Worker) -> str:
    return Path(f"/proc/{worker.pid}/limits").read_text(encoding="ascii")


@pytest.mark.parametrize("name", CORPUS)
async def test_a_hostile_file_gets_its_answer(
    ingestor: Ingestor, pool: RenderPool, tmp_path: Path, name: str
) -> None:
    hostile = CORPUS[name]
    found = await answer(ingestor, tmp_path, hostile)
    assert (ACCEPTED if isinstance(found, ProbedImage) else found) in hostile.answers
    if isinstance(found, ProbedImage):
        rendition = await pool.run(found.master or hostile.make(), wanted(320, Format.JPEG))
        assert 0 < rendition.width_px <= 320


@pytest.mark.parametrize("name", POLYGLOTS)
@pytest.mark.parametrize("form", [Format.JPEG, Format.PNG, Format.WEBP, Format.AVIF])
async def test_nothing_of_a_second_nature_is_delivered(
    ingestor: Ingestor, pool: RenderPool, tmp_path: Path, name: str, form: Format
) -> None:
    found = await answer(ingestor, tmp_path, CORPUS[name])
    assert isinstance(found, ProbedImage)
    rendition = await pool.run(found.master or CORPUS[name].make(), wanted(320, form))
    assert PAYLOAD not in rendition.body
    assert b"PK" not in rendition.body[-100:]


@pytest.mark.parametrize("name", ["svg_that_reads_a_file", "svg_that_includes_a_file"])
async def test_no_drawing_shows_a_file_of_the_host(
    ingestor: Ingestor, tmp_path: Path, name: str
) -> None:
    found = await answer(ingestor, tmp_path, CORPUS[name])
    if isinstance(found, ProbedImage):
        assert found.has_alpha  # nothing at all was drawn
        assert found.dominant_rgb == "#ffffff"


async def test_after_every_hostile_file_an_honest_one_is_taken(
    ingestor: Ingestor, tmp_path: Path
) -> None:
    honest = Hostile(make=lambda: encoded(quadrants(64, 48)), answers=frozenset())
    for name in ("svg_of_a_filter_bomb", "png_bomb", "jpeg_of_too_many_scans"):
        await answer(ingestor, tmp_path, CORPUS[name])
        found = await answer(ingestor, tmp_path, honest)
        assert isinstance(found, ProbedImage)
        assert (found.width_px, found.height_px) == (64, 48)


async def test_a_child_can_take_no_more_memory_files_or_core_than_it_is_given(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(encoded(quadrants(64, 48)))
    worker = Worker(tmp_path, SourceLimits(), LIMITS)
    await worker.probe(file)
    limits = limits_of(worker)
    await worker.end()
    for name, most in (
        ("address space", LIMITS.address_space_bytes),
        ("open files", 64),
        ("core file size", 0),
    ):
        assert re.search(rf"Max {name} +{most} +{most} ", limits), limits
