"""Runs a workload at its smallest size, and holds what it prints against its documentation."""

import json
import subprocess
import sys

from tests.support.processes import ROOT


def check_workload(name: str, *options: str) -> None:
    """Run it, and see that it prints the one object that `bench/README.md` describes.

    Args:
        name: of the workload.
        options: besides those for its smallest size.
    """
    done = subprocess.run(
        [sys.executable, "-m", "vitrine", "bench", name, "--quick", "--json", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["name"] == name
    assert {"settings", "versions", "figures", "ratios", "aims"} <= printed.keys()
    for figure in printed["figures"].values():
        assert figure["min"] <= figure["median"] <= figure["max"]
        assert figure["unit"]
