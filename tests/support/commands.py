"""Runs commands such as `vitrine import` in the process of the test: their own takes seconds."""

import os
import subprocess
import sys
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from tests.support.processes import ROOT
from vitrine.cli import main


def run_command(*arguments: str | Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `vitrine …` with nothing of our own VITRINE_ settings but `env`; return what it said."""
    output, errors = StringIO(), StringIO()
    command = ["vitrine", *map(str, arguments)]
    with (
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
        redirect_stdout(output),
        redirect_stderr(errors),
    ):
        warnings.filterwarnings("ignore", "Cyclopts application invoked without tokens")
        patch.chdir(ROOT)
        patch.setattr(sys, "argv", command)
        for name in [name for name in os.environ if name.startswith("VITRINE_")]:
            patch.delenv(name)
        for name, value in env.items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as ended:
            status = ended.code
        else:
            status = 0
    assert isinstance(status, int)
    return subprocess.CompletedProcess(command, status, output.getvalue(), errors.getvalue())


def vitrine(
    *arguments: str, home: Path | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run `vitrine …` with these settings; on a thread, as the test may be in a loop of its own."""
    given = {f"VITRINE_{name.upper()}": value for name, value in settings.items()}
    if home is not None:
        given["VITRINE_HOME"] = f"{home}"
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run_command, *arguments, env={**given, "COLUMNS": "100"}).result()
