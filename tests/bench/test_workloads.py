"""Every workload runs at its smallest size and prints the one object that is documented."""

import json
import subprocess
import sys

import pytest

from bench import WORKLOADS
from tests.support.processes import ROOT


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_runs_at_its_smallest_size(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vitrine", "bench", name, "--quick", "--json"],
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
