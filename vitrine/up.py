"""Runs the whole of Vitrine on one machine, in the foreground, from PostgreSQL to the demo."""

import asyncio
import json
import os
import secrets
import signal
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

from rich.console import Console

from api.identity.site import login_url
from catalog.errors import SettingsError
from catalog.principal import UP
from serving.private_files import read_private, write_private
from vitrine.children import ChildProcesses, ProcessFailedError, Service
from vitrine.database import open_changes
from vitrine.demo_loading import begin_empty, is_begun_empty, load_demo
from vitrine.demo_shop import SHOP_PATH, is_there
from vitrine.embedded.postgres import EmbeddedPostgres, HomeInUseError, run_postgres
from vitrine.home import make_home
from vitrine.locks import hold
from vitrine.migrate import ensure_login, migrate
from vitrine.ports import (
    free_port_like,
    listener,
    reachable,
    require_free_ports,
    require_own_ports,
)
from vitrine.preflight import agree_on_settings
from vitrine.provision import (
    ensure_admin_key,
    ensure_master_key,
    ensure_signing_key,
    make_login_link,
)
from vitrine.restored_database import WHAT_IT_REVIVES
from vitrine.settings import Settings, is_loopback, load_settings
from vitrine.welcome import welcome

_POLL_S = 0.25
_PROCESSES = ("api", "gateway", "purger", "relay")
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: What only a demo on one machine may default to.
_DEMO_DEFAULTS = {"public_reads": "true", "cors_origins": "loopback", "graphql_ide": "true"}


def run_everything(*, empty: bool = False) -> None:
    """Start everything, say where it is, keep it running until a signal, then stop it.

    Args:
        empty: whether the catalogue begins without the demo.

    Raises:
        VitrineError: it cannot be started; what had been started is stopped.
    """
    console = Console(highlight=False, soft_wrap=True)
    chosen = _chosen_settings()
    settings = load_settings(**chosen)
    require_own_ports(settings, _chosen_listeners())
    _require_both_logins(settings)
    make_home(settings.home)
    run_file = settings.home / "run.json"
    other = HomeInUseError(
        f"another `vitrine up` runs in {settings.home}: stop it, or choose another VITRINE_HOME"
    )
    with _signals_stop_us(), hold(settings.home / "up.lock", otherwise=other), ExitStack() as stack:
        require_free_ports(settings, _chosen_listeners())
        run_file.unlink(missing_ok=True)
        if empty:
            begin_empty(settings.home)
        stack.callback(console.print, "Stopped.")
        began = time.monotonic()
        with console.status("Starting PostgreSQL"):
            databases = stack.enter_context(_open_databases(settings, console))
        admin_key = _furnish(settings, databases)
        if not is_begun_empty(settings.home):
            load_demo(settings, databases.owner, console)
        chosen |= _operations_ports(settings)  # late: loading took a while
        settings = load_settings(**chosen)
        require_free_ports(settings, _PROCESSES)
        children = _start_children(stack, settings, chosen, databases, console)
        run = _what_runs(settings, databases, admin_key)
        stack.callback(run_file.unlink, missing_ok=True)
        write_private(run_file, json.dumps(run, indent=2) + "\n")
        welcome(console, run, run_file, seconds=time.monotonic() - began)
        _watch(children, databases, console)


def _start_children(
    stack: ExitStack,
    settings: Settings,
    chosen: dict[str, str],
    databases: "_Databases",
    console: Console,
) -> ChildProcesses:
    """Start the processes, which stop with the stack, and wait until all are ready."""
    children = ChildProcesses(
        environment=partial(_environment, settings, chosen, databases),
        logs=_logs_folder(settings.home),
        say=lambda line: console.print(f"[yellow]vitrine:[/] {line}"),
    )
    stack.callback(children.stop)
    with console.status("Starting api, gateway, purger and relay"):
        for service in _services(settings):
            children.start(service)
        children.wait_until_ready()
    return children


@dataclass(frozen=True, slots=True, kw_only=True)
class _Databases:
    """Secret URLs, and the embedded server where there is one."""

    owner: str
    process: str
    gateway: str
    embedded: EmbeddedPostgres | None


def _chosen_settings() -> dict[str, str]:
    """Return the defaults of this command, where no variable says otherwise."""
    chosen = {**_DEMO_DEFAULTS}
    hosts = [os.environ.get(f"VITRINE_{name}_HOST") for name in ("API", "GATEWAY")]
    if all(host is None or is_loopback(host) for host in hosts):
        chosen["demo_country"] = "US"
        chosen["demo_shop"] = str(is_there())
    api_host = os.environ.get("VITRINE_API_HOST", "127.0.0.1")
    if is_loopback(api_host):  # plain http is safe there, and only there
        port = os.environ.get("VITRINE_API_PORT") or Settings.model_fields["api_port"].default
        chosen["api_base"] = reachable(api_host, port)
    return {
        name: value for name, value in chosen.items() if f"VITRINE_{name.upper()}" not in os.environ
    }


def _require_both_logins(settings: Settings) -> None:
    """See that the settings name a database for all processes, or none.

    Raises:
        SettingsError: for the gateway alone, or for all others alone.
    """
    if settings.database_url is not None and settings.gateway_database_url is None:
        raise SettingsError(
            "VITRINE_DATABASE_URL is set, and gateways need a login of their own there: after "
            "`vitrine migrate` make one (CREATE ROLE gateway LOGIN PASSWORD '…' IN ROLE "
            "vitrine_gateway) and set VITRINE_GATEWAY_DATABASE_URL; or unset "
            "VITRINE_DATABASE_URL, and a PostgreSQL is brought along",
            field="gateway_database_url",
        )
    if settings.gateway_database_url is not None and settings.database_url is None:
        raise SettingsError(
            "VITRINE_GATEWAY_DATABASE_URL is set without VITRINE_DATABASE_URL: set both, or "
            "neither, and a PostgreSQL is brought along",
            field="database_url",
        )


