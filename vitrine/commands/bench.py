"""`vitrine bench`: runs the workloads of `bench/`."""

import subprocess
import sys
from typing import Annotated

from cyclopts import Parameter

from bench import WORKLOADS
from catalog.errors import NotFoundError


def run_bench(
    name: str | None = None,
    /,
    *arguments: Annotated[str, Parameter(allow_leading_hyphen=True)],
) -> None:
    """Measure, and compare with the peers of the field. Without a name, list what there is.

    Args:
        name: of a workload.
        arguments: handed to it, such as `--quick` and `--json`.

    Raises:
        NotFoundError: there is no such workload.
    """
    if name is None:
        sys.stdout.writelines(f"{each}\n" for each in WORKLOADS)
    elif name not in WORKLOADS:
        known = ", ".join(WORKLOADS)
        raise NotFoundError(f"there is no workload {name!r}; there are: {known}", field="name")
    else:
        command = [sys.executable, "-m", WORKLOADS[name], *arguments]
        sys.exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own module
