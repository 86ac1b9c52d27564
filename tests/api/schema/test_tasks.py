"""Tasks, as people read and change them over HTTP."""

from typing import Any

import pytest

from tests.api.client import Client
from tests.api.shop import Shop

CREATE = """
mutation ($text: String!, $subject: String, $assignee: ID, $role: String! = "editor") {
  createTask(text: $text, subject: $subject, assignee: $assignee, role: $role) {
    task { id kind subject role state cause count actions createdBy assignee }
    errors { code field }
  }
}
"""
LIST = """
query ($first: Int, $after: String, $state: TaskState = OPEN, $subject: String) {
  tasks(first: $first, after: $after, state: $state, subject: $subject) {
    nodes { id cause state comments { text createdBy } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ROWS = "{ results { id task { state resolution } errors { code } } errors { code field } }"
SNOOZE = """
mutation ($ids: [ID!]!, $until: DateTime!) { done: snoozeTasks(ids: $ids, until: $until) ROWS }
""".replace("ROWS", ROWS)
RESOLVE = """
mutation ($ids: [ID!]!) { done: resolveTasks(ids: $ids, resolution: "bought") ROWS }
""".replace("ROWS", ROWS)
ASSIGN = """
mutation ($ids: [ID!]!, $to: ID) { done: assignTasks(ids: $ids, assignee: $to) ROWS }
""".replace("ROWS", ROWS)
NOBODY = "00000000-0000-0000-0000-000000000000"
COMMENT = """
mutation ($id: ID!, $text: String!) {
  commentTask(id: $id, text: $text) { task { comments { text } } errors { code field } }
}
"""


async def test_a_to_do_is_noted_commented_snoozed_and_resolved(client: Client, shop: Shop) -> None:
    headers = await shop.key("manage.products")

    async def ask(query: str, **variables: Any) -> Any:  # noqa: ANN401 - JSON
        return await client.data(query, variables, headers=headers)

    made = (await ask(CREATE, text="Photograph it", subject="product/LAMP"))["createTask"]["task"]
    told = ("todo", "product/LAMP", "editor", "OPEN", "Photograph it", ["resolveTasks"])
    names = ("kind", "subject", "role", "state", "cause", "actions")
    assert tuple(made[name] for name in names) == told
    await ask(CREATE, text="Another")
    first = (await ask(LIST, first=1))["tasks"]
    assert [each["cause"] for each in first["nodes"]] == ["Another"]
    second = (await ask(LIST, first=1, after=first["pageInfo"]["endCursor"]))["tasks"]
    assert second["pageInfo"]["hasNextPage"] is False
    assert [each["id"] for each in second["nodes"]] == [made["id"]]

    for text in ("In May", "In June"):
        said = (await ask(COMMENT, id=made["id"], text=text))["commentTask"]
    assert [each["text"] for each in said["task"]["comments"]] == ["In May", "In June"]
    assigned = (await ask(ASSIGN, ids=[made["id"]], to=made["createdBy"]))["done"]
    assert assigned["results"][0]["errors"] == []
    snoozed = (await ask(SNOOZE, ids=[made["id"]], until="2100-01-01T00:00:00Z"))["done"]
    assert snoozed["results"][0]["task"]["state"] == "SNOOZED"
    assert (await ask(LIST, subject="product/LAMP"))["tasks"]["nodes"] == []
    resolved = (await ask(RESOLVE, ids=[made["id"], "nobody"]))["done"]["results"]
    assert [each["task"] for each in resolved] == [
        {"state": "RESOLVED", "resolution": "bought"},
        None,
    ]
    assert [[error["code"] for error in each["errors"]] for each in resolved] == [[], ["NOT_FOUND"]]
    (shown,) = (await ask(LIST, state=None, subject="product/LAMP"))["tasks"]["nodes"]
    assert (shown["state"], len(shown["comments"])) == ("RESOLVED", 2)


WRONG: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    (CREATE, {"text": " "}, "INVALID_INPUT", "text"),
    (CREATE, {"text": "x", "role": "king"}, "INVALID_INPUT", "role"),
    (CREATE, {"text": "x", "assignee": "anna"}, "INVALID_INPUT", "assignee"),
    (CREATE, {"text": "x", "assignee": NOBODY}, "INVALID_INPUT", "assignee"),
    (ASSIGN, {"ids": [], "to": NOBODY}, "INVALID_INPUT", "assignee"),
    (COMMENT, {"id": "nobody", "text": "x"}, "NOT_FOUND", "id"),
    (COMMENT, {"id": "nobody", "text": ""}, "INVALID_INPUT", "text"),
    (ASSIGN, {"ids": [], "to": "anna"}, "INVALID_INPUT", "assignee"),
    (SNOOZE, {"ids": [], "until": "2020-01-01T00:00:00Z"}, "INVALID_INPUT", "until"),
    (RESOLVE, {"ids": ["x"] * 1_001}, "INVALID_INPUT", "ids"),
)


async def test_what_is_wrong_with_a_change_is_told_with_its_field(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("manage.media")
    for query, variables, code, field in WRONG:
        (payload,) = (await client.data(query, variables, headers=headers)).values()
        assert payload["errors"] == [{"code": code, "field": field}], variables


async def test_a_thousand_ids_have_a_result_each(client: Client, shop: Shop) -> None:
    headers = await shop.key("manage.media")
    await shop.pool.execute(
        "INSERT INTO task (kind, cause) SELECT 'todo', n FROM generate_series(1, 999) AS n"
    )
    ids = [row["public_id"] for row in await shop.pool.fetch("SELECT public_id FROM task")]
    done = (await client.data(RESOLVE, {"ids": [*ids, "nobody"]}, headers=headers))["done"]
    assert [each["id"] for each in done["results"]] == [*ids, "nobody"]
    assert [len(each["errors"]) for each in done["results"]] == [0] * 999 + [1]
    assert (
        await shop.pool.fetchval("SELECT count(*) FROM event WHERE type = 'task.resolved'") == 999
    )


@pytest.mark.parametrize("scope", ["read", "manage.rights"])
async def test_others_neither_see_nor_change_tasks(client: Client, shop: Shop, scope: str) -> None:
    headers = await shop.key(scope)
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        (LIST, {}),
        ('{ task(id: "x") { id } }', {}),
        (CREATE, {"text": "x"}),
        (RESOLVE, {"ids": []}),
        (COMMENT, {"id": "x", "text": "x"}),
    )
    for query, variables in asked:
        assert await client.code(query, variables) == "UNAUTHENTICATED"
        assert await client.code(query, variables, headers=headers) == "FORBIDDEN"


SOME_TASKS_SQL = """
INSERT INTO task (kind, role, cause, due_at, snoozed_until, state, resolved_at, first_at, assignee)
SELECT kind, role, cause, due_at, snoozed_until, state,
       CASE state WHEN 'resolved' THEN now() END, coalesce(first_at, now()), assignee
