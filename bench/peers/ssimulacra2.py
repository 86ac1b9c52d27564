"""SSIMULACRA2, a measure of how much of a picture its compression shows: 100 is none of it.

The package is a translation of the metric's own code (cloudinary/ssimulacra2) and takes about a
second for half a megapixel, so the pairs are dealt out to all cores.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import orjson

from bench.peers.installed import Package

SSIMULACRA2 = Package(
    name="ssimulacra2",
    kind="venv",
    versions={
        "ssimulacra2": "0.3.0",
        "numpy": "2.4.1",
        "scipy": "1.17.0",
        "pillow": "12.3.0",
    },
)

_SCRIPT = """
import json, multiprocessing, sys
from ssimulacra2 import compute_ssimulacra2

def score(pair):
    return compute_ssimulacra2(*pair)

if __name__ == "__main__":
    with multiprocessing.Pool() as pool:
        print(json.dumps(pool.map(score, json.load(sys.stdin), chunksize=4)))
"""


def scores(pairs: Sequence[tuple[Path, Path]]) -> Sequence[float]:
    """Return the score of each pair: a picture, and what was made of it, of the same size."""
    asked = orjson.dumps([(f"{picture}", f"{made}") for picture, made in pairs])
    script = SSIMULACRA2.folder / "score.py"  # a file: the processes of a pool import it
    script.write_text(_SCRIPT)
    done = subprocess.run(  # noqa: S603 - an installed package, on our own files
        [f"{SSIMULACRA2.folder}/bin/python", f"{script}"],
        input=asked,
        stdout=subprocess.PIPE,
        check=True,
    )
    return orjson.loads(done.stdout)
