"""Names the code that makes answers, so that processes of two releases share none."""

import hashlib
from importlib.metadata import version
from pathlib import Path

_ROOT = Path(__file__).parents[2]
#: What an answer is made by.
_PACKAGES = ("api", "catalog", "edge", "serving")
_LIBRARIES = ("graphql-core", "orjson", "strawberry-graphql")


def build_id() -> str:
    """Return a digest of the sources that answers are made by."""
    digest = hashlib.blake2b(digest_size=16)
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*.py")):
            digest.update(f"{path.relative_to(_ROOT)}\n".encode())
            digest.update(path.read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()
