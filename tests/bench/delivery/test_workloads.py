"""Every workload of deliveries runs at its smallest size."""

import pytest

from tests.bench.checking import check_workload
from vitrine.commands.bench import workloads
from vitrine.embedded.varnish import has_varnish

_needs_varnish = pytest.mark.skipif(not has_varnish(), reason="needs varnish and varnish-modules")
_NAMES = [
    pytest.param(each, marks=_needs_varnish) if each == "delivery-edge" else each
    for each in workloads()
    if each.startswith("delivery-")
]


@pytest.mark.parametrize("name", _NAMES)
def test_a_workload_runs_at_its_smallest_size(name: str) -> None:
    check_workload(name)
