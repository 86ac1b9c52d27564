"""Records of one type come in any order, and what follows from a refusal says so."""

import os
import tracemalloc
from pathlib import Path

from catalog.bulk.commands import import_file
from catalog.bulk.model import ImportResult
from catalog.changes import Changes
from catalog.db import Pool
from tests.bulk.catalogue import FOUNDATION, NamedIngest, Record, asset, product, read, write

#: 100,000 and more where the machine is free: VITRINE_TEST_CATEGORIES=100000.
CATEGORIES = int(os.environ.get("VITRINE_TEST_CATEGORIES", "2000"))
INTEGERS_OF_A_RECORD_BYTES = 400


async def load(path: Path, pool: Pool) -> ImportResult:
    return await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest())


def refused(result: ImportResult) -> dict[int, Record]:
    lines = read(result.report) if result.report is not None else []
    return {each["_rejected"]["line"]: each["_rejected"] for each in lines}


async def test_whoever_is_named_may_come_later(pool: Pool, tmp_path: Path) -> None:
    records = [
        {"type": "locale", "code": "fr-CA", "name": "Fran\u00e7ais (CA)", "fallback": "fr-FR"},
        {"type": "locale", "code": "fr-FR", "name": "Fran\u00e7ais"},
        {"type": "market", "code": "CA", "name": "CA", "countries": ["CA"],
         "default_locale": "fr-CA", "currency": "CAD", "parent": "FR"},
        {"type": "market", "code": "FR", "name": "FR", "countries": ["FR"],
         "default_locale": "fr-FR", "currency": "EUR"},
        {"type": "category", "code": "cup", "parent": "kitchen"},
        {"type": "category", "code": "kitchen", "parent": "shop"},
        product("m-red", kind="VARIANT", parent="m",
                values=[{"attribute": "colour", "data": "red"}]),
        product("m", kind="MODEL", family_variant="by-colour"),
    ]  # fmt: skip
    result = await load(write(tmp_path / "x.jsonl", *records, *FOUNDATION), pool)
    assert refused(result) == {}
    assert await pool.fetchval("SELECT path::text FROM category WHERE code = 'cup'") == (
        "shop.kitchen.cup"
    )


async def test_what_follows_from_a_refusal_says_so(pool: Pool, tmp_path: Path) -> None:
    records: list[Record] = [
        {"type": "locale", "code": "french", "name": "French"},
        {"type": "channel", "code": "shop", "name": "Shop", "kind": "storefront",
         "country_rule": "viewer", "usages": ["web"], "default_usage": "web",
         "locales": ["french"]},
        {"type": "attribute", "code": "size", "attribute_type": "select",
         "options": [{"code": "s"}, {"code": "s"}]},
        {"type": "family", "code": "caps", "attributes": ["size"]},
        {"type": "category", "code": "child", "parent": "root"},
        {"type": "category", "code": "root", "colour": "red"},
        product("p", family="caps", values=[{"attribute": "size", "data": "s"}]),
        {"type": "media_association", "product": "p", "asset": "none", "role": "hero"},
        {"type": "publication", "channel": "d2c", "skus": ["p"]},
        {"type": "media_set", "product": "p", "role": "hero", "assets": []},
    ]  # fmt: skip
    result = await load(write(tmp_path / "x.jsonl", *records, *FOUNDATION), pool)
    told = refused(result)
    assert sorted(told) == list(range(1, 11))
    because = {2: 1, 4: 3, 5: 6, 7: 4, 8: 7, 9: 7, 10: 7}
    for line, cause in because.items():
        assert f"because line {cause} was refused" in told[line]["message"], told[line]
    assert all("because" not in told[line]["message"] for line in (1, 3, 6))


async def test_a_circle_is_refused_with_its_members(pool: Pool, tmp_path: Path) -> None:
    records = [
        {"type": "category", "code": "tail", "parent": "a"},
        {"type": "category", "code": "a", "parent": "b"},
        {"type": "category", "code": "b", "parent": "a"},
        {"type": "category", "code": "own", "parent": "own"},
        {"type": "category", "code": "good"},
    ]
    told = refused(await load(write(tmp_path / "x.jsonl", *records), pool))
    assert {line: each["code"] for line, each in told.items()} == {
        1: "INVALID_INPUT",
        2: "CYCLE",
        3: "CYCLE",
        4: "CYCLE",
    }
    assert "a, b name each other in a circle" in told[2]["message"]
    assert "because line 2 was refused" in told[1]["message"]
    assert await pool.fetchval("SELECT count(*) FROM category") == 1


