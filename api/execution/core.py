"""The names of graphql-core that this package uses whose types it leaves partly open."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, TypeGuard, cast

import graphql
from graphql import pyutils

#: Where Strawberry notes its own part behind one of graphql-core.
STRAWBERRY: Final = "strawberry-definition"
#: A type that something is answered in.
Output: TypeAlias = Any
#: `GraphQLResolveInfo`.
ResolveInfo: TypeAlias = Any

is_awaitable = cast(
    "Callable[[object], TypeGuard[Awaitable[object]]]", cast("Any", pyutils).is_awaitable
)
get_named_type = cast("Callable[[Output], Any]", cast("Any", graphql).get_named_type)
is_list_type = cast("Callable[[Output], bool]", cast("Any", graphql).is_list_type)
is_non_null_type = cast("Callable[[Output], bool]", cast("Any", graphql).is_non_null_type)
