"""GraphQL over HTTP as `graphql-http`, its reference implementation, audits servers."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import httpx
import pytest

_AUDIT = Path(__file__).with_name("audit")
#: Shared by all runs: what was fetched once is not fetched again.
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vitrine-tests" / "npm"
_INSTALL = ("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--cache", f"{_CACHE}")


async def _run(*command: str, folder: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    written, _ = await process.communicate()
    assert process.returncode == 0, written.decode()
    return written.decode()


@pytest.fixture
async def audit(tmp_path: Path) -> Path:
    """A folder with the audit, installed as its lock says."""
    folder = tmp_path / "audit"
    shutil.copytree(_AUDIT, folder, ignore=shutil.ignore_patterns("node_modules"))
    await _run(*_INSTALL, folder=folder)
    return folder


async def test_every_audit_of_graphql_over_http_passes(
    http: httpx.AsyncClient, audit: Path
) -> None:
    said = await _run("node", "audit.mjs", f"{http.base_url}/graphql", folder=audit)
    *lines, summary = said.splitlines()
    print(summary)  # noqa: T201 - the figure, for whoever runs it with `-s`
    results = [json.loads(line) for line in lines]
    assert len(results) == 61  # of the pinned release
    assert [each for each in results if each["status"] != "ok"] == []
    assert summary == f"{len(results)} of {len(results)} audits pass"
