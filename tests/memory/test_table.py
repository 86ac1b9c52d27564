"""The table of what is kept has a line for every memory, under the module that makes it."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from catalog.settings import MIB, PREFIX
from tests.test_limits_table import value

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "catalog", "edge", "gateway", "imaging", "purger", "relay", "serving", "vitrine")


#: Module, bound, and the setting or constant that says it.
_ROW = re.compile(
    r"^\| `([\w.]+)` \|.*\| ([\d,]+)([^|]*) \| [^|]* \|(?: `(\w+)`)? \|$", re.MULTILINE
)
_SECTION = (ROOT / "docs/limits.md").read_text().partition("\n## What is kept\n")[2]


def made_in(path: Path) -> int:
    """Return how many memories a module makes."""
    text = path.read_text()
    if "Kept(" not in text:
        return 0
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return sum(isinstance(call.func, ast.Name) and call.func.id == "Kept" for call in calls)


def test_every_memory_has_its_line() -> None:
    told = Counter(module for module, *_ in _ROW.findall(_SECTION))
    made = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): made_in(path)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    assert told == Counter({module: count for module, count in made.items() if count})


@pytest.mark.parametrize("row", _ROW.findall(_SECTION), ids=" ".join)
def test_every_bound_is_the_one_that_is_set(row: tuple[str, str, str, str]) -> None:
    module, number, unit, name = row
    bound = int(number.replace(",", ""))
    if not name:
        assert bound == 1
    elif name.startswith(PREFIX):
        assert value(name) == bound
    else:
        assert value(f"{module}.{name}") == bound * (MIB if "MiB" in unit else 1)
