"""Messages of WebSockets, looked at before they are handled; whatever else comes ends them.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from typing import Any, Final, TypeGuard, cast

from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
)

from catalog.errors import InvalidInputError

#: Of the id of an operation, which the reason to close may name.
LONGEST_ID: Final = 64
_LONGEST_REASON: Final = 123  # bytes (RFC 6455, 5.5.1)
_TYPES: Final = frozenset({"connection_init", "ping", "pong", "subscribe", "complete"})
_OF_OPERATIONS: Final = frozenset({"subscribe", "complete"})
#: What a `subscribe` holds besides its document.
_PARAMETERS: Final = {"variables": dict, "operationName": str, "extensions": dict}


class Frames(BaseGraphQLTransportWSHandler[Any, Any]):
    """Handles one connection."""

    async def handle(self) -> None:
        """Handle all that comes until either side closes the connection."""
        try:
            await super().handle()
        except RecursionError:  # of the JSON, before it is a message
            await self.handle_invalid_message("A message is nested too deep")

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Begin the connection; close with 4400 what begins it wrongly, saying in what."""
        if message.get("payload") is None:  # as good as none
            message = {"type": "connection_init"}
        try:
            await super().handle_connection_init(message)
        except InvalidInputError as error:
            reason = error.message.encode()[:_LONGEST_REASON].decode(errors="ignore")
            await self.websocket.close(code=4400, reason=reason)

    async def handle_message(self, message: Message) -> None:
        """Handle a message; close with 4400 what is none."""
        if is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Invalid message")


def is_message(frame: object) -> TypeGuard[Message]:
    """Return whether a frame is a message that a client may send."""
    if not isinstance(frame, dict):
        return False
    message = cast("dict[str, object]", frame)
    kind, payload = message.get("type"), message.get("payload")
    if not isinstance(kind, str) or kind not in _TYPES:
        return False
    if not isinstance(payload, dict | None):
        return False
    name = message.get("id")
    if kind in _OF_OPERATIONS and not (isinstance(name, str) and len(name) <= LONGEST_ID):
        return False
    if kind != "subscribe":
        return True
    asked = cast("dict[str, object]", payload or {})
    return isinstance(asked.get("query"), str) and all(
        isinstance(asked.get(each), of | None) for each, of in _PARAMETERS.items()
    )
