"""The table of limits names what is really set, with its real default and a test that exists."""

import importlib
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from catalog.settings import PREFIX
from vitrine.settings import Settings

ROOT = Path(__file__).parents[1]
CELLS = 4


class LimitRow(NamedTuple):
    limit: str
    default: str
    where: str
    test: str


def rows() -> list[LimitRow]:
    lines = (ROOT / "docs/limits.md").read_text().splitlines()
    split = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line)
    found = [LimitRow(*cells) for cells in split if len(cells) == CELLS]
    return [each for each in found if each.limit != "limit" and not each.limit.startswith("---")]


def value(where: str) -> Any:  # noqa: ANN401 - a setting or a constant of any kind
    """Return the default of a `VITRINE_` setting, or a constant by its dotted name."""
    if where.startswith(PREFIX):
        return Settings.model_fields[where.removeprefix(PREFIX).lower()].default
    module, _, name = where.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.limit)
def test_every_limit_stands_with_its_default_and_its_test(row: LimitRow) -> None:
    where, test = row.where.strip("`"), row.test.strip("`")
    number = re.match(r"[\d,.]+", row.default)
    assert number, f"begin the default of {row.limit!r} with its number"
    assert float(number[0].replace(",", "")) == float(value(where))

    path, _, name = test.partition("::")
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
