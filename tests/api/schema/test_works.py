"""Work over HTTP: files are brought, imported by a relay, and their reports taken home."""

import asyncio
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
import pytest

from catalog.access.records import OwnRoleRecord, put_own_roles
from catalog.changes import Changes
from catalog.errors import UnavailableError
from catalog.principal import COMMAND_LINE
from catalog.reactions import reactions
from catalog.work.commands import EXPORT, IMPORT
from relay.works import importing as module
from relay.works.exporting import Export
from relay.works.importing import Import
from relay.works.running import Works
from tests.api.client import Client
from tests.api.schema.test_narrowing import somebody
from tests.api.shop import Shop
from tests.support.waiting import eventually

IMPORTER = ("admin",)
UPLOAD = """
mutation ($name: String!) {
  createUpload(name: $name) { upload { id url expiresAt } errors { code field } }
}
"""
IMPORT_FILE = """
mutation ($upload: ID!, $mapping: ID, $media: [ID!], $publish: [String!]) {
  importFile(upload: $upload, mapping: $mapping, media: $media, publish: $publish) {
    work { id state done } errors { code field }
  }
}
"""
WORK = """
query ($id: ID!, $first: Int, $after: String) { work(id: $id) {
  kind state done total failed cause isBeingCancelled result { name url }
  rows(state: FAILED, first: $first, after: $after) {
    nodes { subject code message } pageInfo { hasNextPage endCursor }
  }
} }
"""
WORKS = """
query ($state: WorkState, $by: ID, $since: DateTime, $until: DateTime) {
  works(state: $state, startedBy: $by, since: $since, until: $until) { nodes { id startedBy } }
  workCounts { kind state count }
}
"""
RETRY = "mutation ($id: ID!) { done: retryWork(id: $id) { work { state } errors { code field } } }"
CANCEL = (
    "mutation ($id: ID!) { done: cancelWork(id: $id) { work { state } errors { code field } } }"
)
GOOD = {"type": "product", "sku": "MUG-1", "kind": "SIMPLE", "family": "lamps"}
BAD = {"type": "product", "sku": "MUG-2", "kind": "SIMPLE", "family": "crockery"}


def path_of(url: str) -> str:
    return urlsplit(url).path


class Importing:
    """Brings files, and does what a relay would."""

    def __init__(self, client: Client, shop: Shop, database_url: str) -> None:
        self.client, self.shop, self.database_url = client, shop, database_url
        self.headers: dict[str, str] = {}

    async def ask(self, query: str, **variables: Any) -> Any:  # noqa: ANN401 - JSON
        return await self.client.data(query, variables, headers=self.headers)

    async def bring(self, name: str, body: bytes) -> str:
        upload = (await self.ask(UPLOAD, name=name))["createUpload"]["upload"]
        answer = await self.client.http.put(path_of(upload["url"]), content=body)
        assert (answer.status_code, answer.json()["bytes"]) == (201, len(body))
        return str(upload["id"])

    async def start(self, upload: str, **more: Any) -> str:  # noqa: ANN401 - JSON
        made = (await self.ask(IMPORT_FILE, upload=upload, **more))["importFile"]
        assert (made["work"]["state"], made["errors"]) == ("QUEUED", [])
        return made["work"]["id"]

    async def do(self, work: str, *, is_last: bool) -> None:
        changes = Changes(pool=self.shop.pool, reactions=reactions(warm_up=False))
        kind = Import(self.shop.stage.store, self.database_url)
        await Works(changes, {IMPORT: kind}).run(work, is_last=is_last)

    async def run(self, work: str) -> Any:  # noqa: ANN401 - JSON
        await self.do(work, is_last=True)
        return (await self.ask(WORK, id=work))["work"]


@pytest.fixture
async def importing(client: Client, shop: Shop, process_database_url: str) -> Importing:
    made = Importing(client, shop, process_database_url)
    made.headers = await shop.key(*IMPORTER)
    return made


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(orjson.dumps(each) + b"\n" for each in records)


