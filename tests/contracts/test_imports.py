"""The import contracts of `pyproject.toml` are about what there is, and about all of it."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from tests.contracts.code import PACKAGES, ROOT

LINTER: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
    "importlinter"
]


def named(contract: dict[str, Any]) -> Iterator[str]:
    """Yield the modules of ours that a contract names, dotted."""
    containers = contract.get("containers", [""])
    for layer in contract.get("layers", ()):
        for name in re.split(r"[|:]", layer):
            yield from (f"{each}.{name.strip('() ')}".strip(".") for each in containers)
    yield from contract.get("containers", ())
    yield from contract.get("ancestors", ())
    yield from contract.get("source_modules", ())


def test_no_contract_names_what_is_not_there() -> None:
    missing = {
        name
        for contract in LINTER["contracts"]
        for name in named(contract)
        if not (ROOT / name.replace(".", "/")).is_dir()
        and not (ROOT / f"{name.replace('.', '/')}.py").is_file()
    }
    assert missing == set()


def test_no_layer_is_optional() -> None:
    layers = [layer for contract in LINTER["contracts"] for layer in contract.get("layers", ())]
    assert [layer for layer in layers if "(" in layer] == []


def test_every_package_is_under_contract() -> None:
    assert {*PACKAGES, "bench"} == {*LINTER["root_packages"]}
