"""nginx with the same files on the same disk: what serving bytes costs without any question."""

import os
import shutil
import subprocess
from pathlib import Path

from bench.homes import HOST
from bench.servers import ServerCommand

#: One worker, as one process of everybody else; the rest is what its documentation advises for
#: static files.
_CONF = """
daemon off;
worker_processes 1;
{user}
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    open_file_cache max=20000 inactive=600s;
    open_file_cache_valid 600s;
    default_type image/jpeg;
    server {{
        listen {host}:{port};
        root {files};
    }}
}}
"""


def has_nginx() -> bool:
    """Return whether it is installed."""
    return shutil.which("nginx") is not None


def nginx_version() -> str:
    """Return what it says that it is, such as `1.22.1`."""
    said = subprocess.run(
        ["nginx", "-v"],  # noqa: S607 - wherever the system keeps it
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    return said.strip().rpartition("/")[2]


def nginx(port: int, files: Path, folder: Path) -> ServerCommand:
    """Return how it is started.

    Args:
        port: a free one.
        files: the root; closed to others, so that as root the worker stays root.
        folder: made for its own files.
    """
    folder.mkdir()
    # only as root may, and must, the worker's user be named
    user = "user root;" if os.geteuid() == 0 else ""
    conf = folder / "nginx.conf"
    conf.write_text(_CONF.format(folder=folder, host=HOST, port=port, files=files, user=user))
    return ServerCommand(arguments=["nginx", "-c", f"{conf}", "-p", f"{folder}"])
