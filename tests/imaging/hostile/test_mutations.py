"""Damaged files: a few hundred of what `vitrine bench hostile` takes in by the thousand."""

from pathlib import Path

import pytest

from bench.hostile.mutations import mutated
from bench.hostile.pieces import pieces_of, with_true_checksums
from bench.hostile.run import ACCEPTED, run
from bench.hostile.valid import valid_files
from catalog.errors import VitrineError
from imaging.ingest import ChildLimits, open_ingestor
from imaging.model import (
    CorruptImageError,
    ImageTooLargeError,
    ProbeTimeoutError,
    UnsafeSvgError,
    UnsupportedFormatError,
)

VALID = valid_files()
REFUSALS: tuple[type[VitrineError], ...] = (
    CorruptImageError,
    ImageTooLargeError,
    ProbeTimeoutError,
    UnsafeSvgError,
    UnsupportedFormatError,
)


async def test_every_damaged_file_gets_a_typed_answer_and_ends_no_child(tmp_path: Path) -> None:
    outcome = await run(files=390, seed=7, children=2, limits=ChildLimits(), keep=tmp_path)
    assert outcome.answers.total() == 390
    assert outcome.noteworthy == []
    assert set(outcome.answers) <= {ACCEPTED} | {error.code for error in REFUSALS}
    assert set(outcome.renders) == {"RENDERED"}
    assert outcome.renders.total() == outcome.answers[ACCEPTED] > 50
    assert 0 < outcome.child_bytes < ChildLimits().address_space_bytes
    assert outcome.parent_growth < 1.5


async def test_what_the_damage_begins_with_is_taken(tmp_path: Path) -> None:
    async with open_ingestor(workers=1) as ingestor:
        for name, body in VALID.items():
            file = tmp_path / name
            file.write_bytes(body)
            assert (await ingestor.probe(file)).size_bytes == len(body)


def test_the_same_seed_makes_the_same_files() -> None:
    def made(seed: int) -> list[tuple[str, bytes]]:
        return [mutated(VALID, seed, number) for number in range(100)]

    assert made(1) == made(1)
    assert made(1) != made(2)
    damaged = [body for name, body in made(1) if body != VALID[name.partition("-")[2]]]
    assert len(damaged) > 90


@pytest.mark.parametrize("name", VALID)
def test_the_pieces_of_a_file_are_the_file(name: str) -> None:
    parts = pieces_of(VALID[name]).parts
    assert b"".join(parts) == VALID[name]
    assert len(parts) > 1
    assert with_true_checksums(VALID[name]) == VALID[name]
