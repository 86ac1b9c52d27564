"""A server that is measured leaves nothing behind, whatever it has started itself."""

import os
import sys
import time
from pathlib import Path

from bench.homes import free_ports
from bench.servers import ServerCommand, run_server

LEAVES_A_CHILD = """
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[2], "w").write(str(child.pid))
address = "127.0.0.1", int(sys.argv[1])
http.server.HTTPServer(address, http.server.BaseHTTPRequestHandler).serve_forever()
"""


def test_the_workers_of_a_server_end_with_it(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    noted = tmp_path / "child"
    command = ServerCommand(arguments=[sys.executable, "-c", LEAVES_A_CHILD, f"{port}", f"{noted}"])
    with run_server(command, port=port, log=tmp_path / "log"):
        child = int(noted.read_text())
        os.kill(child, 0)  # it runs
    deadline = time.monotonic() + 10
    while _is_alive(child):  # it has been killed: the kernel takes its moment
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
