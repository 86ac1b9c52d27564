"""Every workload runs at its smallest size; those of packages are beside their own tests."""

import pytest

from tests.bench.checking import check_workload
from vitrine.commands.bench import workloads

_ELSEWHERE = ("delivery-", "graphql-")


@pytest.mark.parametrize("name", [each for each in workloads() if not each.startswith(_ELSEWHERE)])
def test_a_workload_runs_at_its_smallest_size(name: str) -> None:
    check_workload(name)


def test_darkness_is_measured_without_purges_of_many_large_licences_at_once() -> None:
    check_workload(
        "time-to-dark",
        *("--without", "drivers", "--burst", "3", "--licence-assets", "20", "--revocations", "3"),
        *("--no-varnish", "--load-hz", "10"),
    )
