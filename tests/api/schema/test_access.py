"""The table of roles, walked over HTTP: every door by every role answers as the table says."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import httpx2
import pytest

from api.app import create_app
from catalog.access.assignments import give_role
from catalog.access.commands import create_key
from catalog.access.principals import create_person
from catalog.access.roles import ROLES, SCOPES, WITHOUT_A_DOOR, Action
from catalog.graph.changes import LogPlace, Snapshot
from tests.api.answering import in_process
from tests.api.schema.doors import Door, doors, inner_doors
from tests.api.shop import Product, Shop
from tests.support.people import TEST
from tests.support.stage import StagedAsset
from vitrine.settings import Settings

REFUSED = {"FORBIDDEN", "UNAUTHENTICATED"}
KINDS = ("query", "mutation", "subscription")
#: Behind every event that there is: a subscription that is allowed is refused for it alone.
LATER = LogPlace(
    since=Snapshot.read("9999999:9999999:"), until=Snapshot.read("9999999:9999999:"), seq=9, part=""
).write()
ABSENT = {"*": "zzzzzzzzzz", "after": LATER}


class InnerDoor(NamedTuple):
    """A field below the roots that takes more than the root above it, and a question for it."""

    name: str
    action: Action
    root: Action
    query: str


def of_principals(field: str, action: Action) -> InnerDoor:
    name, _, _ = field.partition(" ")
    query = f"{{ principals(first: 1) {{ nodes {{ {field} }} }} }}"
    return InnerDoor(f"Principal.{name}", action, Action.PEOPLE_READ, query)


INNER = [
    InnerDoor(
        "Asset.rights",
        Action.RIGHTS_READ,
        Action.RIGHTS_READ,  # everybody reads what is public
        '{ product(sku: "VASE") { media { asset { rights { status } } } } }',
    ),
    of_principals("email", Action.PEOPLE_MANAGE),
    of_principals("lastLoginAt", Action.PEOPLE_MANAGE),
    of_principals("roles { role }", Action.PEOPLE_MANAGE),
    of_principals("sessions { id }", Action.PEOPLE_MANAGE),
    of_principals("apiKeys { id }", Action.KEYS_MANAGE),
]


async def headers_of(shop: Shop, role: str) -> dict[str, str]:
    """Make somebody who has a role, and return how they are known."""
    if role == "anonymous":
        return {}
    if role in SCOPES:
        return await shop.key(role)
    async with shop.stage.changes.begin(TEST) as change:
        person = await create_person(change, name=role)
        await give_role(change, person.id, role)
        issued = await create_key(change, name=role, scopes=[], principal=person)
    return {"Authorization": f"Bearer {issued.secret}"}


class Walk:
    """Asks at doors, and keeps what each said of whom."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def answers(
        self, kind: str, asked: Sequence[Door], names: Mapping[str, object], headers: dict[str, str]
    ) -> dict[str, Any]:
        """Return the error of each door, or None."""
        if kind == "subscription":
            return {each.name: await self._streamed(each, names, headers) for each in asked}
        if kind == "mutation":  # the payload cannot be null, so one that is refused hides the rest
            found: dict[str, Any] = {}
            for each in asked:
                found |= await self._errors(kind, [each], names, headers)
            return found
        return await self._errors(kind, asked, names, headers)

    async def _errors(
        self, kind: str, asked: Sequence[Door], names: Mapping[str, object], headers: dict[str, str]
    ) -> dict[str, Any]:
        text = f"{kind} {{ {' '.join(each.question(names) for each in asked)} }}"
        body = (await self.http.post("/graphql", json={"query": text}, headers=headers)).json()
        assert "data" in body, body
        errors = {error["path"][0]: error for error in body.get("errors", ())}
        return {each.name: errors.get(each.name) for each in asked}

    async def _streamed(
        self, door: Door, names: Mapping[str, object], headers: dict[str, str]
    ) -> dict[str, Any]:
        answer = await self.http.post(
            "/graphql",
            json={"query": f"subscription {{ {door.question(names)} }}"},
            headers={**headers, "Accept": "text/event-stream"},
        )
        said = re.search(r'"message":"(.*?)".*"code":"(\w+)"', answer.text)
        assert said, answer.text
        return {"message": said[1], "extensions": {"code": said[2]}}


def is_refused(error: Mapping[str, Any] | None) -> bool:
    return error is not None and error["extensions"]["code"] in REFUSED


