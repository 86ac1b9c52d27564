"""From what servers made of pictures to bytes at equal looks, and to qualities of equal looks."""

import statistics
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple, TypeAlias

from bench.delivery.curves import Curve, Point
from bench.delivery.renders import FORMATS, GATEWAY
from bench.report import Figure
from catalog.delivery.model import Format

_TABLE = (60, 65, 70, 75, 80, 85)


class OutputKind(NamedTuple):
    """What one server made in one format and quality; None: at the default of Vitrine."""

    side: str
    format: Format
    quality_percent: int | None


class Made(NamedTuple):
    """A picture.

    Attributes:
        size: in bytes.
        score: None: it was not looked at.
    """

    size: int
    score: float | None


#: Of each kind the same pictures in the same order.
AllMade: TypeAlias = Mapping[OutputKind, Sequence[Made]]


def ratios_of(made: AllMade, groups: int) -> Mapping[str, Sequence[float]]:
    """Return for each peer its bytes over ours, at our score: where it does best, and by format.

    Empty without scores.
    """
    if not _has_scores(made):
        return {}
    ratios: dict[str, Sequence[float]] = {}
    for peer in sorted({kind.side for kind in made} - {GATEWAY}):
        by_format = {
            each: [
                theirs / ours
                for theirs, ours in zip(
                    _sizes(made, peer, each, groups),
                    _sizes(made, GATEWAY, each, groups),
                    strict=True,
                )
            ]
            for each in FORMATS
        }
        ratios[peer] = min(by_format.values(), key=statistics.median)
        ratios |= {f"{peer}_{each.value}": values for each, values in by_format.items()}
    return ratios


def figures_of(made: AllMade, groups: int) -> dict[str, Figure]:
    """Return bytes of everyone; with scores also those of the defaults, and a table of qualities.

    `…_bytes` are at the default qualities of Vitrine, `…_bytes_equal` at the score that Vitrine
    has there.
    """
    has_scores = _has_scores(made)
    figures: dict[str, Figure] = {}
    for side in dict.fromkeys(kind.side for kind in made):
        for each in FORMATS:
            name, parts = f"{side}_{each.value}", _dealt(made[OutputKind(side, each, None)], groups)
            sizes = [round(_size(part)) for part in parts]
            figures[f"{name}_bytes"] = Figure(values=sizes, unit="bytes each")
            if has_scores:
                equal = [round(size) for size in _sizes(made, side, each, groups)]
                looks = [round(_score(part), 2) for part in parts]
                figures[f"{name}_score"] = Figure(values=looks, unit="SSIMULACRA2")
                figures[f"{name}_bytes_equal"] = Figure(values=equal, unit="bytes each")
    return figures | _table(made) if has_scores else figures


def _table(made: AllMade) -> dict[str, Figure]:
    """Return how far the defaults are apart, and which qualities look equally good."""
    defaults = [_score(made[OutputKind(GATEWAY, each, None)]) for each in FORMATS]
    apart = round(max(defaults) - min(defaults), 2)
    return {
        "scores_apart": Figure(values=[apart], unit="SSIMULACRA2"),
        **{
            f"quality_{each.value}_at_{score}": Figure(
                values=[round(_curve(made, GATEWAY, each, 0, 1).quality_at(score), 1)],
                unit="percent",
            )
            for score in _TABLE
            for each in FORMATS
        },
    }


def _sizes(made: AllMade, side: str, wanted: Format, groups: int) -> list[float]:
    """Return the bytes of each group, at the score that Vitrine's default has there."""
    ours = _dealt(made[OutputKind(GATEWAY, wanted, None)], groups)
    return [
        _curve(made, side, wanted, group, groups).size_at(_score(ours[group]))
        for group in range(groups)
    ]


def _curve(made: AllMade, side: str, wanted: Format, group: int, groups: int) -> Curve:
    qualities = sorted(
        kind.quality_percent
        for kind in made
        if (kind.side, kind.format) == (side, wanted) and kind.quality_percent is not None
    )
    parts = {
        each: _dealt(made[OutputKind(side, wanted, each)], groups)[group] for each in qualities
    }
    return Curve([Point(each, _score(part), _size(part)) for each, part in parts.items()])


def _dealt(made: Sequence[Made], groups: int) -> Sequence[Sequence[Made]]:
    return [made[group::groups] for group in range(groups)]


def _score(made: Sequence[Made]) -> float:
    return fmean(each.score for each in made if each.score is not None)


def _size(made: Sequence[Made]) -> float:
    return fmean(each.size for each in made)


def _has_scores(made: AllMade) -> bool:
    return all(each.score is not None for several in made.values() for each in several)
