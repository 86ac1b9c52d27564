"""What a person has to look at, as those read it who manage media."""

import pytest

from catalog.principal import GATEWAY
from tests.api.client import Client
from tests.api.shop import Shop

LIST = """
query ($first: Int, $after: String, $state: ExceptionState! = OPEN) {
  exceptions(first: $first, after: $after, state: $state) {
    nodes { kind subject cause count state firstAt lastAt }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}
"""


async def report(shop: Shop, *subjects: str) -> None:
    """Report broken sources as a gateway does."""
    rows = [{"kind": "broken_source", "subject": each, "cause": "missing"} for each in subjects]
    await shop.pool.execute(
        "SELECT gateway_report(gen_random_uuid(), exceptions => $1::jsonb,"
        " secret => gen_random_uuid())",
        rows,
    )


async def test_what_gateways_report_is_read_page_by_page(client: Client, shop: Shop) -> None:
    headers = await shop.key("manage.media")
    await report(shop, "asset/a", "asset/b", "asset/c")
    await report(shop, "asset/a")
    opened = await shop.pool.fetch("SELECT actor FROM event WHERE type = 'task.opened'")
    assert [each["actor"] for each in opened] == [GATEWAY.id] * 3
    async with shop.pool.acquire() as conn:
        rows = await conn.fetch("SELECT after FROM audit WHERE type = 'task.opened'")
    assert len(rows) == 3
    assert all(row["after"]["cause"] for row in rows)
    await shop.pool.execute(
        "UPDATE task SET state = 'resolved', resolved_at = now() WHERE subject = 'asset/b'"
    )

    first = (await client.data(LIST, {"first": 1}, headers=headers))["exceptions"]
    assert [each["subject"] for each in first["nodes"]] == ["asset/c"]
    assert first["pageInfo"]["hasNextPage"] is True
    after = {"first": 1, "after": first["pageInfo"]["endCursor"]}
    second = (await client.data(LIST, after, headers=headers))["exceptions"]
    (node,) = second["nodes"]
    assert (node["kind"], node["subject"], node["cause"], node["count"], node["state"]) == (
        "broken_source",
        "asset/a",
        "missing",
        2,
        "OPEN",
    )
    assert node["firstAt"] < node["lastAt"]
    assert second["pageInfo"]["hasNextPage"] is False

    done = (await client.data(LIST, {"state": "RESOLVED"}, headers=headers))["exceptions"]
    assert [each["subject"] for each in done["nodes"]] == ["asset/b"]


@pytest.mark.parametrize(("scope", "code"), [("read", "FORBIDDEN"), ("manage.rights", "FORBIDDEN")])
async def test_others_see_nothing_of_it(client: Client, shop: Shop, scope: str, code: str) -> None:
    assert await client.code(LIST) == "UNAUTHENTICATED"
    assert await client.code(LIST, headers=await shop.key(scope)) == code


@pytest.mark.parametrize(
    "cursor",
    ["x", "WyJFWENFUFRJT05TIiwieCJd", "WyJFWENFUFRJT05TIiwiOTk5OTk5OTk5OTk5OTk5OTk5OSJd"],
    ids=["no cursor", "no number", "too large a number"],
)
async def test_what_is_no_cursor_of_it_is_refused(client: Client, shop: Shop, cursor: str) -> None:
    headers = await shop.key("admin")
    assert await client.code(LIST, {"after": cursor}, headers=headers) == "INVALID_CURSOR"
    assert await client.code(LIST, {"first": 101}, headers=headers) == "PAGE_SIZE"
