"""`/health/live`, `/health/ready` and `/metrics`, the same on every process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

import orjson
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

log = structlog.get_logger(__name__)

#: Returns None when all is well, else what is missing, in words that may be shown to anyone.
Check: TypeAlias = Callable[[], Awaitable[str | None]]

_CHECK_TIMEOUT_S = 2.0
_LATE: Final = "no answer in time"
#: Checks that were asked and have not answered, with the question.
_unanswered: "dict[Check, asyncio.Future[str | None]]" = {}


def operations_routes(checks: Mapping[str, Check]) -> list[Route]:
    """Return the routes for whoever operates the process.

    Args:
        checks: what must hold before requests may come, by name. Read at every request, so the
            lifespan may fill it in after the app is made.
    """

    async def ready(_: Request) -> Response:
        missing = await ask_all(checks)
        is_ready = not any(missing.values())
        body = {
            "status": "ready" if is_ready else "unready",
            "checks": {name: problem or "ok" for name, problem in missing.items()},
        }
        return _uncached(orjson.dumps(body), "application/json", 200 if is_ready else 503)

    return [
        Route("/health/live", _live),
        Route("/health/ready", ready),
        Route("/metrics", _metrics),
    ]


async def ask_all(checks: Mapping[str, Check]) -> dict[str, str | None]:
    """Return what is missing, by the check that says so; None: all is well."""
    names = tuple(checks)
    found = await asyncio.gather(*(_ask(name, checks[name]) for name in names))
    return dict(zip(names, found, strict=True))


async def _ask(name: str, check: Check) -> str | None:
    """Ask a check; one that is not answered is left alone, and not asked again before it is.

    A driver that is told to give up may first wait for a server that does not answer.
    """
    if check in _unanswered:
        return _LATE
    asked = asyncio.create_task(_answer_of(check))
    answered, _ = await asyncio.wait({asked}, timeout=_CHECK_TIMEOUT_S)
    if not answered:
        _unanswered[check] = asked
        asked.add_done_callback(partial(_forget, check))
        asked.cancel()
        return _LATE
    try:
        return asked.result()
    except Exception as error:  # noqa: BLE001 - any failure of a check means: not ready
        log.warning("health_check_failed", check=name, error=repr(error))
        return "failed"


async def _answer_of(check: Check) -> str | None:
    return await check()


def _forget(check: Check, asked: "asyncio.Future[str | None]") -> None:
    _unanswered.pop(check, None)
    if not asked.cancelled():
        asked.exception()  # it is late: nobody waits for it any more


async def _live(_: Request) -> Response:
    return _uncached(b'{"status":"live"}', "application/json", 200)


async def _metrics(_: Request) -> Response:
    return _uncached(generate_latest(), CONTENT_TYPE_LATEST, 200)


def _uncached(body: bytes, media_type: str, status: int) -> Response:
    return Response(body, status, headers={"Cache-Control": "no-store", "Content-Type": media_type})
