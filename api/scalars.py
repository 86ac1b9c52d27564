"""The scalars that differ from the stock ones."""

from datetime import UTC, datetime

from graphql import GraphQLError, GraphQLScalarType
from strawberry.types.scalar import ScalarDefinition

from catalog.clock import FAR_FUTURE, is_never, read_instant

_DESCRIPTION = "An instant: RFC 3339 with a zone (`2026-05-01T00:00:00Z`); answers are in UTC."


def _write(instant: object) -> str:
    if not isinstance(instant, datetime):
        raise GraphQLError(f"a DateTime is needed, not {type(instant).__name__}")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read(value: object) -> datetime:
    try:
        instant = read_instant(value) if isinstance(value, str) else None
        if instant is not None and instant.tzinfo is not None and is_never(instant):
            return FAR_FUTURE  # it may have no counterpart in UTC
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise GraphQLError("no such instant; a DateTime is RFC 3339 with a zone") from error
    raise GraphQLError("a DateTime is RFC 3339 with a zone, such as 2026-05-01T00:00:00Z")


DATE_TIME = GraphQLScalarType(
    "DateTime", description=_DESCRIPTION, serialize=_write, parse_value=_read
)

#: Replaces Strawberry's, which takes instants without a zone.
DATE_TIME_DEFINITION = ScalarDefinition(
    name="DateTime",
    description=_DESCRIPTION,
    specified_by_url=None,
    serialize=_write,
    parse_value=_read,
    parse_literal=None,
    origin=datetime,
    implementation=DATE_TIME,
)
