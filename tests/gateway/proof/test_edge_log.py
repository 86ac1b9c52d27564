"""What an authorising Varnish delivered, by its own log, held against the history of rights."""

import json
import shlex
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from catalog.rights.commands import withdraw_asset
from edge.vcl import Mode, vcl
from gateway.app import create_app
from gateway.proof.answers import Coverage, log_files, read_answers
from gateway.proof.hits import read_hits
from gateway.proof.replay import Tally, Tolerances, replay
from tests.gateway import varnish_rig
from tests.gateway.varnish_rig import (
    BROWSER,
    CDN,
    IMAGE,
    Gateway,
    client,
    house_settings,
    needs_varnish,
    run_gateway,
    start_varnish,
)
from tests.support.people import TEST
from tests.support.ports import free_port
from tests.support.serve import serve
from tests.support.stage import NOT_FRANCE, Stage
from vitrine.settings import Settings

pytestmark = needs_varnish

SECOND = timedelta(seconds=1)
#: As if it had been withdrawn a minute ago, long after it was approved.
DARK_FOR_A_MINUTE_SQL = """
UPDATE asset_state SET recorded_at = recorded_at
    - CASE status WHEN 'withdrawn' THEN interval '1 minute' ELSE interval '1 hour' END
"""


@dataclass
class Logged:
    """A Varnish, and what it has logged."""

    base: str
    instance: Path
    vcl: str

    def logged(self) -> str:
        """Run the command that the VCL gives, for what is in the log so far."""
        line = next(line for line in self.vcl.splitlines() if "varnishncsa" in line)
        command = shlex.split(line.lstrip("# "))
        written = command[command.index("-j") :]
        return subprocess.run(
            ["varnishncsa", "-d", "-n", f"{self.instance}", *written],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        ).stdout


@contextmanager
def run_logged(text: str) -> Generator[Logged]:
    """Run a Varnish with this VCL."""
    port = free_port()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        process = start_varnish(text, port, Path(folder))
        try:
            yield Logged(f"http://127.0.0.1:{port}", Path(folder) / "n", text)
        finally:
            process.terminate()
            process.wait(20)


@dataclass
class LoggedEdge:
    """A Varnish before a gateway, and a viewer before it."""

    viewer: httpx2.AsyncClient
    varnish: Logged


@pytest.fixture
def settings(database_url: str, gateway_database_url: str, tmp_path: Path) -> Settings:
    return house_settings(database_url, gateway_database_url, tmp_path, node="http://127.0.0.1:1")


@asynccontextmanager
async def run_edge(settings: Settings) -> AsyncGenerator[LoggedEdge]:
    """Run both; at the end the gateway has written its delivery log to its last line."""
    async with AsyncExitStack() as stack:
        gateway = httpx2.URL(await stack.enter_async_context(serve(create_app(settings))))
        assert gateway.port is not None
        text = vcl(settings, "authorise", backend=(gateway.host, gateway.port))
        varnish = stack.enter_context(run_logged(text))
        viewer = await stack.enter_async_context(client(varnish.base, CDN))
        yield LoggedEdge(viewer=viewer, varnish=varnish)


@pytest.mark.parametrize(("mode", "hop"), [("authorise", "edge"), ("plain", "cache")])
async def test_the_log_says_which_country_was_believed_and_not_what_a_viewer_sent(
    mode: Mode, hop: str
) -> None:
    said = {"CF-IPCountry": "DE", "X-Cdn-Country": "DE", "X-Vitrine-Country": "DE"}
    async with AsyncExitStack() as stack:
        backend = await stack.enter_async_context(run_gateway(Gateway()))
        text = vcl(varnish_rig.settings(), mode, hop=hop, backend=backend)
        varnish = stack.enter_context(run_logged(text))
        for address, headers in [(BROWSER, said), (CDN, said), (CDN, dict[str, str]())]:
            async with client(varnish.base, address) as viewer:
                answer = await viewer.get(f"{IMAGE}?t=alice", headers=headers)
                assert answer.status_code == 200
        lines = [json.loads(line) for line in varnish.logged().splitlines()]
    assert [line["country"] for line in lines if line["status"] == 200] == ["XX", "DE", "XX"]


async def test_an_edges_own_log_says_what_it_delivered_and_all_of_it_is_judged(
    stage: Stage, settings: Settings, tmp_path: Path
) -> None:
    asset = await stage.asset(NOT_FRANCE)
    url, log = stage.url(asset), tmp_path / "edge.jsonl"
    async with run_edge(settings) as edge:
        answers = [
            await edge.viewer.get(url, headers={"CF-IPCountry": country})
            for country in ("DE", "DE", "US", "FR")
        ]
        held = {"CF-IPCountry": "DE", "If-None-Match": answers[0].headers["ETag"]}
        answers.append(await edge.viewer.get(url, headers=held))
        log.write_text(edge.varnish.logged())

    seen = await judged(stage, log, settings)
    async with stage.changes.begin(TEST) as change:
        await withdraw_asset(change, asset.public_id)
    await stage.pool.execute(DARK_FOR_A_MINUTE_SQL)
    dark = await judged(stage, log)

    assert [each.status_code for each in answers] == [200, 200, 200, 403, 304]
    assert (seen.edge_hits, seen.incidents) == (4, 0)
    assert 0 < seen.leaves <= seen.edge_hits
    assert (dark.edge_hits, dark.incidents) == (4, 4)
    countries = [each.entry.country for _, _, each, _ in dark.worst]
    assert sorted(str(each) for each in countries) == ["DE", "DE", "DE", "US"]


async def judged(stage: Stage, log: Path, settings: Settings | None = None) -> Tally:
    coverage = Coverage()
    files = [] if settings is None else log_files([settings.delivery_log])
    answers = [*read_answers(files, coverage), *read_hits([log], "edge", coverage)]
    assert (coverage.unreadable, coverage.edge_logs) == (0, 1)
    async with stage.pool.acquire() as conn:
        return await replay(conn, answers, Tolerances(answers=2 * SECOND, hits=36 * SECOND))
