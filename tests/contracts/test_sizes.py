"""Files and functions stay as small as a reader can hold in mind."""

import ast

import pytest

from tests.contracts.code import EVERYTHING, ROOT, sources

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 50


def test_no_file_is_too_long() -> None:
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path in sources(EVERYTHING)}
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


@pytest.mark.parametrize("package", EVERYTHING)
def test_no_function_is_too_long(package: str) -> None:
    lengths = {
        f"{path}: {part.name}": length_of(part)
        for path in sources((package,))
        for part in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {
        name: length for name, length in lengths.items() if length > MOST_LINES_OF_A_FUNCTION
    } == {}


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return its lines without the docstring, which for a command is its help."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and ast.get_docstring(function) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length
