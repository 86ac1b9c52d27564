"""The documentation keeps what it promises: every error code of the code is in a table."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from api.contract.error_table import error_codes, error_table
from catalog.errors import VitrineError
from catalog.rights.model import Reason
from edge.purge_drivers import PurgeDriver

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
API_ERRORS = (ROOT / "docs/errors.md").read_text()
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


def elsewhere() -> str:
    """Return the README's table: codes of images, imports, commands and logs."""
    return README.partition("## Error codes")[2].partition("\n## ")[0]


def test_every_error_code_is_in_a_table() -> None:
    import_everything()
    of_the_api = {each.code for each in error_codes()}
    codes = {error.code for error in subclasses(VitrineError)} | {reason.value for reason in Reason}

    assert {code for code in codes - of_the_api if f"`{code}`" not in elsewhere()} == set()


def test_every_error_of_the_api_is_in_its_table_once() -> None:
    import_everything()
    documented = [each.code for each in error_codes()]
    own = {each.code for each in subclasses(VitrineError) if each.__module__.startswith("api.")}

    assert own - {*documented} == set()
    assert len(documented) == len({*documented})
    assert error_table() in API_ERRORS


def test_no_code_of_the_api_alone_is_explained_twice() -> None:
    import_everything()
    own = {each.code for each in subclasses(VitrineError) if each.__module__.startswith("api.")}

    assert {code for code in own if f"`{code}`" in elsewhere()} == set()


def test_the_limits_of_tags_are_those_in_the_table() -> None:
    table = (ROOT / "docs/purge-drivers.md").read_text()
    for driver in get_args(get_args(PurgeDriver)[0]):
        (kind,) = get_args(driver.model_fields["kind"].annotation)
        assert f"| `{kind}` | {driver.max_tags:,} | {driver.max_tag_bytes:,} |" in table
