"""The C heap: few arenas, and what renders took comes back."""

import asyncio
import ctypes
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from imaging.heap import trim_heap
from imaging.model import RenderDeadlineError
from imaging.pool import PoolLimits, open_render_pool
from tests.imaging.pictures import encoded, noise, quadrants, wanted
from tests.support.processes import ROOT
from tests.support.waiting import eventually

_MIB = 1024 * 1024
_BLOCK_BYTES = 4000
_ALL_BYTES = 96 * _MIB

_COUNT_ARENAS = """
import ctypes, os, threading
import imaging.vips
c = ctypes.CDLL(None)
c.malloc.restype = c.fopen.restype = ctypes.c_void_p
together = threading.Barrier(9)
def work():
    kept = c.malloc(100_000)
    together.wait()
    together.wait()
for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
together.wait()
read, write = os.pipe()
file = ctypes.c_void_p(c.fopen(b"/dev/fd/%d" % write, b"w"))
c.malloc_info(0, file); c.fclose(file); os.close(write)
print(os.read(read, 65536).decode().count("<heap nr="))
together.wait()
"""

#: Takes a few megabytes and frees them, again and again; prints how many pages that took.
_COUNT_PAGES = """
import ctypes, resource
import imaging.vips
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
for _ in range(5):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [c.malloc(1 << 20) for _ in range(24)]
    for block in blocks:
        ctypes.memset(block, 1, 1 << 20)
    for block in reversed(blocks):
        c.free(ctypes.c_void_p(block))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def a_heap_full_of_holes() -> Generator[None]:
    """Memory that is free and that glibc keeps, since something behind it is not."""
    c = ctypes.CDLL(None)
    c.malloc.restype = ctypes.c_void_p
    blocks = [c.malloc(_BLOCK_BYTES) for _ in range(_ALL_BYTES // _BLOCK_BYTES)]
    for block in blocks:
        ctypes.memset(block, 1, _BLOCK_BYTES)
    for block in blocks[:-1]:
        c.free(ctypes.c_void_p(block))
    try:
        yield
    finally:
        c.free(ctypes.c_void_p(blocks[-1]))


def test_trimming_gives_back_what_is_free() -> None:
    with a_heap_full_of_holes():
        full = resident_bytes()
        trim_heap()
        assert resident_bytes() < full - _ALL_BYTES // 2


async def test_a_pool_that_is_idle_gives_memory_back() -> None:
    with a_heap_full_of_holes():
        full = resident_bytes()

        async def is_given_back() -> bool:
            await asyncio.sleep(0)
            return resident_bytes() < full - _ALL_BYTES // 2

        async with open_render_pool(PoolLimits(idle_s=0.1)) as pool:
            await pool.run(encoded(quadrants(90, 90)), wanted(50))
            await eventually(is_given_back)


def test_until_then_the_next_render_finds_it() -> None:
    counted = subprocess.run(
        [sys.executable, "-c", _COUNT_PAGES], cwd=ROOT, check=True, capture_output=True, text=True
    )
    first, *later = (int(line) for line in counted.stdout.split())
    assert max(later) < first / 10


async def test_memory_comes_back_after_deadlines() -> None:
    large = encoded(noise(3000, 2600), "PNG", compress_level=1)
    limits = PoolLimits(threads=2, deadline_s=0.2, idle_s=0.1)
    async with open_render_pool(limits) as pool:

        async def end_some() -> None:
            for _ in range(2):
                calls = (pool.run(large, wanted(3000)) for _ in range(4))
                ended = await asyncio.gather(*calls, return_exceptions=True)
                assert all(isinstance(each, RenderDeadlineError) for each in ended)

        await end_some()
        await asyncio.to_thread(trim_heap)
        before = resident_bytes()
        for _ in range(3):
            await end_some()

        async def is_as_before() -> bool:
            await asyncio.sleep(0)
            return resident_bytes() < before + 30 * _MIB

        await eventually(is_as_before)


def test_threads_share_two_arenas() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "MALLOC_ARENA_MAX"}
    counted = subprocess.run(
        [sys.executable, "-c", _COUNT_ARENAS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert int(counted.stdout) <= 2
