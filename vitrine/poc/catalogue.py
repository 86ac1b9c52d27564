"""Step `catalogue`: everything goes in by files, and what is wrong with a record costs itself."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House
from vitrine.poc.pictures import draw_picture
from vitrine.poc.scenario import Record, Scenario

_REFUSED = 1  # the exit status of an import that refused records


def walk(house: House, scenario: Scenario, evidence: Evidence) -> None:
    """Import the shop, then records that are wrong, then these as they are right.

    Raises:
        StepFailedError: something else came of it.
    """
    for card in scenario.cards:
        draw_picture(house.home / f"{card.picture.code}.jpg", card.picture.number)
    shop = _write(house.home / "shop.jsonl", scenario.records())

    began_s = time.monotonic()
    first = _import(house, shop, evidence)
    took_s = time.monotonic() - began_s
    evidence.measure("import of everything", took_s, "s")
    evidence.measure("skus", scenario.skus)
    evidence.measure("pictures", len(scenario.cards))
    sold = {kind: first.get(kind, 0) for kind in ("variants", "simples")}
    evidence.expect("every sku went in", sum(sold.values()), scenario.skus)
    evidence.expect("every picture went in", first["assets"], len(scenario.cards))
    evidence.expect("nothing was refused", first["rejected"], 0)

    again = _import(house, shop, evidence)
    evidence.expect(
        "the same files again change nothing", (again["created"], again["updated"]), (0, 0)
    )

    faulty = scenario.faulty_records()
    wrong = _write(house.home / "wrong.jsonl", (record for record, _, _ in faulty))
    refused = _import(house, wrong, evidence, accept=_REFUSED)
    evidence.expect("each wrong record was refused", refused["rejected"], len(faulty))
    report = (house.home / "wrong.rejected.jsonl").read_text().splitlines()
    told = sorted(json.loads(line)["_rejected"]["field"] for line in report)
    at = sorted(field for _, field, _ in faulty)
    evidence.expect("the report names each fault by its field", told, at)

    mended = _write(house.home / "mended.jsonl", (right for _, _, right in faulty if right))
    right = _import(house, mended, evidence)
    evidence.expect("what was mended went in", right["rejected"], 0)


def _import(house: House, path: Path, evidence: Evidence, *, accept: int = 0) -> dict[str, Any]:
    evidence.ask(f"vitrine import {path.name}")
    return json.loads(house.run("import", str(path), "--json", accept=(accept,)))


def _write(path: Path, records: Iterable[Record]) -> Path:
    path.write_text("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in records))
    return path
