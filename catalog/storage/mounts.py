"""Whether a folder lies on a disk of this machine, by what Linux says of its mounts."""

import os
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")  # proc(5)
#: A name that is there or not is found without waiting for another machine.
_OF_A_DISK = frozenset({"ext2", "ext3", "ext4", "xfs", "f2fs", "zfs", "tmpfs", "overlay"})


def is_on_this_machine(folder: Path, mounts: Path = _MOUNTS) -> bool:
    """Return whether the file system of a folder is one of this machine's own.

    False where that is not known: of a file system without a device of its own (btrfs), and where
    there is no `/proc`.

    Args:
        folder: that is there.
        mounts: the table of this process, in the form of `/proc/self/mountinfo`.

    Raises:
        OSError: the folder is not there.
    """
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(_number_of(line) == number and _kind_of(line) in _OF_A_DISK for line in lines)


def _number_of(line: str) -> str:
    """Return major and minor number of the device: the third field."""
    return line.split(" ", 3)[2]


def _kind_of(line: str) -> str:
    """Return the type of the file system: the first field behind the lone hyphen."""
    return line.partition(" - ")[2].partition(" ")[0]
