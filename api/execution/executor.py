"""The executor: settled calls for root fields, compiled code for everything below them.

The stock executor stays the oracle. Which root fields there are, how they are awaited and what
becomes of their errors is its own. What they return is completed by compiled code; if that fails
for whatever reason, the stock executor completes the same value again and says what is wrong,
where, and what becomes null. To resolve fields twice changes nothing: below the root of a mutation
GraphQL wants them free of side effects (October 2021, 6.3.1).
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import Info

from api.execution.arguments import Arguments, schema_of
from api.execution.core import Output, ResolveInfo
from api.execution.plans import Plans, Root
from api.execution.resolvers import Place

#: How a root field was completed: by compiled code; by the stock executor, because its selection
#: cannot be compiled; or by both, because a value was in error or of an unusual kind.
Outcome: TypeAlias = Literal["compiled", "unsupported", "repeated"]


class _Count(Protocol):
    def __call__(self, outcome: Outcome, /) -> None: ...


class _Take(Protocol):
    def __call__(self, context: Any, fields: int, /) -> None: ...  # noqa: ANN401 - as it was given


#: Fields that compiled code makes before it asks whether it may go on.
CHECKED_EVERY = 1_000


class _Run:
    """What compiled code knows of one execution.

    Args:
        raw: what graphql-core tells the resolver of a root field; None: it is called below one.

    Attributes:
        left: fields that are made before `pause` is called.
    """

    __slots__ = ("_executor", "_raw", "arguments", "left")

    def __init__(
        self,
        executor: "CompiledExecutor",
        arguments: Sequence[Arguments],
        raw: ResolveInfo | None = None,
    ) -> None:
        self._executor = executor
        self._raw = raw
        self.arguments = [each.coerced(executor) for each in arguments]
        self.left = CHECKED_EVERY

    def pause(self) -> None:
        """Say how many fields were made; what `take` raises is raised."""
        taken, self.left = CHECKED_EVERY - self.left, CHECKED_EVERY
        self._executor.take(self._executor.context_value, taken)

    def raw_info(self, place: Place, path: Path) -> ResolveInfo:
        """Return what graphql-core tells a resolver."""
        return self._raw or self._executor.info_of(place, path)

    def info(self, place: Place, path: Path) -> Info[Any, Any]:
        """Return what Strawberry tells a resolver."""
        raw = self.raw_info(place, path)
        return schema_of(self._executor).config.info_class(_raw_info=raw, _field=place.field)


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes an operation; made by `compiled_executor`.

    Args:
        plans: of its document, kept with it; None: nothing is known of it yet, nor afterwards.
    """

    count: ClassVar[_Count]
    take: ClassVar[_Take]

    def __init__(self, *args: Any, plans: Plans | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - as it is overridden
        super().__init__(*args, **kwargs)
        self._plans = plans or Plans()
        self._choice = self._plans.choice(self)
        #: Whether fields are not only resolved, so that the stock executor does it.
        self._is_watched = bool(
            (self.middleware_manager and self.middleware_manager.middlewares)
            or self.abort_signal is not None
            or not self.error_propagation
            or schema_of(self).exception_handlers
        )

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,  # noqa: ANN401 - as it is overridden
        field_details_list: list[FieldDetails],
        path: Path,
        position_context: Any,  # noqa: ANN401 - as it is overridden
    ) -> Any:  # noqa: ANN401 - as it is overridden
        """Resolve a root field as it was settled; anything else as it always is."""
        call = None
        if path.prev is None and not self._is_watched:
            call = self._root(parent_type, field_details_list, path).call
        if call is None:
            stock: Any = super()
            return stock.execute_field(
                parent_type, source, field_details_list, path, position_context
            )
        core: Any = call.place.core
        executor: Any = self
        info = self.info_of(call.place, path)
        try:
            result = call.begin(source, _Run(self, call.arguments, info), path)
        except Exception as error:  # noqa: BLE001 - said in the answer
            executor.handle_field_error(error, core.type, field_details_list, path)
            return None
        return executor.complete_awaitable_value(
            core.type, field_details_list, info, path, result, position_context
        )

    def complete_value(
        self,
        return_type: Output,
        field_details_list: list[FieldDetails],
        info: ResolveInfo,
        path: Path,
        result: Any,  # noqa: ANN401 - as it is overridden
        position_context: Any,  # noqa: ANN401 - as it is overridden
    ) -> Any:  # noqa: ANN401 - as it is overridden
        """Complete the value of a root field by compiled code; anything else as it always is."""
        if path.prev is None and return_type is info.return_type:
            completion = None
            if not self._is_watched:
                completion = self._root(info.parent_type, field_details_list, path).completion
            if completion is None:
                self.count("unsupported")
            else:
                try:
                    run = _Run(self, completion.arguments)
                    completed = completion.complete(result, run, path)
                    run.pause()
                except Exception:  # noqa: BLE001 - said by the stock executor, with path and place
                    self.take(self.context_value, 0)  # what may not go on is not begun again
                    self.count("repeated")
                else:
                    self.count("compiled")
                    return completed
        stock: Any = super()
        return stock.complete_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,  # noqa: ANN401 - as it is overridden
        path: Path | None,
        grouped_field_set: Any,  # noqa: ANN401 - as it is overridden
        position_context: Any,  # noqa: ANN401 - as it is overridden
    ) -> Any:  # noqa: ANN401 - as it is overridden
        """Execute the fields of an object that is not completed by compiled code."""
        if path is not None:
            self.take(self.context_value, len(grouped_field_set))
        stock: Any = super()
        return stock.execute_fields(
            parent_type, source_value, path, grouped_field_set, position_context
        )

    def info_of(self, place: Place, path: Path) -> ResolveInfo:
        """Return what graphql-core tells a resolver."""
        executor: Any = self
        nodes = [each.node for each in place.details]
        return executor.build_resolve_info(place.core, nodes, place.parent, path)

    def _root(self, parent: GraphQLObjectType, details: list[FieldDetails], path: Path) -> Root:
        return self._plans.root(self, self._choice, parent, details, str(path.key))


def compiled_executor(
    *,
    count: Callable[[Outcome], None] = lambda _: None,
    take: Callable[[Any, int], None] = lambda _, __: None,
) -> type[CompiledExecutor]:
    """Make a class of executors; each is given the `plans` of its document.

    Args:
        count: called with how a root field was completed, for each.
        take: called with a context and a number of fields, again and again while an answer is made;
            what it raises ends the root field.
    """
    members = {"count": staticmethod(count), "take": staticmethod(take)}
    return type("CompiledExecutor", (CompiledExecutor,), members)
