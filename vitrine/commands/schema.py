"""`vitrine schema`: the exported contract of the api."""

import difflib
import sys
from pathlib import Path
from typing import ClassVar

from api.sdl import print_sdl
from catalog.errors import VitrineError

_STORED = Path("schema.graphql")
_SHOWN_LINES = 40


class SchemaDiffersError(VitrineError):
    """The stored schema is not the one that the code serves."""

    code: ClassVar[str] = "SCHEMA_DIFFERS"


def print_schema(*, check: bool = False) -> None:
    """Print the GraphQL schema in the Schema Definition Language.

    Args:
        check: print nothing, and fail where `schema.graphql` here differs.

    Raises:
        SchemaDiffersError: it differs; the message shows where.
    """
    served = print_sdl()
    if not check:
        sys.stdout.write(served)
        return
    stored = _STORED.read_text() if _STORED.exists() else ""
    if stored != served:
        lines = difflib.unified_diff(
            stored.splitlines(), served.splitlines(), "schema.graphql", "the code", lineterm=""
        )
        shown = "\n".join([*lines][:_SHOWN_LINES])
        raise SchemaDiffersError(f"schema.graphql differs; `make schema` writes it:\n{shown}")
