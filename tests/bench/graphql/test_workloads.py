"""Every workload of the graph runs at its smallest size."""

import pytest

from tests.bench.checking import check_workload
from vitrine.commands.bench import workloads


@pytest.mark.parametrize("name", [each for each in workloads() if each.startswith("graphql-")])
def test_a_workload_runs_at_its_smallest_size(name: str) -> None:
    check_workload(name)
