"""Writes a selection as Python: one function for each object type in each place of the document.

A function takes an object `o` and the run `r`, and returns the object of the answer as one `dict`
display, whose keys, types and resolvers are settled while it is written. There is no error handling
in it: whatever goes wrong leaves the whole function, and the stock executor completes the same
value again (see `executor.py`).

    def s1(o, r, p):
        if o.__class__ is not c2: k3(o.__class__)
        r.left -= 2
        if r.left < 0: r.pause()
        return {'sku': (v if (v := o.sku).__class__ is str else l4(v)),
                'media': [s5(i, r, None) for i in as_list(f6(o, **r.arguments[0]))]}
"""

from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    Executor,
    GraphQLAbstractType,
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLString,
    is_leaf_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetails, collect_subfields
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField

from api.execution.arguments import Arguments, is_simple, split
from api.execution.core import Output, is_list_type, is_non_null_type
from api.execution.errors import UnsupportedError
from api.execution.objects import class_check, classes_of, definition_of
from api.execution.remembering import Remembers
from api.execution.resolvers import (
    Place,
    attribute_of,
    function_of,
    source_parameters,
    strawberry_field_of,
)
from api.execution.values import as_list, enum_names, leaf_completion

MAX_FIELDS = 2_000
#: What is complete as it is; an `int` of a Float, or a `str` of a class of its own, is not.
_AS_IT_IS = {
    GraphQLString: "{bound}.__class__ is str",
    GraphQLID: "{bound}.__class__ is str",
    GraphQLBoolean: "{bound}.__class__ is bool",
    GraphQLInt: "{bound}.__class__ is int and -2147483648 <= {name} <= 2147483647",
    GraphQLFloat: "{bound}.__class__ is float and {name} * 0.0 == 0.0",
}


@dataclass(frozen=True, slots=True)
class Completion:
    """A compiled selection below one root field.

    Attributes:
        complete: takes the value of the root field, the run, and the path of the field.
        arguments: what has to be coerced for each run, in the order of `r.arguments`.
        source: what was written, for people.
        fields: how many of them, which its weight in memory grows with.
    """

    complete: Callable[[Any, Any, Path], Any]
    arguments: tuple[Arguments, ...]
    source: str
    fields: int


def compile_completion(
    executor: Executor[Any], output: Output, details: list[FieldDetails], *, name: str
) -> Completion:
    """Compile what completes the value of a root field.

    Args:
        executor: of an operation on the same document, with variables that include as much of it.
        output: the field's type.
        details: the field's nodes.
        name: what tracebacks call it.

    Raises:
        UnsupportedError: it has something that only the stock executor does, or is too large.
    """
    writer = _Writer(executor)
    try:
        completed = writer.completion(output, "value", details, "p")
    except _PathWantedError:
        writer = _Writer(executor, tells_paths=True)
        completed = writer.completion(output, "value", details, "p")
    source, complete = writer.function("complete(value, r, p)", completed, name)
    return Completion(complete, tuple(writer.arguments), source, writer.fields)


@dataclass(frozen=True, slots=True)
class Call:
    """How the resolver of a root field is called, settled once.

    Attributes:
        begin: takes the root value, the run, and the path of the field.
        arguments: what has to be coerced for each run, in the order of `r.arguments`.
    """

    place: Place
    begin: Callable[[Any, Any, Path], Awaitable[Any]]
    arguments: tuple[Arguments, ...]


def compile_call(executor: Executor[Any], place: Place, *, name: str) -> Call:
    """Compile the call of a root field's resolver, which is awaited.

    Args:
        executor: as of `compile_completion`.
        place: of the field.
        name: what tracebacks call it.

    Raises:
        UnsupportedError: an argument does not fit.
    """
    writer = _Writer(executor, tells_paths=True)
    called = writer.value(place, "p")
    _, begin = writer.function("begin(o, r, p)", called, name)
    return Call(place, begin, tuple(writer.arguments))


class _PathWantedError(Exception):
    """A resolver below the root asks for `Info`, which has the path of its field."""


