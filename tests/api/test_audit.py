"""GraphQL over HTTP as `graphql-http`, its reference implementation, audits servers."""

import asyncio
import json
import shutil
from pathlib import Path

import httpx2
import pytest

from tests.support.installed import npm_packages, run

_AUDIT = Path(__file__).with_name("audit")


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    """A folder with the audit, installed as its lock says."""
    folder = tmp_path / "audit"
    shutil.copytree(_AUDIT, folder, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "node_modules").symlink_to(npm_packages(folder) / "node_modules")
    return folder


async def test_every_audit_of_graphql_over_http_passes(
    http: httpx2.AsyncClient, audit: Path
) -> None:
    command = ("node", "audit.mjs", f"{http.base_url}/graphql")
    said = await asyncio.to_thread(run, *command, folder=audit)
    *lines, summary = said.splitlines()
    print(summary)  # noqa: T201 - the figure, for whoever runs it with `-s`
    results = [json.loads(line) for line in lines]
    assert len(results) == 61  # of the pinned release
    assert [each for each in results if each["status"] != "ok"] == []
    assert summary == f"{len(results)} of {len(results)} audits pass"