async def test_every_door_answers_every_role_as_the_table_says(
    http: httpx2.AsyncClient,
    shop: Shop,
    settings: Settings,
    vase: StagedAsset,
) -> None:
    assert vase  # INNER shows it
    draft = await shop.stage.asset(status="draft")
    hidden = {**ABSENT, "*": draft.public_id, "sku": "HIDDEN", "skus": "HIDDEN", "channel": "print"}
    await shop.put(Product("HIDDEN", "SIMPLE"), channel="print")
    closed = create_app(settings.model_copy(update={"public_reads": False}))
    assert dict(inner_doors()) == {each.name: each.action for each in INNER}, "ask for the new one"
    wrong: list[str] = []
    async with in_process(closed) as behind:
        for role, said in {**ROLES, **SCOPES}.items():
            headers = await headers_of(shop, role)
            walk = Walk(http if role == "anonymous" else behind)
            for kind in KINDS:
                asked = doors(kind)
                answers = await walk.answers(kind, asked, ABSENT, headers)
                refused = [each for each in asked if is_refused(answers[each.name])]
                wrong += [
                    f"{role} {kind} {each.name}: {answers[each.name]}"
                    for each in asked
                    if said.actions.issuperset(each.actions or ()) == (each in refused)
                ]
                if refused:  # what is there answers like what is not
                    again = asked if kind == "query" else refused  # nothing is changed by reading
                    others = await walk.answers(kind, again, hidden, headers)
                    wrong += [
                        f"{role} {kind} {each.name}: {answers[each.name]} {others[each.name]}"
                        for each in refused
                        if others[each.name]["message"] != answers[each.name]["message"]
                    ]
            for inner in INNER:
                query = {"query": inner.query}
                body = (await http.post("/graphql", json=query, headers=headers)).json()
                is_allowed = said.actions.issuperset({inner.action, inner.root})
                if any(map(is_refused, body.get("errors", ()))) == is_allowed:
                    wrong.append(f"{role} {inner.name}: {body}")
    assert wrong == []
    unused = await shop.pool.fetch("SELECT name FROM api_key WHERE last_used_at IS NULL")
    assert unused == []  # the app has written, when it ended, what it had noted


def test_every_door_has_a_row_and_every_row_a_door() -> None:
    asked = [each for kind in KINDS for each in doors(kind)]
    assert [each.name for each in asked if each.actions is None] == []
    assert [each.name for each in asked if each.actions == ()] == ["me"]
    doors_of = {each.actions[0] for each in asked if each.actions}
    doors_of |= {action for _, action in inner_doors()}
    # asked by the context, by the report, and where it is known whose work it is, or whose key
    elsewhere = {
        *(Action.CHANNELS_READ, Action.ABSENCES_READ),
        *(Action.WORK_MANAGE, Action.KEYS_MANAGE),
    }
    assert doors_of | elsewhere | WITHOUT_A_DOOR == {*Action}
    assert not doors_of & WITHOUT_A_DOOR
    assert len(asked) * len({**ROLES, **SCOPES}) > 700  # pairs that are walked


def test_a_portal_never_uploads_or_binds() -> None:
    assert ROLES["portal"].actions == {
        Action.CONTENT_READ,
        Action.CHANNELS_READ,
        Action.ASSETS_READ,
    }


@pytest.mark.parametrize("role", ["anonymous", "reader", "portal", "administrator"])
async def test_what_may_not_be_seen_is_told_from_what_is_not_there_by_nothing(
    http: httpx2.AsyncClient, shop: Shop, role: str
) -> None:
    headers = await headers_of(shop, role)
    draft = await shop.stage.asset(status="draft")
    await shop.put(Product("HIDDEN", "SIMPLE"), channel="print")
    bodies: list[str] = []
    for asset, sku, channel in (
        (draft.public_id, "HIDDEN", "print"),
        ("zzzzzzzzzz", "ABSENT", "point"),
    ):
        queries = [
            f'{{ asset(id: "{asset}") {{ code }} }}',
            f'{{ node(id: "{asset}") {{ id }} nodes(ids: ["{asset}"]) {{ id }} }}',
            f'{{ product(sku: "{sku}") {{ sku }} }}',
        ]
        if role == "anonymous":
            queries.append(
                f'query @inContext(channel: "{channel}") {{ products {{ totalCount }} }}'
            )
        for query in queries:
            body = (await http.post("/graphql", json={"query": query}, headers=headers)).text
            bodies.append(body.replace(f"'{channel}'", "'?'"))
    half = len(bodies) // 2
    if role == "administrator":  # who sees both
        assert bodies[:half] != bodies[half:]
    else:
        assert bodies[:half] == bodies[half:]
