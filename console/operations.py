"""Documents of pages: each operation with the type of its answer.

A document lies beside its page as `name.graphql`; `name_graphql.py` is written from it and from the
schema by `make schema`, and says what its answers hold.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from graphql import DocumentNode, parse, print_ast
from graphql.utilities import separate_operations

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """An operation, with the fragments that it uses.

    Attributes:
        text: a document with this operation alone.
    """

    name: str
    text: str


def operation(written_module: str, name: str) -> Operation[Any]:
    """Return an operation of the document that a module was written from.

    Args:
        written_module: its `__file__`.
        name: of the operation.
    """
    module = Path(written_module)
    document = module.with_name(module.stem.removesuffix("_graphql") + ".graphql")
    return Operation(name, print_ast(_operations_in(document)[name]))


@cache
def _operations_in(document: Path) -> dict[str, DocumentNode]:
    return separate_operations(parse(document.read_text(encoding="utf-8")))
