"""What the kernel says of the processes that are measured."""

import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
#: The kernel counts no less.
CPU_GRAIN_S = 1 / _TICKS_PER_S


def cpu_s(pid: int) -> float:
    """Return how long a process and all its children have computed, in seconds."""
    return sum(_ticks(each) for each in tree(pid)) / _TICKS_PER_S


def memory_bytes(pid: int) -> int:
    """Return what a process and all its children hold in memory; what they share counts once."""
    return sum(_proportional_bytes(each) for each in tree(pid))


def tree(pid: int) -> list[int]:
    """Return the process and all its children and theirs that are alive."""
    found = [pid]
    for parent in found:
        for path in Path(f"/proc/{parent}/task").glob("*/children"):
            found += _children(path)
    return found


def _children(path: Path) -> list[int]:
    try:
        return [int(child) for child in path.read_text().split()]
    except OSError:
        return []  # ended meanwhile


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])  # utime and stime of proc(5)


def _proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