async def test_all_faults_stand_in_the_report(pool: Pool, tmp_path: Path) -> None:
    wrong = product("p", gtin="1", strict_gtin=True, categories=["nosuch"], colour="red", extra=1)
    term = {"territory": {"include": ["XX"]}, "channels": ["*"], "usages": ["*"]}
    picture = asset("broken", status="aproved", licences=["nolic"], collections=["x"])
    market = {"type": "market", "code": "CH", "countries": ["CHE"], "parent": "EU"}
    channel = {"type": "channel", "code": "d2c", "kind": "shop", "territory": ["XX"], "usages": []}
    records = [*FOUNDATION, wrong, picture | {"grants": [term]}, market, channel]
    told = refused(await load(write(tmp_path / "x.jsonl", *records), pool))
    fields = [
        sorted([each["field"], *(more["field"] for more in each["also"])])
        for _, each in sorted(told.items())
    ]
    assert fields == [
        ["categories[0]", "colour", "extra", "gtin"],
        ["collections", "file", "grants[0].territory.include", "licences", "status"],
        ["countries", "currency", "default_locale", "name", "parent"],
        ["kind", "territory", "usages"],
    ]


async def test_every_fault_of_a_term_and_of_each_list_stands_in_the_report(
    pool: Pool, tmp_path: Path
) -> None:
    term = {
        "territory": {"include": ["XX", "YY"], "exclude": ["ZZ"]},
        "channels": ["nope", "neither"],
        "usages": ["none"],
        "valid_from": "2026-02-01",
        "valid_until": "2026-01-01",
        "licence": "nolic",
    }
    limits = {"min": "a", "pattern": "x"}
    options = [{"code": "a b"}, {"code": "c d"}]
    variants = [{"code": "by-size", "axes": [["size"], ["length"]]}]
    required = {"nowhere": ["weight"]}
    records = [
        *FOUNDATION,
        {
            "type": "licence",
            "code": "x",
            "time_zone": "Mars",
            "licensor_url": "ftp:",
            "grants": [term],
        },
        {"type": "territory_set", "code": "s", "countries": ["CHE", "DEU"]},
        {"type": "attribute", "code": "n", "attribute_type": "number", "validation": limits}
        | {"options": options},
        {"type": "family", "code": "f", "attributes": ["size", "length"], "variants": variants}
        | {"required": required},
    ]
    told = refused(await load(write(tmp_path / "x.jsonl", *records), pool))
    faults = [
        sorted((fault["field"], fault["message"].split()[0]) for fault in [each, *each["also"]])
        for _, each in sorted(told.items())
    ]
    assert [[field for field, _ in each] for each in faults] == [
        ["grants[0].channels"] * 2
        + ["grants[0].licence"]
        + ["grants[0].territory.exclude"]
        + ["grants[0].territory.include"] * 2
        + ["grants[0].usages", "grants[0].valid_until", "licensor", "licensor_url", "time_zone"],
        ["countries"] * 2,
        ["options", "validation.min", "validation.pattern"],
        ["attributes"] * 2 + ["required.nowhere"] * 2,
    ]


async def test_categories_in_reverse_order_take_a_few_integers_each(
    pool: Pool, tmp_path: Path
) -> None:
    path = tmp_path / "x.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(CATEGORIES, 0, -1):
            parent = f', "parent": "c{number // 8}"' if number > 1 else ""
            file.write(f'{{"type": "category", "code": "c{max(number, 1)}"{parent}}}\n')
        file.write('{"type": "category", "code": "c0"}\n')
    tracemalloc.start()
    result = await load(path, pool)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (result.rejected, result.counts["categories"]) == (0, CATEGORIES + 1)
    assert peak_bytes < 24 * 1024 * 1024 + CATEGORIES * INTEGERS_OF_A_RECORD_BYTES
