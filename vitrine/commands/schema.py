"""`vitrine schema`: the exported contract of the api."""

import difflib
import sys
from pathlib import Path
from typing import ClassVar

from graphql import GraphQLError

from api.contract.changes import changes_since
from api.contract.sdl import print_sdl
from catalog.errors import InvalidInputError, VitrineError

_STORED = Path("schema.graphql")
_SHOWN_LINES = 40


class SchemaDiffersError(VitrineError):
    """The stored schema is not the one that the code serves."""

    code: ClassVar[str] = "SCHEMA_DIFFERS"


class SchemaBreaksError(VitrineError):
    """Clients of an older schema may fail with the one that the code serves."""

    code: ClassVar[str] = "SCHEMA_BREAKS"


def print_schema(*, check: bool = False, against: Path | None = None) -> None:
    """Print the GraphQL schema in the Schema Definition Language, or hold it against a stored one.

    Args:
        check: print nothing, and fail where `schema.graphql` here differs.
        against: an older schema; print what has changed for its clients, and fail where anything
            is gone or other than it was that had not been deprecated there.

    Raises:
        SchemaDiffersError: it differs; the message shows where.
        SchemaBreaksError: it breaks clients of the older one; the message lists how.
    """
    served = print_sdl()
    if check:
        _check(served)
    if against is not None:
        _compare(against, served)
    if not check and against is None:
        sys.stdout.write(served)


def _check(served: str) -> None:
    stored = _STORED.read_text() if _STORED.exists() else ""
    if stored != served:
        lines = difflib.unified_diff(
            stored.splitlines(), served.splitlines(), "schema.graphql", "the code", lineterm=""
        )
        shown = "\n".join([*lines][:_SHOWN_LINES])
        raise SchemaDiffersError(f"schema.graphql differs; `make schema` writes it:\n{shown}")


def _compare(older: Path, served: str) -> None:
    try:
        changes = changes_since(older.read_text(), served)
    except OSError as error:
        raise InvalidInputError(f"{older}: {error.strerror}", field="against") from error
    except (GraphQLError, UnicodeDecodeError, TypeError) as error:
        raise InvalidInputError(
            f"{older} is no GraphQL schema: {error}", field="against"
        ) from error
    for kind, found in (("retired", changes.retired), ("dangerous", changes.dangerous)):
        sys.stdout.writelines(f"{kind}: {each}\n" for each in found)
    if changes.breaking:
        listed = "\n".join(changes.breaking)
        raise SchemaBreaksError(f"clients of {older} may fail:\n{listed}\n")