def _chosen_listeners() -> list[str]:
    """Return the processes whose ports somebody counts on."""
    return ["api", "gateway"] + [
        name for name in ("purger", "relay") if f"VITRINE_{name.upper()}_PORT" in os.environ
    ]


def _operations_ports(settings: Settings) -> dict[str, str]:
    """Return ports for health and metrics that are free now, where no variable names one."""
    listeners = _chosen_listeners()
    reserved = {listener(settings, name)[1] for name in listeners}
    found: dict[str, str] = {}
    for name in _PROCESSES:
        if name not in listeners:
            _, usual = listener(settings, name)
            port = free_port_like("127.0.0.1", usual, reserved=reserved)
            reserved.add(port)
            found[f"{name}_port"] = str(port)
    return found


@contextmanager
def _open_databases(settings: Settings, console: Console) -> Generator[_Databases]:
    if settings.database_url is not None:
        owner, gateway = settings.owner_database(), settings.gateway_database()
        _migrate(owner, console)
        yield _Databases(owner=owner, process=owner, gateway=gateway, embedded=None)
        return
    with run_postgres(settings.home) as postgres:
        owner = postgres.url()
        _migrate(owner, console)
        process, gateway = (
            asyncio.run(ensure_login(owner, role, secrets.token_urlsafe(24)))
            for role in ("vitrine_process", "vitrine_gateway")
        )
        yield _Databases(owner=owner, process=process, gateway=gateway, embedded=postgres)


def _migrate(url: str, console: Console) -> None:
    if asyncio.run(migrate(url)).is_restored:
        console.print(WHAT_IT_REVIVES, markup=False)


def _furnish(settings: Settings, databases: _Databases) -> str:
    """Make what is missing, and return the secret of the admin's API key."""

    async def make_keys(known: str | None) -> str:
        async with open_changes(settings, databases.owner) as changes:
            await ensure_signing_key(changes, settings)
            return await ensure_admin_key(changes, known)

    ensure_master_key(settings)
    # whoever else works on a database that is set has a say in it; the embedded one is ours alone
    anew = databases.embedded is not None
    asyncio.run(agree_on_settings(databases.owner, settings, by=UP, anew=anew))
    path = settings.home / "admin.key"
    known = read_private(path).strip() if path.exists() else None
    admin_key = asyncio.run(make_keys(known))
    if admin_key != known:
        write_private(path, f"{admin_key}\n")
    return admin_key


def _what_runs(settings: Settings, databases: _Databases, admin_key: str) -> dict[str, str]:
    """Return what `run.json` says: where everything is, and what lets one in."""

    async def make() -> str:
        async with open_changes(settings, databases.owner) as changes:
            return await make_login_link(changes)

    api_url = reachable(settings.api_host, settings.api_port)
    run = {
        "api_url": api_url,
        "media_url": settings.media_base,
        "admin_key": admin_key,
    }
    if settings.demo_shop:
        run["shop_url"] = f"{api_url}{SHOP_PATH}"
    if settings.local_login and settings.api_base is not None:
        run["login_url"] = login_url(settings.api_base, asyncio.run(make()))
    return run


def _environment(
    settings: Settings, chosen: dict[str, str], databases: _Databases, process: str
) -> dict[str, str]:
    """Return the environment of a process, with the one login to the database that it works with.

    Whoever takes over a gateway does not find the owner's in it.
    """
    of_the_gateway = process == "gateway"
    url = databases.gateway if of_the_gateway else databases.process
    ours = {
        **chosen,
        "home": str(settings.home),
        "gateway_database_url" if of_the_gateway else "database_url": url,
    }
    others = "VITRINE_DATABASE_URL", "VITRINE_GATEWAY_DATABASE_URL"
    inherited = {name: value for name, value in os.environ.items() if name not in others}
    return {**inherited, **{f"VITRINE_{name.upper()}": value for name, value in ours.items()}}


def _logs_folder(home: Path) -> Path:
    folder = home / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _services(settings: Settings) -> list[Service]:
    return [
        Service(
            name=name,
            url=reachable(*listener(settings, name)),
        )
        for name in _PROCESSES
    ]


@contextmanager
def _signals_stop_us() -> Generator[None]:
    """Turn the first signal into KeyboardInterrupt; a second must not disturb the stopping."""

    def stop(_: int, __: FrameType | None) -> None:
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in _STOP_SIGNALS:
        signal.signal(number, stop)
    try:
        yield
    except KeyboardInterrupt:
        return  # this is how it is meant to end


def _watch(children: ChildProcesses, databases: _Databases, console: Console) -> None:
    postgres = databases.embedded
    while True:
        children.tend()
        if postgres is not None and postgres.process.poll() is not None:
            end = "\n".join(postgres.log.read_text(errors="replace").splitlines()[-12:])
            console.print("[red]vitrine:[/] PostgreSQL ended, and so the rest is stopped. Its log:")
            console.print(end, markup=False)
            raise ProcessFailedError("PostgreSQL ended: start again with `vitrine up`")
        time.sleep(_POLL_S)
