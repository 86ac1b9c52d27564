"""The executor: the stock one for root fields, compiled code for everything below them.

The stock executor stays the oracle. Root fields are resolved by it, so their arguments, errors and
awaiting are its own. What they return is completed by compiled code; if that fails for whatever
reason, the stock executor completes the same value again and says what is wrong, where, and what
becomes null. To resolve fields twice changes nothing: below the root of a mutation GraphQL wants
them free of side effects (October 2021, 6.3.1).
"""

from collections.abc import Callable
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import Info

from api.execution.core import Output, ResolveInfo
from api.execution.plans import Plans
from api.execution.resolvers import Place
from api.execution.source import Completion

#: How a root field was completed: by compiled code; by the stock executor, because its selection
#: cannot be compiled; or by both, because a value was in error or of an unusual kind.
Outcome: TypeAlias = Literal["compiled", "unsupported", "repeated"]


class _Count(Protocol):
    def __call__(self, outcome: Outcome, /) -> None: ...


class _Take(Protocol):
    def __call__(self, context: Any, fields: int, /) -> None: ...  # noqa: ANN401 - as it was given


#: Of all operations that are kept compiled, about 2.4 KB each.
MAX_KEPT_FIELDS = 25_000
#: Fields that compiled code makes before it asks whether it may go on.
CHECKED_EVERY = 1_000


class _Run:
    """What compiled code knows of one execution.

    Attributes:
        left: fields that are made before `pause` is called.
    """

    __slots__ = ("_executor", "arguments", "left")

    def __init__(self, executor: "CompiledExecutor", completion: Completion) -> None:
        self._executor = executor
        self.arguments = [each.coerced(executor) for each in completion.arguments]
        self.left = CHECKED_EVERY

    def pause(self) -> None:
        """Say how many fields were made; what `take` raises is raised."""
        taken, self.left = CHECKED_EVERY - self.left, CHECKED_EVERY
        self._executor.take(self._executor.context_value, taken)

    def raw_info(self, place: Place, path: Path) -> ResolveInfo:
        """Return what graphql-core tells a resolver."""
        executor: Any = self._executor
        return executor.build_resolve_info(place.core, list(place.nodes), place.parent, path)

    def info(self, place: Place, path: Path) -> Info[Any, Any]:
        """Return what Strawberry tells a resolver."""
        raw = self.raw_info(place, path)
        schema: Any = raw.schema
        return schema._strawberry_schema.config.info_class(_raw_info=raw, _field=place.field)  # noqa: SLF001 - no public way in


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes an operation; made by `compiled_executor`."""

    plans: ClassVar[Plans]
    count: ClassVar[_Count]
    take: ClassVar[_Take]

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
            completion = self._completion(return_type, field_details_list, path)
            if completion is None:
                self.count("unsupported")
            else:
                try:
                    run = _Run(self, completion)
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

    def _completion(
        self, output: Output, details: list[FieldDetails], path: Path
    ) -> Completion | None:
        has_middleware = self.middleware_manager is not None and self.middleware_manager.middlewares
        if has_middleware or self.abort_signal is not None or not self.error_propagation:
            return None
        return self.plans.completion(self, output, details, str(path.key))


def compiled_executor(
    *,
    max_fields: int = MAX_KEPT_FIELDS,
    count: Callable[[Outcome], None] = lambda _: None,
    take: Callable[[Any, int], None] = lambda _, __: None,
) -> type[CompiledExecutor]:
    """Make a class for `strawberry.Schema(execution_context_class=…)`, with plans of its own.

    Args:
        max_fields: of all operations that are kept compiled; the least recently used beyond it
            are forgotten.
        count: called with how a root field was completed, for each.
        take: called with a context and a number of fields, again and again while an answer is made;
            what it raises ends the root field.
    """
    members = {
        "plans": Plans(max_fields),
        "count": staticmethod(count),
        "take": staticmethod(take),
    }
    return type("CompiledExecutor", (CompiledExecutor,), members)
