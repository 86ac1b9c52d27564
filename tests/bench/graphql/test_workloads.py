"""Every workload of the graph runs at its smallest size."""

import pytest

from bench import WORKLOADS
from tests.bench.checking import check_workload


@pytest.mark.parametrize("name", [each for each in WORKLOADS if each.startswith("graphql-")])
def test_a_workload_runs_at_its_smallest_size(name: str) -> None:
    check_workload(name)
