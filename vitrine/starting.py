"""The frame around an app: a failed start is said in a line and not logged as a stack."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog.db import OPERATORS_TO_MEND
from catalog.errors import VitrineError
from catalog.versions import Access, database_error
from serving.at_once import AnswersAtOnce


class StartableApp:
    """An app whose refusal to start is handed over rather than logged.

    Args:
        app: what is started.
        access: whose login to the database it has.
        before_end: called on a thread once the app has stopped; then the process may end.

    Attributes:
        failure: what a person can act on; None: it started, or the fault is ours and logged.
    """

    def __init__(
        self, app: ASGIApp, access: Access, *, before_end: Callable[[], None] = lambda: None
    ) -> None:
        self.failure: VitrineError | None = None
        self._app = app
        self._access: Access = access
        self._before_end = before_end
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
                return
            if message["type"] == "lifespan.shutdown.complete":
                await asyncio.to_thread(self._before_end)
            await send(message)

        try:
            await self._app(scope, receive, hold_failure)
        except (VitrineError, *OPERATORS_TO_MEND) as error:
            if not failed:
                raise
            is_ours = isinstance(error, VitrineError)
            self.failure = error if is_ours else database_error(error, self._access)
            await send({"type": "lifespan.startup.failed", "message": ""})
        finally:
            if failed and self.failure is None:
                await send(failed[0])
