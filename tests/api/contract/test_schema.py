"""The exported contract, and what has to hold for all of it."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from graphql import (
    DEFAULT_DEPRECATION_REASON,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
    print_schema,
)
from strawberry.printer import print_schema as print_strawberry

from api.contract.sdl import print_sdl
from api.schema.build import SCHEMA

EXPORTED = Path(__file__).parents[3] / "schema.graphql"
CORE: GraphQLSchema = SCHEMA._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as in build
ROOTS = {"Query", "Mutation"}


def test_the_exported_schema_is_the_one_that_is_served() -> None:
    assert EXPORTED.read_text() == print_sdl(), "run `make schema`"


def test_the_exported_schema_can_be_built_again() -> None:
    assert print_schema(build_schema(print_sdl())).strip() == print_sdl().strip()


Part: TypeAlias = (
    GraphQLNamedType
    | GraphQLDirective
    | GraphQLField
    | GraphQLArgument
    | GraphQLInputField
    | GraphQLEnumValue
)


def parts_of_the_schema() -> Iterator[tuple[str, Part]]:
    """Yield types, their fields, values and arguments, and directives with theirs."""
    for name, kind in CORE.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        yield name, kind
        match kind:
            case GraphQLObjectType() | GraphQLInterfaceType():
                for field_name, field in kind.fields.items():
                    yield f"{name}.{field_name}", field
                    for argument, of in field.args.items():
                        yield f"{name}.{field_name}({argument}:)", of
            case GraphQLInputObjectType():
                yield from ((f"{name}.{each}", of) for each, of in kind.fields.items())
            case GraphQLEnumType():
                yield from ((f"{name}.{each}", of) for each, of in kind.values.items())
            case _:
                pass
    for directive in CORE.directives:
        yield f"@{directive.name}", directive
        yield from ((f"@{directive.name}({each}:)", of) for each, of in directive.args.items())


def test_everything_is_described() -> None:
    parts = dict(parts_of_the_schema())
    # one of each kind, so that none is left out unseen
    for name in ("Product", "Product.sku", "Query.product(sku:)", "MediaRole.HERO"):
        assert name in parts
    for name in ("TerritoryInput.include", "DateTime", "@inContext", "@inContext(market:)"):
        assert name in parts
    assert [name for name, part in parts.items() if not part.description] == []


def test_whatever_is_deprecated_says_what_to_use() -> None:
    reasons = {
        name: getattr(part, "deprecation_reason", None) for name, part in parts_of_the_schema()
    }
    assert {
        name
        for name, reason in reasons.items()
        if reason is not None and reason.strip() in {"", DEFAULT_DEPRECATION_REASON}
    } == set()


def test_the_directive_is_exported_by_both_printers() -> None:
    assert "directive @inContext(" in print_sdl()
    assert "directive @inContext(" in print_strawberry(SCHEMA)


def test_no_field_of_a_read_type_is_asynchronous() -> None:
    asynchronous: list[str] = []
    for name, kind in CORE.type_map.items():
        if name in ROOTS or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            continue
        definition = SCHEMA.get_type_by_name(name)
        for field in getattr(definition, "fields", ()):
            resolver = field.base_resolver
            if resolver is not None and inspect.iscoroutinefunction(resolver.wrapped_func):
                asynchronous.append(f"{name}.{field.name}")
        for field_name, core in kind.fields.items():
            if core.resolve is not None and inspect.iscoroutinefunction(core.resolve):
                asynchronous.append(f"{name}.{field_name}")
    assert asynchronous == []
    # either of these would wrap every field in a coroutine
    assert "DirectivesExtension" not in {type(each).__name__ for each in SCHEMA.get_extensions()}
    assert not any("resolve" in vars(type(each)) for each in SCHEMA.get_extensions())


def test_every_payload_says_what_went_wrong() -> None:
    mutation = CORE.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        payload = getattr(field.type, "of_type", None)
        assert isinstance(payload, GraphQLObjectType), name
        assert str(payload.fields["errors"].type) == "[MutationError!]!", name


def test_inputs_and_types_of_the_published_design_are_there() -> None:
    territory = CORE.type_map["TerritoryInput"]
    assert isinstance(territory, GraphQLInputObjectType)
    assert territory.fields["exclude"].default_value == []
