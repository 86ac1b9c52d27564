"""Step `rights`: rights end and begin while pictures are being asked for from all sides."""

import threading
import time
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import NamedTuple

from vitrine.poc.delivery import ShownPicture, shown_in_germany
from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House
from vitrine.poc.scenario import Scenario

_ENDS: Mapping[str, str] = {
    "withdrawAsset": """mutation ($id: ID!) {
  withdrawAsset(assetId: $id, reason: "proof", awaitDark: true) {
    darkAt { gateways } errors { code } }
}""",
    "setRestrictions": """mutation ($id: ID!) {
  setRestrictions(assetId: $id, awaitDark: true, restrictions: [{territory: {include: ["WORLD"]},
    channels: ["*"], usages: ["*"], validFrom: "2020-01-01T00:00:00Z"}]) {
    darkAt { gateways } errors { code } }
}""",
}
_BEGINS: Mapping[str, str] = {
    "withdrawAsset": """mutation ($id: ID!) {
  reinstateAsset(assetId: $id, awaitDark: true) { errors { code } }
}""",
    "setRestrictions": """mutation ($id: ID!) {
  setRestrictions(assetId: $id, restrictions: [], awaitDark: true) { errors { code } }
}""",
}
_PICTURES = 8
_ROUNDS = 3
_VIEWERS = 6
_REFUSALS = {"withdrawAsset": 410, "setRestrictions": 403}


class ViewerAnswer(NamedTuple):
    """One answer to a viewer, by `time.monotonic`."""

    asset: str
    began_s: float
    status: int


@dataclass(slots=True)
class Load:
    """What viewers were answered meanwhile."""

    answers: list[ViewerAnswer] = field(default_factory=list[ViewerAnswer])

    def delivered(self, asset: str, *, since: float, until: float) -> int:
        """Return how many requests that began in between got the picture."""
        return sum(
            each.asset == asset and since <= each.began_s < until and each.status < 300  # noqa: PLR2004 - success
            for each in self.answers
        )


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """End and give back the rights of pictures one after the other, under load.

    Raises:
        StepFailedError: a picture was delivered after it was said to be dark, or is not back.
    """
    shown = shown_in_germany(house, scenario, _PICTURES)
    for mutation in (*_ENDS.values(), *_BEGINS.values()):
        evidence.ask(mutation)
    dark_ms: list[float] = []
    leaks = 0
    with _viewers(house, shown) as load:
        for number, (picture, kind) in enumerate(
            zip(_ROUNDS * [*shown], cycle(_ENDS), strict=False)
        ):
            began_s = time.monotonic()
            ended = house.ask(_ENDS[kind], as_admin=True, id=picture.asset)[kind]
            told_s = time.monotonic()
            dark_ms.append(1000 * (told_s - began_s))
            if ended["errors"] or ended["darkAt"] is None:
                evidence.expect(f"change {number} is made", ended["errors"], [])
            refused = house.look(picture.urls["webp"]).status_code
            evidence.expect(f"{kind}, change {number + 1}: refused", refused, _REFUSALS[kind])
            given_back_s = time.monotonic()
            house.ask(_BEGINS[kind], as_admin=True, id=picture.asset)
            leaks += load.delivered(picture.asset, since=told_s, until=given_back_s)
    evidence.expect("after it was told to be dark nothing was delivered", leaks, 0)
    for picture in shown:
        back = house.client.get(
            picture.urls["webp"], headers={"CF-IPCountry": "DE"}, follow_redirects=True
        )
        if not back.is_success:
            evidence.expect("what was given back is there again", back.status_code, 200)
    evidence.found.append("what was given back is there again")
    evidence.measure("changes of rights", len(dark_ms))
    evidence.measure("answers to viewers meanwhile", len(load.answers))
    evidence.measure_spread("from the request to dark at all gateways", dark_ms)


@contextmanager
def _viewers(house: House, shown: Sequence[ShownPicture]) -> Generator[Load]:
    """Ask for the pictures from several sides, without a pause, until the end of the block."""
    load = Load()
    stop = threading.Event()

    def view(first: int) -> None:
        for number in range(first, 1_000_000):
            if stop.is_set():
                return
            picture = shown[number % len(shown)]
            began_s = time.monotonic()
            answer = house.look(picture.urls["webp"])
            load.answers.append(ViewerAnswer(picture.asset, began_s, answer.status_code))

    with ThreadPoolExecutor(_VIEWERS) as threads:
        viewers = [threads.submit(view, first) for first in range(_VIEWERS)]
        try:
            yield load
        finally:
            stop.set()
    for viewer in viewers:
        viewer.result()
