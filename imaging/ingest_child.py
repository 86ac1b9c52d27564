"""The process that decodes files of unknown content: one request a line, one answer a line.

Started by `ingest_worker` with bounds on memory and files; each request bounds its own CPU time.
Reads `{"path", "master", "cpu_s"}`; writes the fields of `Probed`, or `{"error", "message"}`.
"""

import json
import os
import resource
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TextIO, TypedDict, cast

_OPEN_FILES = 64


class Request(TypedDict):
    """One file to look at, and where to put a master, should it need one."""

    path: str
    master: str
    cpu_s: int


def main() -> None:
    """Answer requests until standard input ends."""
    answers = _take_stdout()
    _bound_memory(int(sys.argv[1]))
    # Only now: what is imported here must live within the bounds already.
    from catalog.errors import VitrineError  # noqa: PLC0415 - as above
    from imaging.model import SourceLimits  # noqa: PLC0415 - as above
    from imaging.probing.probe import probe  # noqa: PLC0415 - as above

    limits = SourceLimits(**json.loads(sys.argv[2]))
    for line in sys.stdin:
        request = cast("Request", json.loads(line))
        _bound_cpu(request["cpu_s"])
        try:
            probed = probe(Path(request["path"]), limits)
            if probed.master is not None:
                Path(request["master"]).write_bytes(probed.master)
            answer = asdict(replace(probed, master=None)) | {"has_master": bool(probed.master)}
        except VitrineError as error:
            answer = {"error": error.code, "message": error.message}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _take_stdout() -> TextIO:
    """Keep the answers' pipe for ourselves: no library may print into it."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _bound_memory(address_space_bytes: int) -> None:
    for limit, value in (
        (resource.RLIMIT_AS, address_space_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _bound_cpu(seconds: int) -> None:
    """From now on; the kernel ends the process after them, whatever a decoder is doing."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent_s = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent_s + seconds, hard))


if __name__ == "__main__":
    main()
