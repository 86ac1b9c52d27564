"""Documents that records state: what they must hold to before they are live."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from catalog.bulk.commands import import_file
from catalog.bulk.records import TYPES_BY_NAME
from catalog.changes import Changes
from catalog.db import Pool
from catalog.export.records import export_records
from tests.bulk.catalogue import NamedIngest, Record, write
from tests.products.shop import name, put_good, simple, value, variant
from tests.publication.polo import document, live, publish, unpublish
from tests.support.people import ADA

WIDTH = {"amount": 1, "unit": "cm"}
DESCRIBED = value("description", "<p>fine</p>", locale="en")
KIND = TYPES_BY_NAME["published_document"]


async def exported(pool: Pool, sku: str) -> Record:
    """Return the record of what is live of a product and differs from its draft."""
    lines: list[bytes] = []
    await export_records(pool, lines.append, types=["published_document"])
    return next(each for each in map(orjson.loads, lines) if each["sku"] == sku)


async def put(shop: Changes, *records: Record) -> list[tuple[str | None, str]]:
    """Put records as an import does; return what is wrong with them."""
    parsed = [KIND.parse(each) for each in records]
    async with shop.begin(ADA) as change:
        assert KIND.put
        applied = await KIND.put(change, parsed)
    return [(each.field, each.code) for one in applied.rejections for each in one.faults]


@pytest.fixture
async def cap(shop: Changes, pool: Pool) -> Record:
    """The document of a cap that is live, and whose draft says something else."""
    await put_good(shop, [simple("CAP", value("length", WIDTH), value("colour", "red"), DESCRIBED)])
    await publish(shop, "CAP", "POLO")
    await put_good(shop, [simple("CAP", name("Hat")), variant("POLO-R-S", "POLO-R", name("S"))])
    return await exported(pool, "CAP")


def _of(record: Record, code: str) -> dict[str, Any]:
    return next(each for each in record["document"]["attributes"] if each["code"] == code)


def _change(record: Record, code: str | None, change: Mapping[str, object]) -> None:
    """Change the document of a record, an attribute of it, or its first value."""
    changed = record["document"] if code is None else _of(record, code)
    if code is not None and "type" not in change:
        changed = changed["values"][0]
    changed |= change


@pytest.mark.parametrize(
    ("code", "change", "field"),
    [
        (None, {"updatedAt": "yesterday"}, ".updatedAt"),
        ("name", {"from": 7}, ".from"),
        ("length", {"type": "table"}, ".data"),
        ("length", {"data": "long"}, ".data"),
        ("colour", {"data": {"x": [1]}}, ".data"),
        ("colour", {"data": "green"}, ".data"),
        ("name", {"data": 5}, ".data"),
    ],
)
async def test_a_value_is_such_as_its_attribute_takes(
    shop: Changes, pool: Pool, cap: Record, code: str | None, change: Record, field: str
) -> None:
    before = await document(pool, "CAP")
    _change(cap, code, change)
    ((at, said),) = await put(shop, cap)
    assert (at or "").startswith("document.")
    assert (at or "").endswith(field)
    assert said == "INVALID_INPUT"
    assert await document(pool, "CAP") == before


async def test_rich_text_is_sanitised(shop: Changes, pool: Pool, cap: Record) -> None:
    _change(cap, "description", {"data": "<p>fine<img src=x onerror=alert(1)></p>"})
    assert await put(shop, cap) == []
    (kept,) = _of({"document": await document(pool, "CAP")}, "description")["values"]
    assert "onerror" not in kept["data"]
    assert "fine" in kept["data"]


@pytest.mark.parametrize("parent", ["POLO-R-S", "POLO-B-S", None, "CAP"])
async def test_a_variant_stands_below_models(
    shop: Changes, pool: Pool, cap: Record, parent: str | None
) -> None:
    assert cap
    variant_of_polo = await exported(pool, "POLO-R-S")
    variant_of_polo["document"] |= {"parent": parent, "models": None}
    assert await put(shop, variant_of_polo) == [("document.parent", "INVALID_INPUT")]


async def test_its_models_are_those_above_its_parent(
    shop: Changes, pool: Pool, cap: Record
) -> None:
    assert cap
    variant_of_polo = await exported(pool, "POLO-R-S")
    variant_of_polo["document"]["models"] = ["POLO"]
    assert await put(shop, variant_of_polo) == [("document.models", "INVALID_INPUT")]


async def test_what_is_below_a_model_that_a_person_took_off_stays_off(
    shop: Changes, pool: Pool, cap: Record
) -> None:
    assert cap
    variant_of_polo = await exported(pool, "POLO-R-S")
    await unpublish(shop, "POLO")
    assert await put(shop, variant_of_polo) == [("sku", "TAKEN_BACK")]
    assert await live(pool) == {"CAP"}


async def test_one_wrong_document_costs_an_import_only_itself(
    shop: Changes, pool: Pool, cap: Record, tmp_path: Path
) -> None:
    wrong = orjson.loads(orjson.dumps(cap))
    _of(wrong, "colour")["options"] = {"red": {}}
    _change(cap, "name", {"data": "Another"})
    path = write(tmp_path / "two.jsonl", wrong, cap)
    done = await import_file(path, changes=shop, ingest=NamedIngest())
    assert (done.rejected, done.counts["updated"]) == (1, 1)
    assert "Another" in str(await document(pool, "CAP"))
