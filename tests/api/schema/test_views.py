"""Saved views over HTTP: one's own, those that others share, and the one that a page opens with."""

from typing import Any

import pytest

from api.schema import views
from catalog.views.commands import (
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_FILTER_CHARACTERS,
    MOST_VIEWS,
)
from tests.api.schema.test_principals import People, people

__all__ = ["people"]

ROWS = "{ results { id view { name isDefault } errors { code field } } errors { code field } }"
PUT = f"mutation ($input: [SavedViewInput!]!) {{ done: putViews(input: $input) {ROWS} }}"
DELETE = f"mutation ($ids: [ID!]!) {{ done: deleteViews(ids: $ids) {ROWS} }}"
DEFAULT = """
mutation ($id: ID!, $on: Boolean!) { done: setDefaultView(id: $id, isDefault: $on) {
  view { name isDefault } errors { code field } } }"""
VIEWS = """
query ($page: String!) { done: views(page: $page) {
  name filters columns isShared isMine isDefault ownerPrincipal { name } } }"""


class Person:
    """Somebody with their own views."""

    def __init__(self, people: People, headers: dict[str, str]) -> None:
        self._people, self._headers = people, headers

    async def ask(self, query: str, **variables: Any) -> Any:  # noqa: ANN401 - JSON
        data = await self._people.client.data(query, variables, headers=self._headers)
        return data["done"]

    async def put(self, *views: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return (await self.ask(PUT, input=[{"page": "/products", **each} for each in views]))[
            "results"
        ]

    async def names(self, page: str = "/products") -> list[str]:
        return [each["name"] for each in await self.ask(VIEWS, page=page)]


async def pair(people: People) -> tuple[Person, Person]:
    (_, ada), (_, eva) = await people.make("ada", "editor"), await people.make("eva", "editor")
    return Person(people, ada), Person(people, eva)


async def events(people: People) -> list[str]:
    pool = people.shop.pool
    rows = await pool.fetch("SELECT type FROM event WHERE subject LIKE 'view/%' ORDER BY seq")
    return [row["type"] for row in rows]


async def test_a_view_is_saved_shared_changed_and_deleted_by_its_owner(people: People) -> None:
    ada, eva = await pair(people)
    mine = {"name": "Mine", "filters": "state=CHANGED", "columns": ["sku", "kind"]}
    first, second = await ada.put(mine, {"name": "Ours", "isShared": True})
    assert await ada.names() == ["Mine", "Ours"]
    assert await ada.names("/assets") == []
    (ours,) = await eva.ask(VIEWS, page="/products")
    assert (ours["isMine"], ours["ownerPrincipal"]) == (False, {"name": "ada"})
    for row in (
        *(await eva.put({"id": second["id"], "name": "Hers"})),
        *(await eva.ask(DELETE, ids=[second["id"]]))["results"],
    ):
        assert [each["code"] for each in row["errors"]] == ["FORBIDDEN"]
    for row in (
        *(await eva.put({"id": first["id"], "name": "Hers"})),
        *(await eva.ask(DELETE, ids=[first["id"]]))["results"],
    ):
        assert [each["code"] for each in row["errors"]] == ["NOT_FOUND"]
    (renamed,) = await ada.put({**mine, "id": first["id"], "name": "Changed"})
    assert renamed["view"]["name"] == "Changed"
    assert (await ada.put({**mine, "id": first["id"], "name": "Changed"}))[0]["errors"] == []
    assert (await ada.ask(DELETE, ids=[first["id"]]))["results"][0]["errors"] == []
    assert await ada.names() == ["Ours"]
    done = ["view.created", "view.created", "view.changed", "view.deleted"]
    assert await events(people) == done


async def test_a_page_opens_with_one_view_for_each_person(people: People) -> None:
    ada, eva = await pair(people)
    rows = await ada.put({"name": "A"}, {"name": "B", "isShared": True})
    a, b = (each["id"] for each in rows)

    async def default_of(somebody: Person) -> list[str]:
        found = await somebody.ask(VIEWS, page="/products")
        return [each["name"] for each in found if each["isDefault"]]

    for each in (a, b, b):
        assert (await ada.ask(DEFAULT, id=each, on=True))["view"]["isDefault"] is True
    assert (await default_of(ada), await default_of(eva)) == (["B"], [])
    assert (await eva.ask(DEFAULT, id=a, on=True))["errors"] == [
        {"code": "NOT_FOUND", "field": "id"}
    ]
    await eva.ask(DEFAULT, id=b, on=True)
    assert await default_of(eva) == ["B"]
    await ada.put({"id": b, "name": "B"})  # shared no longer
    assert (await default_of(ada), await default_of(eva)) == (["B"], [])
    await ada.ask(DEFAULT, id=b, on=False)
    assert await default_of(ada) == []
    assert (await events(people)).count("view.default_changed") == 4


async def test_a_view_that_no_page_could_show_is_refused_alone(people: People) -> None:
    ada, _ = await pair(people)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"name": " "}, "name"),
        ({"name": "x" * (MOST_CHARACTERS + 1)}, "name"),
        ({"name": "x", "page": "products"}, "page"),
        ({"name": "x", "columns": ["\n"]}, "columns"),
        ({"name": "x", "columns": ["c"] * (MOST_COLUMNS + 1)}, "columns"),
        ({"name": "x", "filters": "nothing"}, "filters"),
        ({"name": "x", "filters": "a=ä"}, "filters"),
    ]
    *refused, good = await ada.put(*(each for each, _ in wrong), {"name": "Good"})
    assert [each["errors"][0]["field"] for each in refused] == [field for _, field in wrong]
    assert good["errors"] == []
    (again,) = await ada.put({"name": "Good"})
    assert again["errors"] == [{"code": "CONFLICT", "field": "name"}]
    fits = "a=" + "b" * (MOST_FILTER_CHARACTERS - 2)
    (long,) = await ada.put({"name": "Long", "filters": fits})
    assert long["errors"] == []
    too_long = [{"page": "/products", "name": "x", "filters": f"{fits}b"}]
    body = await people.client.ask(PUT, {"input": too_long}, headers=people.headers)
    assert body["errors"][0]["extensions"]["field"] == "input.filters"


async def test_a_person_has_at_most_200_views(people: People) -> None:
    ada, _ = await pair(people)
    *fit, last = await ada.put(*({"name": f"{n}"} for n in range(MOST_VIEWS + 1)))
    assert [each["errors"] for each in fit] == [[]] * MOST_VIEWS
    assert [each["code"] for each in last["errors"]] == ["CONFLICT"]


async def test_who_manages_people_deletes_the_shared_views_of_those_who_left(
    people: People,
) -> None:
    ada, _ = await pair(people)
    ours, mine = await ada.put({"name": "Ours", "isShared": True}, {"name": "Mine"})
    done = await people.ask(DELETE, ids=[ours["id"], mine["id"]])
    assert [[one["code"] for one in row["errors"]] for row in done["results"]] == [
        [],
        ["NOT_FOUND"],
    ]
    assert await ada.names() == ["Mine"]


async def test_a_page_lists_ones_own_views_first(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, eva = await pair(people)
    await ada.put({"name": "A", "isShared": True}, {"name": "B", "isShared": True})
    await eva.put({"name": "Z"})
    assert await eva.names() == ["Z", "A", "B"]
    monkeypatch.setattr(views, "MOST_LISTED", 2)
    assert await eva.names() == ["Z", "A"]
