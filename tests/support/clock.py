"""How a run is spread over the cores, and where its time went. A plugin of pytest.

Tests wait half of their time, for processes, browsers and leases, so there are twice as many
workers as cores. A worker takes a file at a time, the long ones first, so that none is left at
the end with a core to itself.
"""

import os
import resource
import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

#: One process stands for all tests of these: what they share takes long to start.
_TOGETHER = ("tests/faults/processes/",)
_LONG = (
    "tests/bench/delivery/test_workloads",
    "tests/faults/",
    "tests/gateway/machine/",
    "tests/journeys/",
    "tests/vitrine/",
    "tests/bench/",
    "tests/gateway/test_varnish",
    "tests/imaging/",
    "tests/bulk/",
)
#: What `--fast` leaves out, with all that needs a browser: half of all tests is left, and takes a
#: sixth of the time.
_SLOW = (*_LONG, "tests/gateway/", "tests/api/clients/", "tests/api/test_weights")
_BROWSER = "chromium"  # the fixture
_MOST_WORKERS = 4
_SLOWEST = 20
_CPU = "cpu_s"


class LongFirst(LoadScopeScheduling):
    """Hands out files in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        shared = next((each for each in _TOGETHER if nodeid.startswith(each)), None)
        return shared or nodeid.partition("::")[0]


@dataclass(slots=True)
class Spent:
    """Seconds of one test, or of all tests of a folder; of CPU those of ended children too."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    tests: int = 0

    def add(self, wall_s: float, cpu_s: float, tests: int) -> None:
        self.wall_s += wall_s
        self.cpu_s += cpu_s
        self.tests += tests


class PhaseClock:
    """Measures each phase where it runs, and adds up what all workers report."""

    def __init__(self) -> None:
        self._by_test: defaultdict[str, Spent] = defaultdict(Spent)
        self._cpu_s = _cpu_s()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        now_s = _cpu_s()
        report.user_properties.append((_CPU, now_s - self._cpu_s))
        self._cpu_s = now_s
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        of_test = self._by_test[report.nodeid]
        cpu_s = sum(float(str(value)) for name, value in report.user_properties if name == _CPU)
        of_test.add(report.duration, cpu_s, report.when == "call")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        by_folder: defaultdict[str, Spent] = defaultdict(Spent)
        for nodeid, spent in self._by_test.items():
            folder = str(PurePosixPath(nodeid.partition("::")[0]).parent)
            by_folder[folder].add(spent.wall_s, spent.cpu_s, spent.tests)
        terminalreporter.section(f"the {_SLOWEST} slowest tests, and their CPU time")
        for nodeid, spent in _longest(self._by_test)[:_SLOWEST]:
            terminalreporter.line(f"{spent.wall_s:7.1f} s {spent.cpu_s:7.1f} s  {nodeid}")
        terminalreporter.section("time by folder, and its CPU time")
        for folder, spent in _longest(by_folder):
            terminalreporter.line(
                f"{spent.wall_s:7.1f} s {spent.cpu_s:7.1f} s  {folder} ({spent.tests} tests)"
            )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--clock", action="store_true", help="print where the time went")
    parser.addoption("--fast", action="store_true", help="leave out the files that take long")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("clock"):
        config.pluginmanager.register(PhaseClock())


@pytest.hookimpl(tryfirst=True)  # before the one that counts cores alone
def pytest_xdist_auto_num_workers() -> int:
    cores = len(os.sched_getaffinity(0))
    return min(_MOST_WORKERS, 2 * cores)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongFirst:
    return LongFirst(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("fast"):
        config.hook.pytest_deselected(items=[each for each in items if _is_slow(each)])
        items[:] = [each for each in items if not _is_slow(each)]
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _is_slow(item: pytest.Item) -> bool:
    needs_browser = isinstance(item, pytest.Function) and _BROWSER in item.fixturenames
    return needs_browser or item.nodeid.startswith(_SLOW)


def _place(item: pytest.Item) -> int:
    for place, name in enumerate(_LONG):
        if item.nodeid.startswith(name):
            return place
    return len(_LONG)


def _longest(spent: dict[str, Spent]) -> list[tuple[str, Spent]]:
    return sorted(spent.items(), key=lambda each: -each[1].wall_s)


def _cpu_s() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime
