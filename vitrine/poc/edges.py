"""Step `edges`: CDNs are asked to purge what has ended, and a real Varnish obeys at once."""

import time

from vitrine.poc.delivery import ShownPicture, shown_in_germany
from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House
from vitrine.poc.scenario import Scenario

_WITHDRAW = """mutation ($id: ID!) {
  withdrawAsset(assetId: $id, reason: "proof", awaitDark: true) {
    darkAt { gateways edges } errors { code }
  }
}"""
_REINSTATE = """mutation ($id: ID!) {
  reinstateAsset(assetId: $id, awaitDark: true) { errors { code } }
}"""
_PASSES = 2  # at commit, and once every gateway obeys; the last one comes after 36 s


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """Withdraw a picture that edges hold, and check that they were purged of it.

    Raises:
        StepFailedError: an edge was not asked to purge it, or goes on delivering.
    """
    picture = shown_in_germany(house, scenario, 1)[0]
    url = picture.urls["jpeg"]
    answer = house.look(url)
    tag = f"a-{picture.asset}"
    evidence.ask(f"GET {url.partition('?')[0]}, and its cache tags")
    evidence.holds("a picture is tagged with its asset", tag in answer.headers["xkey"].split())
    if house.edge_url is not None:
        evidence.expect("the edge delivers it", _at_edge(house, url), 200)
        evidence.expect("and again, from what it keeps", _at_edge(house, url), 200)

    evidence.ask(_WITHDRAW)
    began_s = time.monotonic()
    dark = house.ask(_WITHDRAW, as_admin=True, id=picture.asset)["withdrawAsset"]["darkAt"]
    took_ms = 1000 * (time.monotonic() - began_s)
    evidence.measure("from the request to dark at all edges", took_ms, "ms")
    evidence.holds("every CDN has confirmed its purge", dark["edges"])
    if house.edge_url is not None:
        evidence.expect("the edge has forgotten it", _at_edge(house, url), 410)
    _check_purged(house, evidence, picture, since=began_s)
    house.ask(_REINSTATE, as_admin=True, id=picture.asset)
    status = house.run("purge", "status")
    evidence.ask("vitrine purge status")
    evidence.holds("every driver is asked and answers", "open" not in status)
    if house.edge_url is None:
        evidence.found.append("Varnish is not installed here, so no edge of ours was asked")


def _at_edge(house: House, url: str) -> int:
    return house.look(url, base=house.edge_url).status_code


def _check_purged(house: House, evidence: Evidence, picture: ShownPicture, *, since: float) -> None:
    tag = f"a-{picture.asset}"
    purged = house.cdn.was_purged(tag, since=since, times=_PASSES)
    evidence.holds("the CDN was asked to purge at commit and once every gateway obeyed", purged)
    evidence.expect("each webhook was signed", house.cdn.refused, 0)
    first_s = min(each for each in house.cdn.purges[tag] if each >= since)
    evidence.measure("from the request to the CDN's first purge", 1000 * (first_s - since), "ms")
