"""What the contracts are held against: the packages, their modules, their files."""

import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Of the product; `bench` and `tests` stand above them.
PACKAGES = (
    *("api", "catalog", "console", "edge", "gateway"),
    *("imaging", "purger", "relay", "serving", "vitrine"),
)
EVERYTHING = (*PACKAGES, "bench", "tests")


@cache
def modules() -> Sequence[str]:
    """Return every module of the product by its dotted name."""
    return [*_modules()]


def _modules() -> Iterator[str]:
    for name in PACKAGES:
        yield name
        for module in pkgutil.walk_packages([str(ROOT / name)], f"{name}."):
            if not module.name.endswith("__main__"):
                yield module.name


@cache
def sources(packages: Sequence[str] = PACKAGES) -> Sequence[str]:
    """Return every Python file of these packages, from the root of the project."""
    paths = (path for name in packages for path in (ROOT / name).rglob("*.py"))
    return sorted(str(path.relative_to(ROOT)) for path in paths if "node_modules" not in path.parts)
