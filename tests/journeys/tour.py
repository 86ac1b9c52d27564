"""The tour of the README, as somebody pastes it into a shell."""

import re
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from tests.journeys.house import RunningHouse
from tests.support.processes import ROOT

_HEADING = "## A tour of ten minutes\n"
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_END = "--- end of a block ---"


class Step(NamedTuple):
    """A block of the tour with what it printed."""

    pasted: str
    printed: str


def walk(house: RunningHouse) -> Sequence[Step]:
    """Paste every block of the tour, word for word, one after the other into one shell."""
    tour = (ROOT / "README.md").read_text().partition(_HEADING)[2].partition("\n## ")[0]
    blocks = _BLOCK.findall(tour)
    done = subprocess.run(
        ["bash"],
        input="".join(f"{block}echo '{_END}'\n" for block in blocks),
        cwd=ROOT,
        env=house.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    printed = done.stdout.split(f"{_END}\n")[:-1]
    assert len(printed) == len(blocks), done.stderr
    return [Step(*each) for each in zip(blocks, printed, strict=True)]
