"""Keeps what stops an app from starting, so that it is said in a line and not logged as a stack."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog.errors import VitrineError
from serving.at_once import AnswersAtOnce


class Starting:
    """An app whose refusal to start is handed over rather than logged.

    Attributes:
        failure: what a person can act on; None: it started, or the fault is ours and logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.failure: VitrineError | None = None
        self._app = app
        if isinstance(app, AnswersAtOnce):
            self.answer_at_once = app.answer_at_once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but the failed start.

        Raises:
            VitrineError: while it ran or stopped.
        """
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        failed: list[Message] = []

        async def hold_failure(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                failed.append(message)
            else:
                await send(message)

        try:
            await self._app(scope, receive, hold_failure)
        except VitrineError as error:
            if not failed:
                raise
            self.failure = error
            await send({"type": "lifespan.startup.failed", "message": ""})
        finally:
            if failed and self.failure is None:
                await send(failed[0])