@dataclass(slots=True)
class _Writer:
    """Writes expressions, and the functions and constants that they name.

    Attributes:
        tells_paths: whether objects are told where they are; that costs as much as two leaves.
        inside: whether an object around what is being written is remembered as a whole.
    """

    executor: Executor[Any]
    tells_paths: bool = False
    inside: int = 0
    lines: list[str] = field(default_factory=list[str])
    names: dict[str, Any] = field(
        default_factory=lambda: {"as_list": as_list, "copy": copy, "Path": Path}
    )
    arguments: list[Arguments] = field(default_factory=list[Arguments])
    fields: int = 0

    def function(self, signature: str, returned: str, name: str) -> tuple[str, Callable[..., Any]]:
        """Compile a function of an expression; return the source of all, and the function."""
        source = "\n".join([*self.lines, f"def {signature}:", f"    return {returned}", ""])
        exec(compile(source, f"<{name}>", "exec"), self.names)  # noqa: S102 - it holds no foreign text
        return source, self.names[signature.partition("(")[0]]

    def completion(self, output: Output, value: str, details: list[FieldDetails], path: str) -> str:
        """Return an expression that completes a value.

        Args:
            output: its type.
            value: an expression, which is evaluated once.
            details: the nodes that select from it.
            path: an expression.
        """
        if is_non_null_type(output):
            return self._present(output.of_type, value, details, path)
        bound, name = _bind(value)
        return f"(None if {bound} is None else {self._present(output, name, details, path)})"

    def _present(self, output: Output, value: str, details: list[FieldDetails], path: str) -> str:
        """Return an expression that completes a value, and fails where that is None."""
        if is_leaf_type(output):
            return self._leaf(output, value)
        if is_list_type(output):
            return self._list(output.of_type, value, details, path)
        if is_object_type(output):
            return f"{self._object(output, details)}({value}, r, {path})"
        bound, name = _bind(value)
        return f"{self._table(output, details)}[{bound}.__class__]({name}, r, {path})"

    def _leaf(self, leaf: GraphQLLeafType, value: str) -> str:
        slow = self._constant("l", leaf_completion(leaf))
        if leaf in _AS_IT_IS:
            bound, name = _bind(value)
            is_complete = _AS_IT_IS[leaf].format(bound=bound, name=name)
            return f"({name} if {is_complete} else {slow}({name}))"
        if names := enum_names(leaf):
            bound, name = _bind(value)
            return f"({self._constant('e', names)}.get(id({bound})) or {slow}({name}))"
        return f"{slow}({value})"

    def _list(self, item: Output, value: str, details: list[FieldDetails], path: str) -> str:
        if not self.tells_paths:
            return f"[{self.completion(item, 'i', details, 'None')} for i in as_list({value})]"
        n = self._constant("n", None)  # a list in a list says the index of both
        completed = self.completion(item, "i", details, f"Path({path}, {n}, None)")
        return f"[{completed} for {n}, i in enumerate(as_list({value}))]"

    def _table(self, abstract: GraphQLAbstractType, details: list[FieldDetails]) -> str:
        """Write a table of the functions for each object type that an abstract one may be."""
        classes = classes_of(abstract, self.executor.schema)
        entries = [
            f"{self._constant('c', cls)}: {self._object(object_type, details)}"
            for cls, object_type in classes.items()
        ]
        name = self._constant("t", None)
        self.lines.append(f"{name} = {{{', '.join(entries)}}}")
        return name

    def _object(self, object_type: GraphQLObjectType, details: list[FieldDetails]) -> str:
        """Write the function for an object type in a place.

        Raises:
            UnsupportedError: a part of it may come later.
        """
        collected = self._collected(object_type, details)
        origin, known = definition_of(object_type).origin, len(self.arguments)
        is_outermost = not self.inside and issubclass(origin, Remembers)
        self.inside += is_outermost
        entries = [
            f"{key!r}: {completed}"
            for key, nodes in collected.items()
            if (completed := self._field(object_type, key, nodes)) is not None
        ]
        self.inside -= is_outermost
        is_alike = len(self.arguments) == known and not self.tells_paths
        cls, check = self._constant("c", origin), self._constant("k", class_check(object_type))
        name = self._constant("s", None)
        made = [
            f"    r.left -= {len(entries)}",
            "    if r.left < 0: r.pause()",
            f"    return {{{', '.join(entries)}}}",
        ]
        if is_outermost and is_alike:
            whole = self._constant("u", None)
            self.lines += [f"def {whole}(o, r, p):", *made]
            made = [f"    return o.completed_by({whole}, r)"]
        self.lines += [
            f"def {name}(o, r, p):",
            f"    if o.__class__ is not {cls}: {check}(o.__class__)",
            *made,
        ]
        return name

    def _collected(
        self, object_type: GraphQLObjectType, details: list[FieldDetails]
    ) -> dict[str, list[FieldDetails]]:
        executor = self.executor
        collected = collect_subfields(
            executor.schema,
            executor.fragments,
            executor.variable_values,
            executor.operation,
            object_type,
            details,
            executor.hide_suggestions,
        )
        if collected.new_defer_usages:
            raise UnsupportedError("`@defer`")
        return collected.grouped_field_set

    def _field(
        self, parent: GraphQLObjectType, key: str, details: list[FieldDetails]
    ) -> str | None:
        self.fields += 1
        if self.fields > MAX_FIELDS:
            raise UnsupportedError(f"more than {MAX_FIELDS} fields")
        node = details[0].node
        if node.name.value == "__typename":
            return repr(parent.name)
        core: Any = self.executor.schema.get_field(parent, node.name.value)
        if core is None:  # validation has been left out
            return None
        place = Place(core=core, field=strawberry_field_of(core), details=details, parent=parent)
        path = f"Path(p, {key!r}, {parent.name!r})" if self.tells_paths else "None"
        return self.completion(core.type, self.value(place, path), details, path)

    def value(self, place: Place, path: str) -> str:
        """Return the expression that resolves a field of the object `o`."""
        field = place.field
        if attribute := attribute_of(field):
            return f"o.{attribute}"
        if field.is_basic_field:
            return f"{self._constant('d', field.default_resolver)}(o, {field.python_name!r})"
        if field.extensions:
            given = self._arguments(place, None)
            call = self._constant("x", place.core.resolve)
            return f"{call}({', '.join(['o', self._info('raw_info', place, path), *given])})"
        positional, named, info = source_parameters(field)
        given = self._arguments(place, field)
        passed = [*positional, *(f"{name}=o" for name in named), *given]
        if info:
            passed.append(f"{info}={self._info('info', place, path)}")
        call = self._constant("f", function_of(field))
        return f"{call}({', '.join(passed)})"

    def _info(self, kind: str, place: Place, path: str) -> str:
        if not self.tells_paths:
            raise _PathWantedError
        return f"r.{kind}({self._constant('i', place)}, {path})"

    def _arguments(self, place: Place, field: StrawberryField | None) -> list[str]:
        """Return what is passed on: constants by name, and what this run has coerced."""
        constant, varying = split(self.executor, place, field)
        passed = [f"{name}={self._literal(value)}" for name, value in constant.items()]
        if varying is not None:
            passed.append(f"**r.arguments[{len(self.arguments)}]")
            self.arguments.append(varying)
        return passed

    def _literal(self, value: object) -> str:
        """Name an argument; what a resolver may change each call gets a copy of."""
        name = self._constant("a", value)
        return name if is_simple(value) else f"copy({name})"

    def _constant(self, prefix: str, value: object) -> str:
        """Give a value a name that the code can say."""
        name = f"{prefix}{len(self.names)}"
        self.names[name] = value
        return name


def _bind(value: str) -> tuple[str, str]:
    """Return an expression that evaluates another and names its value, and that name."""
    return (value, value) if value.isidentifier() else (f"(v := {value})", "v")
