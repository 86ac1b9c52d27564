"""`vitrine api`, `gateway`, `purger`, `relay`: one process each, until SIGTERM."""

import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeAlias

from cyclopts import Parameter
from starlette.types import ASGIApp

from serving.logs import configure_logging
from serving.server import run_app
from serving.tracing import start_tracing
from vitrine.ports import listener, require_free_ports
from vitrine.preflight import access_of, look_before_start
from vitrine.settings import Settings, load_settings
from vitrine.starting import StartableApp

_STOP_TIMEOUT_S = 10.0
_STDIN = 0

WithParent: TypeAlias = Annotated[bool, Parameter(show=False)]


def api(*, with_parent: WithParent = False) -> None:
    """Run the GraphQL api.

    Args:
        with_parent: stop when standard input closes.
    """
    _run("api", _api_app, with_parent)


def gateway(*, with_parent: WithParent = False) -> None:
    """Run the image gateway.

    Args:
        with_parent: stop when standard input closes.
    """
    _run("gateway", _gateway_app, with_parent)


def purger(*, with_parent: WithParent = False) -> None:
    """Run the purger. Its port serves health and metrics only.

    Args:
        with_parent: stop when standard input closes.
    """
    _run("purger", _purger_app, with_parent)


def relay(*, with_parent: WithParent = False) -> None:
    """Run the relay. Its port serves health and metrics only.

    Args:
        with_parent: stop when standard input closes.
    """
    _run("relay", _relay_app, with_parent)


def _api_app(settings: Settings) -> ASGIApp:
    from api.app import create_app  # noqa: PLC0415 - most of a start, of this process alone
    from console.app import console_routes  # noqa: PLC0415 - likewise

    pages = partial(console_routes, media_base=settings.media_base)
    app = create_app(settings, pages=pages, first_page="/console")
    if settings.demo_shop:
        from vitrine.demo_shop import mount_shop  # noqa: PLC0415 - few show one

        mount_shop(app, settings)
    return app


def _gateway_app(settings: Settings) -> ASGIApp:
    from gateway.app import create_app  # noqa: PLC0415 - most of a start, of this process alone

    return create_app(settings)


def _purger_app(settings: Settings) -> ASGIApp:
    from purger.app import create_app  # noqa: PLC0415 - most of a start, of this process alone

    return create_app(settings)


def _relay_app(settings: Settings) -> ASGIApp:
    from relay.app import create_app  # noqa: PLC0415 - most of a start, of this process alone

    return create_app(settings)


def _run(
    name: str,
    create_app: Callable[[Settings], ASGIApp],
    with_parent: bool,  # noqa: FBT001 - handed through from the command line
) -> None:
    """Serve until a signal.

    Raises:
        VitrineError: what keeps the process from starting, for the command line to say.
        SystemExit: something else does; it is in the log.
    """
    settings = load_settings()
    require_free_ports(settings, [name])
    configure_logging(settings, process=name)
    if with_parent:
        threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
    look_before_start(name, settings)
    end_tracing = start_tracing(settings, process=name)
    starting = StartableApp(create_app(settings), access_of(name), before_end=end_tracing)
    host, port = listener(settings, name)
    try:
        run_app(
            starting,
            host=host,
            port=port,
            stop_timeout_s=_STOP_TIMEOUT_S,
            limits=settings.connection_limits(),
            with_websockets=name == "api",
        )
    except SystemExit:
        if starting.failure is not None:
            raise starting.failure from None
        raise


def _stop_at_end_of_input() -> None:
    """Even a parent that was killed leaves no process behind: the pipe that it held closes."""
    while os.read(_STDIN, 1):  # not sys.stdin, whose lock the interpreter wants at its end
        pass
    os.kill(os.getpid(), signal.SIGTERM)
