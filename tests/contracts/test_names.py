"""A class name says what it names, and names it alone."""

import ast
from collections import defaultdict

from tests.contracts.code import EVERYTHING, PACKAGES, ROOT, sources

#: Clients and people call a thing by one word: a type of the schema has the name of the domain
#: value that it shows. No others share a name, since nobody could tell which is meant.
SHOWN_AND_SHOWING = ("api/schema/", "catalog/")
#: The root type of each test schema of its own, as GraphQL calls it.
ROOT_OF_A_TEST_SCHEMA = "Query"


def shared_names(packages: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the names that classes of several files have, with these files in their order."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for path in sources(packages):
        for part in ast.parse((ROOT / path).read_text()).body:
            if isinstance(part, ast.ClassDef):
                files[part.name].append(path)
    return {name: paths for name, paths in files.items() if len(paths) > 1}


def is_shown_in_the_schema(paths: list[str]) -> bool:
    """Return whether these are the files of one type of the schema and of one domain value."""
    return len(paths) == len(SHOWN_AND_SHOWING) and all(
        map(str.startswith, paths, SHOWN_AND_SHOWING)
    )


def test_a_class_name_stands_in_one_module() -> None:
    shared = shared_names(PACKAGES)
    assert {
        name: paths for name, paths in shared.items() if not is_shown_in_the_schema(paths)
    } == {}


def test_a_class_name_of_tests_and_benchmarks_stands_in_one_module() -> None:
    shared = shared_names(tuple(set(EVERYTHING) - set(PACKAGES)))
    shared.pop(ROOT_OF_A_TEST_SCHEMA)
    assert shared == {}