FROM (VALUES
    ('todo', 'editor', 'late', '2020-01-02'::timestamptz, NULL::timestamptz, 'open',
     '2020-01-01'::timestamptz, $1::uuid),
    ('todo', 'editor', 'any time', NULL, NULL, 'open', NULL, NULL),
    ('todo', 'editor', 'asleep', NULL, '2100-01-01', 'open', NULL, NULL),
    ('todo', 'editor', 'done', NULL, NULL, 'resolved', NULL, NULL),
    ('broken_source', 'media_manager', 'torn', '2100-01-01', NULL, 'open', NULL, NULL)
) AS t (kind, role, cause, due_at, snoozed_until, state, first_at, assignee)
"""
COUNTS = """
query ($role: String, $assignee: ID) {
  taskCounts(role: $role, assignee: $assignee) { kind role state count overdue }
}
"""
OWNED = """
query ($unassigned: Boolean, $firstBefore: DateTime) {
  tasks(unassigned: $unassigned, firstBefore: $firstBefore) { nodes { cause } }
}
"""


async def test_what_waits_is_counted_and_found_by_owner_and_age(client: Client, shop: Shop) -> None:
    headers = await shop.key("manage.media")
    anna = await shop.pool.fetchval("SELECT principal_id FROM api_key")
    await shop.pool.execute(SOME_TASKS_SQL, anna)

    async def counted(**variables: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - JSON
        found = await client.data(COUNTS, variables, headers=headers)
        return [tuple(each.values()) for each in found["taskCounts"]]

    todos = [("todo", "editor", "OPEN", 2, 1), ("todo", "editor", "SNOOZED", 1, 0)]
    assert await counted() == [("broken_source", "media_manager", "OPEN", 1, 0), *todos]
    assert await counted(role="editor") == todos
    assert await counted(assignee=str(anna)) == [("todo", "editor", "OPEN", 1, 1)]

    async def causes(**variables: Any) -> list[str]:  # noqa: ANN401 - JSON
        found = await client.data(OWNED, variables, headers=headers)
        return [each["cause"] for each in found["tasks"]["nodes"]]

    assert await causes(unassigned=True) == ["torn", "any time"]
    assert await causes(unassigned=False) == ["late"]
    assert await causes(firstBefore="2020-06-01T00:00:00Z") == ["late"]
