"""A class name says what it names, and names it alone."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from tests.contracts.code import EVERYTHING, PACKAGES, ROOT, sources

#: A type of the schema shows the domain value of its name, as clients and people call both.
SHOWN_IN_THE_GRAPH = frozenset({
    "Attribute",
    "Category",
    "Channel",
    "Collection",
    "CropMode",
    "DarkAt",
    "FocalPoint",
    "GoingDark",
    "Licence",
    "Locale",
    "Market",
    "Preset",
    "Product",
    "Recipe",
    "Task",
    "TaskState",
    "Territory",
    "Upload",
    "Work",
    "WorkRow",
    "WorkState",
})
#: The root type of each test schema of its own, as GraphQL calls it.
ROOT_OF_A_TEST_SCHEMA = "Query"


def classes(packages: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield each class of the top level of a module with its file."""
    for path in sources(packages):
        for part in ast.parse((ROOT / path).read_text()).body:
            if isinstance(part, ast.ClassDef):
                yield part.name, path


def shared_names(packages: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the names that classes of several files have, with these files in their order."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for name, path in classes(packages):
        files[name].append(path)
    return {name: paths for name, paths in files.items() if len(paths) > 1}


def test_a_class_name_stands_in_one_module() -> None:
    shared = shared_names(PACKAGES)
    assert {name: paths for name, paths in shared.items() if name not in SHOWN_IN_THE_GRAPH} == {}


def test_a_class_name_of_tests_and_benchmarks_stands_in_one_module() -> None:
    shared = shared_names(tuple(set(EVERYTHING) - set(PACKAGES)))
    shared.pop(ROOT_OF_A_TEST_SCHEMA)
    assert shared == {}


def test_only_a_type_of_the_schema_has_the_name_of_a_domain_value() -> None:
    shared = shared_names(PACKAGES)
    assert SHOWN_IN_THE_GRAPH - shared.keys() == set()
    for name in SHOWN_IN_THE_GRAPH:
        of_schema, of_domain = shared[name]
        assert of_schema.startswith("api/schema/")
        assert of_domain.startswith("catalog/")
