"""`vitrine bench`: runs the workloads of `bench/`, which is part of the source tree."""

import importlib.util
import pkgutil
import subprocess
import sys

from catalog.errors import NotFoundError


def run_bench(name: str | None = None, /, *arguments: str) -> None:
    """Measure, and compare with the peers of the field. Without a name, list what there is.

    Args:
        name: of a workload.
        arguments: handed to it.

    Raises:
        NotFoundError: there is no such workload, or no `bench/` here.
    """
    spec = importlib.util.find_spec("bench")
    folders = spec.submodule_search_locations if spec else None
    workloads = sorted(module.name for module in pkgutil.iter_modules(folders or []))
    if name is None:
        sys.stdout.writelines(f"{each}\n" for each in workloads)
    elif name not in workloads:
        known = ", ".join(workloads) or "none"
        raise NotFoundError(f"there is no workload {name!r}; there are: {known}", field="name")
    else:
        command = [sys.executable, "-m", f"bench.{name}", *arguments]
        sys.exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own module