async def test_a_file_is_imported_and_what_was_refused_is_tried_again_once_mended(
    importing: Importing,
) -> None:
    work = await importing.start(await importing.bring("mugs.jsonl", lines(GOOD, BAD)))
    told = await importing.run(work)
    assert (told["state"], told["done"], told["total"], told["failed"]) == ("DONE", 2, 2, 1)
    assert [(each["subject"], each["code"]) for each in told["rows"]["nodes"]] == [
        ("line 2", "INVALID_INPUT")
    ]
    answer = await importing.client.http.get(path_of(told["result"]["url"]))
    assert "mugs.rejected.jsonl" in answer.headers["content-disposition"]
    assert orjson.loads(answer.content)["sku"] == "MUG-2"

    await importing.shop.pool.execute("INSERT INTO family (code) VALUES ('crockery')")
    assert (await importing.ask(RETRY, id=work))["done"]["work"]["state"] == "QUEUED"
    told = await importing.run(work)
    assert (told["done"], told["failed"], told["result"]) == (1, 0, None)
    found = await importing.shop.pool.fetch("SELECT sku FROM product ORDER BY sku")
    assert [each["sku"] for each in found] == ["MUG-1", "MUG-2"]
    answer = await importing.client.http.get(answer.url.path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_relay_that_could_not_store_the_report_goes_on_with_it(
    importing: Importing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 2)
    bad = [{**BAD, "sku": f"MUG-{number}"} for number in range(5)]
    work = await importing.start(await importing.bring("mugs.jsonl", lines(GOOD, *bad)))
    in_the_way = tmp_path / "store" / "works"
    in_the_way.touch()
    with pytest.raises(UnavailableError):
        await importing.do(work, is_last=False)
    pool = importing.shop.pool
    assert await pool.fetchval("SELECT committed FROM import_run") == 1 + len(bad)
    in_the_way.unlink()
    await pool.execute("INSERT INTO family (code) VALUES ('crockery')")  # nothing begins anew
    told = await importing.run(work)
    assert (told["state"], told["done"], told["failed"]) == ("DONE", 6, 5)
    assert len(told["rows"]["nodes"]) == len(bad)
    report = await importing.client.http.get(path_of(told["result"]["url"]))
    assert len(report.content.splitlines()) == len(bad)
    assert await pool.fetchval("SELECT count(*) FROM import_run") == 0


CHECK = """
mutation ($upload: ID!) { importFile(upload: $upload, check: true) {
  work { id isCheck file { name } mapping { name } } errors { code }
} }
"""
CHECKED = """
query ($id: ID!) { work(id: $id) {
  state done failed counts { type outcome count } result { name }
  rows { nodes { subject code } }
} }
"""


async def test_a_check_says_what_would_happen_and_writes_nothing(importing: Importing) -> None:
    upload = await importing.bring("mugs.jsonl", lines(GOOD, BAD))
    made = (await importing.ask(CHECK, upload=upload))["importFile"]["work"]
    assert (made["isCheck"], made["file"], made["mapping"]) == (True, {"name": "mugs.jsonl"}, None)
    await importing.do(made["id"], is_last=True)
    told = (await importing.ask(CHECKED, id=made["id"]))["work"]
    assert (told["state"], told["done"], told["failed"], told["result"]) == ("DONE", 2, 1, None)
    assert told["counts"] == [
        {"type": "products", "outcome": "created", "count": 1},
        {"type": "products", "outcome": "rejected", "count": 1},
    ]
    assert told["rows"]["nodes"] == [{"subject": "line 2", "code": "INVALID_INPUT"}]
    assert await importing.shop.pool.fetchval("SELECT count(*) FROM product") == 0

    again = await importing.start(upload)
    await importing.do(again, is_last=True)
    assert (await importing.ask(CHECKED, id=again))["work"]["counts"] == told["counts"]


async def test_a_check_that_is_cancelled_ends(importing: Importing) -> None:
    upload = await importing.bring("mugs.jsonl", lines(GOOD))
    work = (await importing.ask(CHECK, upload=upload))["importFile"]["work"]["id"]
    assert (await importing.ask(CANCEL, id=work))["done"]["work"]["state"] == "CANCELLED"
    await importing.do(work, is_last=True)
    assert (await importing.ask(CHECKED, id=work))["work"]["state"] == "CANCELLED"


async def test_files_that_were_brought_are_listed_for_whoever_brought_them(
    importing: Importing,
) -> None:
    listed = "{ uploads { id name bytes } }"
    upload = await importing.bring("mugs.jsonl", lines(GOOD))
    await importing.ask(UPLOAD, name="never-came.csv")
    size = len(lines(GOOD))
    found = (await importing.ask(listed))["uploads"]
    assert found == [{"id": upload, "name": "mugs.jsonl", "bytes": size}]
    importing.headers = await importing.shop.key(*IMPORTER)
    assert (await importing.ask(listed))["uploads"] == []


async def test_without_the_report_nothing_is_imported_again(importing: Importing) -> None:
    work = await importing.start(await importing.bring("mugs.jsonl", lines(GOOD, BAD)))
    await importing.run(work)
    await importing.shop.pool.execute("UPDATE work SET result_key = NULL, result_name = NULL")
    await importing.ask(RETRY, id=work)
    told = await importing.run(work)
    assert (told["state"], told["cause"]) == (
        "FAILED",
        "the report of what was refused is gone: bring it as a file (CONFLICT)",
    )


async def test_a_csv_is_imported_with_its_mapping(importing: Importing) -> None:
    mapping = await importing.bring(
        "mugs.toml", b'locale = "en-US"\n[product]\nsku = "sku"\nkind = "kind"\nfamily = "family"\n'
    )
    upload = await importing.bring(
        "mugs.csv", b"sku,kind,family\nMUG-1,SIMPLE,lamps\nMUG-2,ODD,lamps\n"
    )
    told = await importing.run(await importing.start(upload, mapping=mapping))
    assert (told["state"], told["cause"], told["failed"]) == ("DONE", None, 1)
    report = await importing.client.http.get(path_of(told["result"]["url"]))
    assert report.text.splitlines()[1].startswith("MUG-2,ODD,lamps")


async def test_the_same_file_is_imported_once_at_a_time_and_the_other_work_waits(
    importing: Importing,
) -> None:
    shop, works = importing.shop, list[str]()
    for _ in range(2):
        works.append(await importing.start(await importing.bring("mugs.jsonl", lines(GOOD))))

    async def is_begun() -> bool:
        return await shop.pool.fetchval("SELECT count(*) FROM import_run") == 1

    async with shop.pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM family WHERE code = 'lamps' FOR UPDATE")
        first = asyncio.create_task(importing.run(works[0]))
        await eventually(is_begun)
        with pytest.raises(UnavailableError):
            await importing.do(works[1], is_last=False)
    assert (await first)["state"] == "DONE"
    assert (await importing.run(works[1]))["state"] == "DONE"


async def test_rows_that_failed_are_read_page_by_page(importing: Importing) -> None:
    bad = [{**BAD, "sku": f"MUG-{number}"} for number in range(3)]
    work = await importing.start(await importing.bring("mugs.jsonl", lines(*bad)))
    await importing.run(work)
    first = (await importing.ask(WORK, id=work, first=2))["work"]["rows"]
    after = first["pageInfo"]["endCursor"]
    second = (await importing.ask(WORK, id=work, first=2, after=after))["work"]["rows"]
    subjects = [each["subject"] for page in (first, second) for each in page["nodes"]]
    assert subjects == ["line 1", "line 2", "line 3"]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second)] == [True, False]


