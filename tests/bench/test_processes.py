"""What is said of a process counts its children, and what they share once."""

import subprocess
import sys
from collections.abc import Generator

import pytest

from bench.processes import cpu_s, memory_bytes, tree

_HELD_BYTES = 64 * 1024 * 1024
_FAMILY = f"""
import os, sys, time
held = b"x" * {_HELD_BYTES}
child = os.fork()
if child == 0:
    began = time.process_time()
    while time.process_time() - began < 0.2: pass
    os.write(1, b"ready\\n")
    sys.stdin.buffer.read()
    os._exit(0)
os.waitpid(child, 0)
"""


@pytest.fixture
def family() -> Generator[int]:
    """A process that holds much memory, and its child, which shares it and has computed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    yield process.pid
    process.communicate()


def test_children_belong_to_the_tree(family: int) -> None:
    assert len(tree(family)) == 2


def test_memory_that_is_shared_counts_once(family: int) -> None:
    assert _HELD_BYTES < memory_bytes(family) < 2 * _HELD_BYTES


def test_what_a_child_computes_counts(family: int) -> None:
    assert cpu_s(family) >= 0.19


def test_of_a_process_that_has_ended_nothing_is_said() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert memory_bytes(process.pid) == 0
    assert cpu_s(process.pid) == 0
