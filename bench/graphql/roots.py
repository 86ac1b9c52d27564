"""What root fields returned once, given again to every execution with the state of a new request.

What is worked out of an asset or a document, such as a token, is remembered with it, as in an api.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import ExecutionResult

from api.answers.cards import Cards
from api.documents.preparation import Preparation
from api.execution.core import ResolveInfo
from api.images.urls import Minter
from api.request.operations import Operations
from api.request.scene import RequestState, Scene
from api.request.services import Services
from api.schema.build import RULES, build_schema, core_of
from api.schema.lists import PageInfo, ProductConnection, ProductEdge
from api.schema.product import Product, product_of
from catalog.graph.products import PublishedProduct

_FIELDS = ("product", "products")


class Executing:
    """A schema of its own with an executor, its documents known and valid from the second time on.

    Args:
        executor: class that executes operations.
    """

    def __init__(self, executor: type[Any]) -> None:
        self.core = core_of(build_schema())
        self._preparation = Preparation(self.core, RULES)
        self._operations = Operations(self.core, self._preparation, executor)

    async def execute(
        self, text: str, variables: Mapping[str, Any], state: RequestState
    ) -> ExecutionResult:
        """Execute an operation."""
        return await self._operations.execute(self._preparation.prepare(text), variables, state)


@dataclass(slots=True, kw_only=True)
class _Loaded:
    """A page, or one product, without what belongs to the request that loaded it."""

    scene: Scene
    products: list[PublishedProduct]
    cursors: list[str] = field(default_factory=list[str])
    page_info: PageInfo | None = None

    def root(self, state: RequestState) -> Product | ProductConnection:
        """Make the root value anew, as the root field does after its statements."""
        scene = state.staged(self.scene.media.links)
        nodes = [product_of(each, scene) for each in self.products]
        if self.page_info is None:
            return nodes[0]
        edges = [
            ProductEdge(node=node, cursor=cursor)
            for node, cursor in zip(nodes, self.cursors, strict=True)
        ]
        return ProductConnection(
            edges=edges, nodes=nodes, page_info=self.page_info, total_count=None
        )


class Roots:
    """Loads by the real root fields, and then stands in for them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._loaded: dict[str, _Loaded] = {}
        self._minter: Minter | None = None

    async def load(self, schema: Executing, text: str, variables: Mapping[str, Any]) -> None:
        """Execute an operation with one root field, and keep what that returned.

        Raises:
            RuntimeError: the answer has errors.
        """
        state = RequestState(services=self._services, key=None, now=self._services.now())
        fields = _query_fields(schema)
        before = {name: fields[name].resolve for name in _FIELDS}
        for name, resolve in before.items():
            fields[name].resolve = self._keeping(name, resolve)
        try:
            result = await schema.execute(text, variables, state)
        finally:
            for name, resolve in before.items():
                fields[name].resolve = resolve
        if result.errors:
            raise RuntimeError(f"{result.errors}")
        self._minter = state.minter

    def stand_in(self, schema: Executing) -> None:
        """Have the root fields of a schema return what was loaded, without asking PostgreSQL."""
        for name, loaded in self._loaded.items():
            _query_fields(schema)[name].resolve = _returning(loaded)

    def state(self, cards: Cards | None) -> RequestState:
        """Make the state of a new request in the same context.

        Args:
            cards: that it may use; None: none.
        """
        minter = self._minter
        assert minter is not None  # noqa: S101 - something was loaded
        now = self._services.now()
        fresh = Minter(
            context=replace(minter.context, now=now),
            presets=minter.presets,
            keys=minter.keys,
            media_base=minter.media_base,
            now=now,
            actor=minter.actor,
        )
        services = replace(self._services, cards=cards)
        return RequestState(services=services, key=None, now=now, minter=fresh)

    def _keeping(self, name: str, resolve: Any) -> Callable[..., Any]:  # noqa: ANN401 - of graphql-core
        async def resolve_and_keep(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever it wraps
            returned = await resolve(*args, **kwargs)
            if isinstance(returned, Product):
                self._loaded[name] = _Loaded(scene=returned.scene, products=[returned.published])
            elif isinstance(returned, ProductConnection):
                self._loaded[name] = _Loaded(
                    scene=returned.nodes[0].scene,
                    products=[each.published for each in returned.nodes],
                    cursors=[each.cursor for each in returned.edges],
                    page_info=returned.page_info,
                )
            return returned

        return resolve_and_keep


def _returning(loaded: _Loaded) -> Callable[..., Product | ProductConnection]:
    def resolve(
        _root: object, info: ResolveInfo, **_arguments: object
    ) -> Product | ProductConnection:
        return loaded.root(info.context)

    return resolve


def _query_fields(schema: Executing) -> Mapping[str, Any]:
    assert schema.core.query_type is not None  # noqa: S101 - ours has one
    return schema.core.query_type.fields
