"""`vitrine bench`: runs the workloads of `bench/`, which are in a checkout and in no wheel."""

import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Annotated

from cyclopts import Parameter

from catalog.errors import NotFoundError

_GROUP = "vitrine.workloads"


def workloads() -> Mapping[str, str]:
    """Return the module of each workload by its name.

    Raises:
        NotFoundError: this is no checkout.
    """
    if find_spec("bench") is None:
        raise NotFoundError(
            "benchmarks run from a checkout: clone the repository, and run "
            "`make bench ARGS=NAME` in it"
        )
    return {each.name: each.value for each in sorted(entry_points(group=_GROUP))}


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
        NotFoundError: there is no such workload, or this is no checkout.
    """
    known = workloads()
    if name is None:
        sys.stdout.writelines(f"{each}\n" for each in known)
    elif name not in known:
        there = ", ".join(known)
        raise NotFoundError(f"there is no workload {name!r}; there are: {there}", field="name")
    else:
        command = [sys.executable, "-m", known[name], *arguments]
        sys.exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own module
