"""Files of others are those that are listed."""

import hashlib

from console.rendering import STATIC
from console.vendor import listed


def test_each_file_is_listed_with_its_checksum() -> None:
    sums = {name: digest for each in listed().values() for name, digest in each["sha256"].items()}
    files = {
        each.relative_to(STATIC).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in (STATIC / "vendor").iterdir()
        if each.suffix != ".LICENSE"
    }
    assert files == sums
