"""Step `delivery`: signed URLs at the gateway, as browsers and as somebody who tries."""

import io
import time
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House
from vitrine.poc.scenario import Scenario

PICTURE = """
query Picture($sku: String!) @inContext(market: "DE", locale: "de-DE", channel: "d2c") {
  product(sku: $sku) {
    hero {
      asset { id }
      avif: image(preset: "card", width: 320, format: AVIF) { url }
      webp: image(preset: "card", width: 640, format: WEBP) { url }
      jpeg: image(preset: "card", width: 640, format: JPEG) { url }
    }
  }
}
"""
_WIDTHS_PX = {"avif": 320, "webp": 640, "jpeg": 640}
_PICTURES = 12
_WARM_ROUNDS = 20


class ShownPicture(NamedTuple):
    """A picture that may be seen in Germany, with its URLs by format."""

    asset: str
    urls: dict[str, str]


def shown_in_germany(house: House, scenario: Scenario, most: int) -> Sequence[ShownPicture]:
    """Return pictures that the graph shows there, licensed in Germany and France alone first."""
    cards = sorted(scenario.cards, key=lambda card: card.picture.licence != "europe")
    permitted = [card.sku for card in cards if card.picture.may_be_shown(("DE",), "web")]
    found: list[ShownPicture] = []
    for sku in permitted[:most]:
        hero = house.ask(PICTURE, as_admin=True, sku=sku)["product"]["hero"]
        urls = {name: hero[name]["url"] for name in _WIDTHS_PX}
        found.append(ShownPicture(hero["asset"]["id"], urls))
    return found


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """Fetch pictures in three formats, first anew and then again, and try what must not work.

    Raises:
        StepFailedError: a picture is another than its URL says, or somebody has it who may not.
    """
    shown = shown_in_germany(house, scenario, _PICTURES)
    evidence.ask(PICTURE.strip())
    evidence.ask("GET of each URL, as a viewer in Germany")
    first_ms: list[float] = []
    for picture in shown:
        for name, url in picture.urls.items():
            began_s = time.monotonic()
            answer = house.look(url)
            first_ms.append(1000 * (time.monotonic() - began_s))
            _is_picture(evidence, answer.content, name, answer.headers["Content-Type"])
    evidence.expect("every URL gave its format and width", len(first_ms), 3 * len(shown))
    evidence.measure_spread("a rendition that is made anew", first_ms)
    evidence.measure_spread("one that is there", _fetch_again(house, shown))
    _tries(house, evidence, shown[0].urls["jpeg"])


def _is_picture(evidence: Evidence, body: bytes, name: str, content_type: str) -> None:
    said = (content_type, Image.open(io.BytesIO(body)).width)
    if said != (f"image/{name}", _WIDTHS_PX[name]):
        evidence.expect("a URL gives its format and width", said, (name, _WIDTHS_PX[name]))


def _fetch_again(house: House, shown: Sequence[ShownPicture]) -> list[float]:
    warm_ms: list[float] = []
    for _ in range(_WARM_ROUNDS):
        for picture in shown:
            began_s = time.monotonic()
            house.look(picture.urls["webp"]).raise_for_status()
            warm_ms.append(1000 * (time.monotonic() - began_s))
    return warm_ms


def _tries(house: House, evidence: Evidence, url: str) -> None:
    """Ask in ways that must not give a picture; the URL is licensed in Germany and France alone."""
    etag = house.look(url).headers["ETag"]
    still = house.client.get(url, headers={"If-None-Match": etag, "CF-IPCountry": "DE"})
    path, _, token = url.partition("?t=")
    forged = f"{path}?t={token[:-1]}{'A' if token[-1] != 'A' else 'B'}"
    larger = url.replace("-640/", "-6400/")
    for sentence, answer, expected in (
        ("a browser that has it is told so", still, (304, None)),
        ("a viewer in Japan is refused", house.look(url, country="JP"), (403, "TERRITORY")),
        ("a forged token is refused", house.look(forged), (401, "TOKEN_INVALID")),
        ("no token is refused", house.look(path), (401, "TOKEN_MISSING")),
        ("a width of one's own is refused", house.look(larger), (404, "NOT_FOUND")),
    ):
        code = answer.json()["code"] if answer.content else None
        evidence.expect(sentence, (answer.status_code, code), expected)
