"""Bytes at equal looks: between measured qualities, and at the looks of our default."""

import pytest

from bench.delivery.curves import Curve, Point
from bench.delivery.equally_good import AllMade, Made, OutputKind, figures_of, ratios_of
from bench.delivery.peers import PEERS, chosen_peers, settings_of
from bench.delivery.renders import FORMATS
from bench.peers.imgproxy import imgproxy_url
from catalog.delivery.model import Format

CURVE = Curve([Point(60, 70.0, 10_000), Point(70, 80.0, 20_000), Point(80, 84.0, 30_000)])


def test_bytes_grow_exponentially_between_two_qualities() -> None:
    assert CURVE.size_at(70) == pytest.approx(10_000)
    assert CURVE.size_at(75) == pytest.approx(14_142, abs=1)
    assert CURVE.size_at(84) == pytest.approx(30_000)


def test_beyond_the_outermost_qualities_the_last_stretch_goes_on() -> None:
    assert CURVE.size_at(60) == pytest.approx(5_000)
    assert CURVE.quality_at(86) == pytest.approx(85)


def test_the_quality_of_a_score_is_found_between_its_neighbours() -> None:
    assert CURVE.quality_at(75) == pytest.approx(65)
    assert CURVE.quality_at(82) == pytest.approx(75)


def all_made(scores: dict[str, float | None]) -> AllMade:
    """Two sides of which each makes all formats alike; a peer has twice the bytes at our looks."""
    made: dict[OutputKind, list[Made]] = {}
    for each in FORMATS:
        for side, factor in (("gateway", 1), ("peer", 2)):
            made[OutputKind(side, each, None)] = [Made(factor * 10_000, scores["default"])] * 2
            made[OutputKind(side, each, 60)] = [Made(factor * 5_000, scores["low"])] * 2
            made[OutputKind(side, each, 80)] = [Made(factor * 20_000, scores["high"])] * 2
    return made


def test_a_peer_is_measured_at_the_looks_of_our_default() -> None:
    made = all_made({"default": 75.0, "low": 70.0, "high": 80.0})

    ratios = ratios_of(made, 2)

    assert ratios["peer"] == pytest.approx([2.0, 2.0])
    assert figures_of(made, 2)["gateway_avif_bytes_equal"].values == [10_000, 10_000]
    assert figures_of(made, 2)["quality_avif_at_75"].values == [70.0]
    assert figures_of(made, 2)["scores_apart"].values == [0]


def test_without_scores_there_are_bytes_alone() -> None:
    made = all_made({"default": None, "low": None, "high": None})

    assert ratios_of(made, 1) == {}
    assert set(figures_of(made, 1)) == {
        f"{side}_{each.value}_bytes" for side in ("gateway", "peer") for each in FORMATS
    }


def test_who_is_not_there_is_listed_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/nowhere")

    names = list(PEERS)

    assert [each for each in chosen_peers(names, quick=True) if each != "imgproxy"] == []
    assert settings_of(names, ["ipx"])["absent"] == ["thumbor", "imgproxy"]


def test_imgproxy_is_asked_for_a_file_of_its_folder() -> None:
    assert imgproxy_url("a b.jpg", 640, Format.AVIF, 54) == (
        "/unsafe/rs:fit:640:0/q:54/plain/local:///a%20b.jpg@avif"
    )
