"""The schema as text: the exported contract, `schema.graphql`."""

from graphql import print_schema

from api.schema.build import SCHEMA


def print_sdl() -> str:
    """Return the schema in the Schema Definition Language, with its final newline."""
    core = SCHEMA._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
    return print_schema(core) + "\n"
