"""Which commands there are, and whether each records an event: by their source."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import ROOT

_PACKAGES = ("api", "catalog", "purger", "relay", "vitrine")


@dataclass(frozen=True, slots=True)
class Command:
    """A function that is given a change.

    Attributes:
        records: it calls `change.record` itself.
        calls: the names of what it calls.
    """

    name: str
    records: bool
    calls: frozenset[str]


def commands() -> list[Command]:
    """Return the functions that are given a change."""
    return [
        Command(
            function.name,
            any(ast.unparse(each.func) == "change.record" for each in _calls(function)),
            frozenset(_names(function)),
        )
        for package in _PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for function in _functions(path)
    ]


def unrecorded(found: Sequence[Command]) -> set[str]:
    """Return the names of which a function records nothing, by itself or by what it calls.

    Of several functions of one name all have to record before a call of it counts.
    """
    silent = {each.name for each in found if not each.records}
    while True:
        recording = {each.name for each in found} - silent
        still = {each.name for each in found if not (each.records or each.calls & recording)}
        if still == silent:
            return silent
        silent = still


def _functions(path: Path) -> Iterator[ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.AsyncFunctionDef) and any(
            each.annotation is not None and ast.unparse(each.annotation) == "Change"
            for each in (*node.args.args, *node.args.kwonlyargs)
        ):
            yield node


def _calls(function: ast.AsyncFunctionDef) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _names(function: ast.AsyncFunctionDef) -> Iterator[str]:
    for call in _calls(function):
        if isinstance(call.func, ast.Attribute):
            yield call.func.attr
        elif isinstance(call.func, ast.Name):
            yield call.func.id
