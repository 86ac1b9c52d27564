"""The documentation keeps what it promises: what it names is there, and what there is, is named."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import prometheus_client
import pytest

from api.contract.error_table import error_codes, error_table
from catalog.errors import VitrineError
from catalog.rights.model import Reason
from edge.purge_drivers import PurgeDriver

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
ERRORS = (ROOT / "docs/errors.md").read_text()
PACKAGES = (
    *("api", "catalog", "edge", "gateway", "imaging", "purger", "relay", "serving", "vitrine"),
)
PAGES = sorted(
    path.relative_to(ROOT)
    for path in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *(ROOT / name for name in ("bench/README.md", "api/execution/README.md")),
        *ROOT.glob("examples/*/README.md"),
        ROOT / "vitrine/demo/README.md",
    )
)
#: README and the pages for those who change the code name files and folders in backticks.
MAPS = ("README.md", "CONTRIBUTING.md", "docs/architecture.md")
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return what links may point at in a page: its headings, as GitHub names them, and ids."""
    text = _FENCE.sub("", page.read_text())
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    own = re.findall(r'id="([^"]+)"', text)
    return {heading.replace(" ", "-") for heading in plain} | {*own}


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


def codes_of_the_graph() -> set[str]:
    """Return the codes of the api's own errors, but for those that its pages of logins say."""
    return {
        each.code
        for each in subclasses(VitrineError)
        if each.__module__.startswith("api.") and not each.__module__.startswith("api.identity.")
    }


def elsewhere() -> str:
    """Return the table of the codes of images, imports, commands and logs."""
    return ERRORS.partition("## Of images, imports, commands and logs")[2]


def test_every_error_code_is_in_a_table() -> None:
    import_everything()
    of_the_api = {each.code for each in error_codes()}
    codes = {error.code for error in subclasses(VitrineError)} | {reason.value for reason in Reason}

    assert {code for code in codes - of_the_api if f"`{code}`" not in elsewhere()} == set()


def test_every_error_of_the_api_is_in_its_table_once() -> None:
    import_everything()
    documented = [each.code for each in error_codes()]
    assert codes_of_the_graph() - {*documented} == set()
    assert len(documented) == len({*documented})
    assert error_table() in ERRORS


def test_no_code_of_the_api_alone_is_explained_twice() -> None:
    import_everything()
    assert {code for code in codes_of_the_graph() if f"`{code}`" in elsewhere()} == set()


def test_the_limits_of_tags_are_those_in_the_table() -> None:
    table = (ROOT / "docs/purge-drivers.md").read_text()
    for driver in get_args(get_args(PurgeDriver)[0]):
        (kind,) = get_args(driver.model_fields["kind"].annotation)
        assert f"| `{kind}` | {driver.max_tags:,} | {driver.max_tag_bytes:,} |" in table


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 200


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in _LINK.findall(_FENCE.sub("", (ROOT / page).read_text())):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text()
    assert [page.name for page in ROOT.glob("docs/*.md") if f"({page.name})" not in index] == [
        "README.md"
    ]


@pytest.mark.parametrize("page", MAPS)
def test_files_that_are_named_are_there(page: str) -> None:
    named = re.findall(r"`([a-z_]+/[\w/.-]*)`", (ROOT / page).read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_metrics_that_are_named_are_there() -> None:
    import_everything()
    families = list(prometheus_client.REGISTRY.collect())
    there = {each.name for each in families} | {each.name + "_total" for each in families}
    pages = "".join(page.read_text() for page in ROOT.glob("docs/*.md"))
    no_metrics = {"vitrine_gateway", "vitrine_process", "vitrine_session"}  # roles, a cookie
    named = set(re.findall(r"`(vitrine_[a-z_]+)[{`]", pages)) - no_metrics
    assert named - there == set()


def test_targets_of_make_that_are_named_are_there() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = "".join((ROOT / page).read_text() for page in PAGES)
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", pages, re.MULTILINE))
    assert named - targets == set()
    assert {"up", "test"} <= named
