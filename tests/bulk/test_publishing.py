"""What a file publishes: each product once, and nothing that a person took back."""

from pathlib import Path
from typing import Any

import pytest

from catalog.bulk.commands import ImportOptions, import_file, import_files
from catalog.bulk.model import ImportResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.publication.commands import unpublish_products
from tests.bulk.catalogue import FOUNDATION, NamedIngest, Record, product, read, write
from tests.support.people import ADA

DEEP: list[Record] = [
    {
        "type": "attribute",
        "code": "size",
        "attribute_type": "select",
        "options": [{"code": "S"}, {"code": "M"}],
    },
    {
        "type": "family",
        "code": "boots",
        "attributes": ["name", "colour", "size"],
        "required": {"d2c": ["name"]},
        "variants": [{"code": "by-both", "axes": [["colour"], ["size"]]}],
    },
]


def boot(sku: str, kind: str, parent: str | None, **options: str) -> Record:
    values = [{"attribute": axis, "data": code} for axis, code in options.items()]
    if kind == "VARIANT" and sku != "B-R-M":
        values.append({"attribute": "name", "locale": "en-US", "data": sku})
    fields: dict[str, Any] = {"family": "boots", "kind": kind, "values": values}
    if kind == "MODEL":
        fields["family_variant"] = "by-both"
    return product(sku, **fields) | ({"parent": parent} if parent else {})


BOOTS = [
    boot("B", "MODEL", None),
    boot("B-R", "MODEL", "B", colour="red"),
    boot("B-R-S", "VARIANT", "B-R", size="S"),
    boot("B-R-M", "VARIANT", "B-R", size="M"),  # has no name: incomplete
]


def publication(*skus: str, **fields: Any) -> Record:  # noqa: ANN401 - JSON
    named = list(skus) if skus else "*"
    return {"type": "publication", "channel": "d2c", "skus": named, **fields}


@pytest.fixture
def changes(pool: Pool) -> Changes:
    return Changes(pool=pool)


@pytest.fixture
async def boots(changes: Changes, tmp_path: Path) -> Path:
    """The file of the next imports; what it is to publish is stored already."""
    path = tmp_path / "boots.jsonl"
    result = await load(changes, path, *FOUNDATION, *DEEP, *BOOTS, product("LACE"))
    assert result.counts["rejected"] == 0
    return path


async def load(changes: Changes, path: Path, *records: Record) -> ImportResult:
    return await import_file(write(path, *records), changes=changes, ingest=NamedIngest())


async def test_models_of_two_levels_are_published_and_counted_once(
    changes: Changes, boots: Path
) -> None:
    for records in ([publication()], [publication("B-R", "LACE", "B", "B-R-S", "LACE")]):
        counts = (await load(changes, boots, *records)).counts
        assert (counts["publications"], counts["drafts"], counts["rejected"]) == (4, 1, 0)
    first = await changes.pool.fetch("SELECT sku, version FROM publication")
    assert {(row["sku"], row["version"]) for row in first} == {
        (sku, 1) for sku in ("B", "B-R", "B-R-S", "LACE")
    }


async def test_what_is_named_below_another_is_refused_once(changes: Changes, boots: Path) -> None:
    counts = (await load(changes, boots, publication("B-R-M", "B", "B-R"))).counts
    assert (counts["publications"], counts["rejected"]) == (3, 1)
    (refused,) = read(boots.with_name("boots.rejected.jsonl"))
    assert (refused["skus"], refused["_rejected"]["code"]) == (["B-R-M"], "INCOMPLETE")


async def test_what_a_person_took_back_is_passed_over(changes: Changes, boots: Path) -> None:
    await load(changes, boots, publication())
    async with changes.begin(ADA) as change:
        await unpublish_products(change, ["B-R", "LACE"], "d2c")
    for records in ([publication()], [publication("LACE", "B-R", "B-R-S")]):
        counts = (await load(changes, boots, *records)).counts
        assert counts["rejected"] == counts["created"] == 0
    live = await changes.pool.fetch("SELECT sku FROM publication WHERE ended_at IS NULL")
    assert [row["sku"] for row in live] == ["B"]


async def test_null_takes_the_end_away_and_what_is_left_out_keeps_it(
    changes: Changes, boots: Path
) -> None:
    ends: list[bool] = []
    for fields in ({"visible_until": "2031-01-01"}, {}, {"visible_until": None}):
        await load(changes, boots, publication("LACE", **fields))
        ends.append(
            await changes.pool.fetchval(
                "SELECT visible_until IS NOT NULL FROM publication WHERE ended_at IS NULL"
            )
        )
    assert ends == [True, True, False]


async def test_variants_are_published_with_their_highest_model(
    changes: Changes, boots: Path
) -> None:
    """As are those that were mended; what cannot be published has no line to mend."""
    bare = product("KNOT", family="boots", values=[])
    paths = [write(boots, bare), write(boots.with_name("mended.jsonl"), *BOOTS[2:])]
    options = ImportOptions(publish=["d2c"])
    for created in (3, 0):
        result = await import_files(paths, changes=changes, ingest=NamedIngest(), options=options)
        assert (result.by_type["publications"]["created"], result.rejected) == (created, 1)
    live = await changes.pool.fetch("SELECT sku FROM publication")
    assert {row["sku"] for row in live} == {"B", "B-R", "B-R-S"}
    (refused,) = read(boots.with_name("boots.rejected.jsonl"))
    assert (refused["skus"], refused["_rejected"]["line"]) == (["KNOT"], None)
