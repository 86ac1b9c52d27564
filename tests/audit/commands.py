"""Which commands there are, and whether each records an event: by their source."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import ROOT

_PACKAGES = ("api", "catalog", "purger", "relay", "vitrine")


def commands() -> dict[str, set[str]]:
    """Return what each function that is given a change calls, by the function's name."""
    found: dict[str, set[str]] = {}
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for function in _functions(path):
                found.setdefault(function.name, set()).update(_calls(function))
    return found


def unrecorded(found: dict[str, set[str]]) -> set[str]:
    """Return the functions that record nothing, by themselves or by what they call."""
    recording = {"record"}
    while more := {n for n, calls in found.items() if calls & recording} - recording:
        recording |= more
    return found.keys() - recording


def _functions(path: Path) -> Iterator[ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.AsyncFunctionDef) and any(
            each.annotation is not None and ast.unparse(each.annotation) == "Change"
            for each in (*node.args.args, *node.args.kwonlyargs)
        ):
            yield node


def _calls(function: ast.AsyncFunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            name = node.func
            if isinstance(name, ast.Attribute):
                yield name.attr
            elif isinstance(name, ast.Name):
                yield name.id