async def test_work_is_seen_by_whoever_started_it_and_by_those_who_manage_all(
    importing: Importing,
) -> None:
    work = await importing.start(await importing.bring("mugs.jsonl", lines(GOOD)))
    shop, manager = importing.shop, importing.headers
    other, own = await shop.key("manage.products"), await shop.key("manage.products")
    await shop.pool.execute(
        "UPDATE work SET started_by = (SELECT principal_id FROM api_key ORDER BY id DESC LIMIT 1)"
    )
    for headers, sees in ((other, False), (own, True), (manager, True)):
        importing.headers = headers
        assert ((await importing.ask(WORK, id=work))["work"] is not None) is sees
        told = await importing.ask(WORKS)
        assert len(told["works"]["nodes"]) == sees
        assert len(told["workCounts"]) == sees
        codes = [each["code"] for each in (await importing.ask(CANCEL, id=work))["done"]["errors"]]
        assert codes == ([] if sees else ["NOT_FOUND"])
    assert await importing.client.code("{ works { nodes { id } } }") == "UNAUTHENTICATED"
    assert (await importing.run(work))["state"] == "CANCELLED"


async def test_works_are_found_by_owner_and_age_and_counted(importing: Importing) -> None:
    work = await importing.start(await importing.bring("mugs.jsonl", lines(GOOD)))
    (node,) = (await importing.ask(WORKS))["works"]["nodes"]
    nobody = "00000000-0000-0000-0000-000000000000"
    for asked, finds in (
        ({"by": node["startedBy"]}, True),
        ({"by": nobody}, False),
        ({"since": "2020-01-01T00:00:00Z"}, True),
        ({"until": "2020-01-01T00:00:00Z"}, False),
    ):
        assert len((await importing.ask(WORKS, **asked))["works"]["nodes"]) == finds, asked
    counted = (await importing.ask(WORKS))["workCounts"]
    assert counted == [{"kind": "import", "state": "QUEUED", "count": 1}]
    importing.headers = await importing.shop.key("manage.products")
    told = await importing.ask(WORKS, by=node["startedBy"])  # not theirs to see
    assert (told["works"]["nodes"], told["workCounts"]) == ([], [])
    assert work == node["id"]


async def test_retrying_takes_what_starting_takes(importing: Importing) -> None:
    work = await importing.start(await importing.bring("mugs.jsonl", lines(GOOD, BAD)))
    await importing.run(work)
    importing.headers = await importing.shop.key("manage.products")  # follows, and imports nothing
    await importing.shop.pool.execute(
        "UPDATE work SET started_by = (SELECT principal_id FROM api_key ORDER BY id DESC LIMIT 1)"
    )
    (told,) = (await importing.ask(RETRY, id=work))["done"]["errors"]
    assert told["code"] == "FORBIDDEN"
    assert (await importing.ask(WORK, id=work))["work"]["state"] == "DONE"


