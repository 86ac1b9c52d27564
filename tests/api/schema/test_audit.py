"""The audit is read by object and by person."""

from typing import Any

from catalog.changes import Changes
from catalog.db import Pool
from catalog.events.model import Event
from tests.api.client import Client
from tests.api.shop import Shop
from tests.support.people import ADA, LAWYER
from tests.support.stage import StagedAsset

AUDIT = """
query ($subject: String, $principal: ID, $first: Int, $after: String, $since: DateTime) {
  audit(subject: $subject, principal: $principal, first: $first, after: $after, since: $since) {
    nodes { type subject subjectName principal address apiKey session data before after }
    pageInfo { hasNextPage endCursor }
  }
}
"""
WITHDRAW = """
mutation ($id: ID!) { withdrawAsset(assetId: $id, reason: "sold") { errors { code } } }
"""


async def test_the_history_of_an_object_has_its_differences(
    client: Client, shop: Shop, vase: StagedAsset, pool: Pool
) -> None:
    manager, admin = await shop.key("manage.rights"), await shop.key("admin")
    await client.data(WITHDRAW, {"id": vase.public_id}, headers=manager)
    subject = f"asset/{vase.public_id}"
    found = await client.data(AUDIT, {"subject": subject, "first": 1}, headers=admin)
    (row,) = found["audit"]["nodes"]
    key = await pool.fetchrow(
        "SELECT id, principal_id FROM api_key WHERE scopes = '{manage.rights}'"
    )
    assert key is not None
    code = await pool.fetchval("SELECT code FROM asset WHERE public_id = $1", vase.public_id)
    assert row["data"]["reason"] == "sold"
    of_rights = await client.data(AUDIT, {"subject": subject, "first": 1}, headers=manager)
    nowhere = {"address": None, "apiKey": None, "session": None}
    assert of_rights["audit"]["nodes"] == [{**row, **nowhere}]
    for other in (None, f"product/{code}", "principal/x"):
        refused = await client.code(AUDIT, {"subject": other}, headers=manager)
        assert refused == "FORBIDDEN"
    by_code = await client.data(AUDIT, {"subject": f"asset/{code}", "first": 1}, headers=admin)
    assert by_code == found
    assert {name: row[name] for name in row if name != "data"} == {
        "type": "asset.withdrawn",
        "subject": subject,
        "subjectName": code,
        "principal": str(key["principal_id"]),
        "address": "127.0.0.1",
        "apiKey": str(key["id"]),
        "session": None,
        "before": {"status": "approved"},
        "after": {"status": "withdrawn"},
    }


async def test_it_is_read_by_person_page_by_page(client: Client, shop: Shop, pool: Pool) -> None:
    for who, name in ((ADA, "a"), (LAWYER, "b"), (ADA, "c")):
        async with Changes(pool=pool).begin(who) as change:
            event = Event(type="thing.changed", subject=f"thing/{name}", version=1)
            await change.record(event)
    admin = await shop.key("admin")

    async def ask(**variables: Any) -> Any:  # noqa: ANN401 - JSON
        given = {"principal": str(ADA.id), "first": 1, **variables}
        return (await client.data(AUDIT, given, headers=admin))["audit"]

    first = await ask()
    second = await ask(after=first["pageInfo"]["endCursor"])
    subjects = [each["subject"] for page in (first, second) for each in page["nodes"]]
    assert subjects == ["thing/c", "thing/a"]
    assert second["pageInfo"]["hasNextPage"] is False
    assert (await ask(since="2999-01-01T00:00:00Z"))["nodes"] == []
