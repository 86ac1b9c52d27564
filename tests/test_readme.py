"""The README keeps what it promises: every error code of the code is in its table."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from catalog.errors import VitrineError
from catalog.rights.model import Reason

README = (Path(__file__).parents[1] / "README.md").read_text()
PACKAGES = ("api", "catalog", "gateway", "imaging", "relay", "serving", "vitrine")


def import_everything() -> None:
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def subclasses(parent: type[VitrineError]) -> Iterator[type[VitrineError]]:
    for child in parent.__subclasses__():
        yield child
        yield from subclasses(child)


def test_every_error_code_is_in_the_table() -> None:
    import_everything()
    codes = {error.code for error in subclasses(VitrineError)} | {reason.value for reason in Reason}

    table = README.partition("## Error codes")[2].partition("\n## ")[0]

    assert {code for code in codes if f"`{code}`" not in table} == set()
