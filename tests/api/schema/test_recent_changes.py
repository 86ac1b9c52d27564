"""What changed lately: of each kind to those who may read it."""

from typing import Any

from tests.api.client import Client
from tests.api.shop import Shop
from tests.support.people import TEST

RECENT = """
query ($kind: String, $first: Int, $after: String) {
  recentChanges(kind: $kind, first: $first, after: $after) {
    nodes { at type subject principal } pageInfo { hasNextPage endCursor }
  }
}
"""
ADD_SQL = """
INSERT INTO audit (event, actor, type, subject, data)
SELECT gen_random_uuid(), $1, 'thing.changed', subject, '{}'
FROM unnest($2::text[]) WITH ORDINALITY AS t(subject, place) ORDER BY place
"""


async def test_each_kind_is_told_to_those_who_may_read_it(client: Client, shop: Shop) -> None:
    keys = [
        await shop.key(*each)
        for each in (("admin",), ("read", "manage.products"), ("read", "manage.rights"), ("read",))
    ]
    await shop.pool.execute("TRUNCATE audit")
    subjects = ["product/A", "asset/a1", "licence/L", "task/t1", "session/s", "principal/p"]
    await shop.pool.execute(ADD_SQL, TEST.id, subjects)

    async def told(headers: dict[str, str] | None, **asked: Any) -> list[str]:  # noqa: ANN401 - JSON
        found = (await client.data(RECENT, asked, headers=headers))["recentChanges"]["nodes"]
        assert {each["principal"] for each in found} <= {str(TEST.id)}
        return [each["subject"] for each in found]

    admin, products, rights, reader = keys
    assert await told(admin) == ["principal/p", "task/t1", "licence/L", "asset/a1", "product/A"]
    assert await told(admin, kind="asset") == ["asset/a1"]
    assert await told(products) == ["task/t1", "product/A"]
    assert await told(rights) == ["licence/L", "asset/a1"]
    assert await told(rights, kind="product") == []
    assert await told(reader) == []
    assert await told(None) == []


async def test_pages_go_on_where_the_last_one_ended(client: Client, shop: Shop) -> None:
    headers = await shop.key("admin")
    await shop.pool.execute("TRUNCATE audit")
    await shop.pool.execute(ADD_SQL, TEST.id, [f"product/{n}" for n in range(3)])
    first = (await client.data(RECENT, {"first": 2}, headers=headers))["recentChanges"]
    after = first["pageInfo"]["endCursor"]
    second = (await client.data(RECENT, {"after": after}, headers=headers))["recentChanges"]
    pages = [[each["subject"] for each in page["nodes"]] for page in (first, second)]
    assert pages == [["product/2", "product/1"], ["product/0"]]