async def test_a_link_is_for_one_thing_once_and_for_a_day(importing: Importing) -> None:
    upload = (await importing.ask(UPLOAD, name="mugs.jsonl"))["createUpload"]["upload"]
    path, http = path_of(upload["url"]), importing.client.http
    assert (await http.get(path)).status_code == 404
    for wrong in (path[:-1], path.replace(".put.", ".get."), "/files/x", "/files/ä"):
        assert (await http.put(wrong, content=b"{}")).status_code == 404
    made = await importing.ask(IMPORT_FILE, upload=upload["id"])
    assert made["importFile"]["errors"] == [{"code": "CONFLICT", "field": "upload"}]
    both = await asyncio.gather(*(http.put(path, content=b"{}") for _ in range(2)))
    assert sorted(each.status_code for each in both) == [201, 409]


async def test_a_link_ends_with_the_key_by_which_it_was_asked_for_and_with_the_person(
    importing: Importing,
) -> None:
    work = await importing.start(await importing.bring("mugs.jsonl", lines(GOOD, BAD)))
    await importing.run(work)
    http, pool = importing.client.http, importing.shop.pool
    for ends in (
        "UPDATE api_key SET revoked_at = now() WHERE id = $1",
        "UPDATE api_key SET expires_at = now() WHERE id = $1",
        "UPDATE principal SET ended_at = now() FROM api_key WHERE api_key.id = $1",
    ):
        importing.headers = await importing.shop.key(*IMPORTER)
        upload = (await importing.ask(UPLOAD, name="mugs.jsonl"))["createUpload"]["upload"]
        brought = path_of(upload["url"])
        taken = path_of((await importing.ask(WORK, id=work))["work"]["result"]["url"])
        assert (await http.get(taken)).status_code == 200
        await pool.execute(ends, await pool.fetchval("SELECT id FROM api_key ORDER BY id DESC"))
        assert (await http.get(taken)).status_code == 404
        assert (await http.put(brought, content=b"{}")).status_code == 404


@pytest.mark.parametrize(
    ("names", "more", "error"),
    [
        (["mugs.xml"], {}, ("INVALID_INPUT", "upload")),
        (["mugs.csv"], {}, ("INVALID_INPUT", "mapping")),
        (["mugs.jsonl", "mugs.toml"], {"mapping": 1}, ("INVALID_INPUT", "mapping")),
        (["mugs.jsonl", "mugs.jsonl"], {"media": [1]}, ("INVALID_INPUT", "media")),
        (["mugs.jsonl"], {"media": ["nothing"]}, ("NOT_FOUND", "media")),
    ],
)
async def test_what_could_not_be_imported_is_refused_at_once(
    importing: Importing, names: list[str], more: dict[str, Any], error: tuple[str, str]
) -> None:
    ids = [await importing.bring(name, b"{}") for name in names]

    def named(value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [named(each) for each in cast("list[object]", value)]
        return ids[value] if isinstance(value, int) else value

    variables = {name: named(value) for name, value in more.items()}
    (told,) = (await importing.ask(IMPORT_FILE, upload=ids[0], **variables))["importFile"]["errors"]
    assert (told["code"], told["field"]) == error


async def test_a_name_that_is_none_of_a_file_is_refused(importing: Importing) -> None:
    for name in ("", ".hidden", "a/b", "..", "a\\b", "a\nb", "é" * 101):
        made = (await importing.ask(UPLOAD, name=name))["createUpload"]
        assert made["errors"] == [{"code": "INVALID_INPUT", "field": "name"}], name


async def test_the_file_of_an_export_is_for_whoever_could_start_one(
    client: Client, shop: Shop
) -> None:
    admin = await shop.key("admin")
    asked = 'mutation { exportProducts(types: ["person"]) { work { id } errors { code } } }'
    work = (await client.data(asked, headers=admin))["exportProducts"]["work"]["id"]
    kinds = {EXPORT: Export(shop.stage.store)}
    await Works(shop.stage.changes, kinds).run(work, is_last=True)
    role = OwnRoleRecord(code="chief", name="Chief", actions=("work.manage", "work.follow"))
    async with shop.stage.changes.begin(COMMAND_LINE) as change:
        assert not (await put_own_roles(change, [role])).rejections
    for headers, is_given in ((admin, True), (await somebody(shop, "chief"), False)):
        found = (await client.data(WORK, {"id": work}, headers=headers))["work"]
        assert (found["state"], found["result"] is not None) == ("DONE", is_given)
