"""People, services and roles over HTTP: seen, given, ended; named beside their ids."""

from typing import Any

import pytest

from api.app import create_app
from api.schema.principal_mutations import MOST_ROWS
from catalog.access.assignments import give_role
from catalog.access.commands import create_key
from catalog.access.principals import create_person
from catalog.db import Pool
from catalog.principal import Principal
from tests.api.answering import in_process
from tests.api.client import Client
from tests.api.shop import Shop
from tests.support.people import ADA, TEST
from vitrine.settings import Settings

PRINCIPALS = """
query ($search: String, $mayDo: String, $within: PlaceInput, $first: Int, $after: String) {
  principals(search: $search, mayDo: $mayDo, within: $within, first: $first, after: $after) {
    nodes { name } pageInfo { hasNextPage endCursor } } }"""
WHOLE = """
query ($id: ID!) { principal(id: $id) {
  name kind state email lastLoginAt roles { role actions markets channels givenBy { name } }
  sessions { by address } apiKeys { name state allows { role } } } }"""
NAMES = "query ($search: String) { principals(search: $search) { nodes { id name } } }"
GIVE = """
mutation ($id: ID!, $role: String!, $where: WhereInput) {
  done: giveRole(principal: $id, role: $role, where: $where) {
    principal { roles { role channels } } errors { code field } } }"""
TAKE = """
mutation ($id: ID!, $role: String!) { done: takeRole(principal: $id, role: $role) {
  principal { roles { role } } errors { code field } } }"""
PUT = """
mutation ($input: [PersonInput!]!) { done: putPeople(input: $input) {
  results { principal { id name email } errors { code field } } errors { code } } }"""
END = """
mutation ($ids: [ID!]!) { done: endPrincipals(ids: $ids) {
  results { principal { state } errors { code } } errors { code field } } }"""
RESUME = END.replace("endPrincipals", "resumePrincipals")
LINK = """
mutation ($id: ID!) { done: createLoginLink(principal: $id) { url expiresAt errors { code } } }"""
ME = "{ me { name kind email actions roles { role channels } sessions { isCurrent } } }"


class People:
    """Makes people with roles, who ask."""

    def __init__(self, client: Client, shop: Shop) -> None:
        self.client, self.shop = client, shop
        self.headers: dict[str, str] = {}
        self.administrator = TEST

    async def make(self, name: str, *roles: str) -> tuple[Principal, dict[str, str]]:
        async with self.shop.stage.changes.begin(TEST) as change:
            made = await create_person(change, name=name, email=f"{name}@shop.example")
            for each in roles:
                await give_role(change, made.id, each)
            issued = await create_key(change, name=name, scopes=[], principal=made)
        return made, {"Authorization": f"Bearer {issued.secret}"}

    async def ask(self, query: str, **variables: Any) -> Any:  # noqa: ANN401 - JSON
        """Ask as the administrator, and return the one root field."""
        data = await self.client.data(query, variables, headers=self.headers)
        return next(iter(data.values()))


@pytest.fixture
async def people(client: Client, shop: Shop) -> People:
    people = People(client, shop)
    people.administrator, people.headers = await people.make("root", "administrator")
    return people


async def test_somebody_is_made_given_roles_seen_and_ended(people: People) -> None:
    wanted = [{"name": "Eva", "email": "eva@shop.example"}, {"email": "nobody"}]
    made, refused = (await people.ask(PUT, input=wanted))["results"]
    assert refused["principal"] is None
    assert refused["errors"] == [{"code": "INVALID_INPUT", "field": "name"}]
    eva = made["principal"]["id"]
    where = {"channels": ["d2c"]}
    given = await people.ask(GIVE, id=eva, role="publisher", where=where)
    assert given["principal"]["roles"] == [{"role": "publisher", "channels": ["d2c"]}]
    nowhere = {"where": {"channels": ["no"]}}
    for change, field in (({"role": "none"}, "role"), (nowhere, "channels")):
        given = await people.ask(GIVE, **{"id": eva, "role": "publisher", **change})
        assert given["errors"] == [{"code": "INVALID_INPUT", "field": field}]

    seen = await people.ask(WHOLE, id=eva)
    (role,) = seen.pop("roles")
    assert role.pop("actions")
    assert role == {
        "role": "publisher",
        "markets": None,
        "channels": ["d2c"],
        "givenBy": {"name": "root"},
    }
    assert seen == {
        "name": "Eva",
        "kind": "PERSON",
        "state": "IN_USE",
        "email": "eva@shop.example",
        "lastLoginAt": None,
        "sessions": [],
        "apiKeys": [],
    }
    assert (await people.ask(TAKE, id=eva, role="publisher"))["principal"]["roles"] == []
    for query, state in ((END, "ENDED"), (RESUME, "IN_USE")):
        (row,) = (await people.ask(query, ids=[eva]))["results"]
        assert row == {"principal": {"state": state}, "errors": []}
    (last,) = (await people.ask(END, ids=[(await people.ask("{ me { id } }"))["id"]]))["results"]
    assert last["errors"] == [{"code": "LAST_ADMINISTRATOR"}]


async def test_one_query_says_who_may_do_something(people: People) -> None:
    await people.make("anna", "rights_manager")
    await people.make("bert", "editor")
    found = await people.ask(PRINCIPALS, mayDo="rights.change", within={"market": "DE"})
    assert [each["name"] for each in found["nodes"]] == ["anna", "root"]
    wrong = {"mayDo": "rights"}
    assert await people.client.code(PRINCIPALS, wrong, headers=people.headers) == "INVALID_INPUT"


async def test_they_are_listed_by_name_page_by_page(people: People) -> None:
    for name in ("Zoe", "abel", "Bea"):
        await people.make(name)
    found = await people.ask(PRINCIPALS, search="e@SHOP", first=10)
    assert [each["name"] for each in found["nodes"]] == ["Zoe"]
    seen: list[str] = []
    after = None
    while True:
        page = await people.ask(PRINCIPALS, search="@shop.", first=3, after=after)
        seen += [each["name"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["abel", "Bea", "root", "Zoe"]


async def test_colleagues_see_names_alone(people: People) -> None:
    _, editor = await people.make("eva", "editor")
    await people.make("zoe")
    data = await people.client.data(NAMES, {"search": "zo"}, headers=editor)
    assert [each["name"] for each in data["principals"]["nodes"]] == ["zoe"]
    # an address is not searched, nor is it asked who may do what
    data = await people.client.data(NAMES, {"search": "@shop"}, headers=editor)
    assert data["principals"]["nodes"] == []
    asked = {"mayDo": "rights.change"}
    assert await people.client.code(PRINCIPALS, asked, headers=editor) == "FORBIDDEN"


TASK = """mutation ($ada: ID!) { done: createTask(text: "look", assignee: $ada) {
  task { assignee assigneePrincipal { name kind state } createdByPrincipal { name } } } }"""


async def test_ids_are_named_for_whoever_may_see_names(people: People) -> None:
    _, editor = await people.make("eva", "editor")
    for headers, named in ((editor, True), (await people.shop.key("manage.media"), False)):
        data = await people.client.data(TASK, {"ada": str(ADA.id)}, headers=headers)
        task = data["done"]["task"]
        assert task["assignee"] == str(ADA.id)
        ada = {"name": "Ada", "kind": "PERSON", "state": "IN_USE"}
        assert task["assigneePrincipal"] == (ada if named else None)
        assert task["createdByPrincipal"] == ({"name": "eva"} if named else None)
    audit = "{ audit(first: 1) { nodes { principal who { id name } } } }"
    (entry,) = (await people.ask(audit))["nodes"]
    assert entry["who"]["id"] == entry["principal"]


async def test_me_is_whoever_asks_with_what_they_sent(people: People) -> None:
    assert (await people.client.data(ME))["me"] is None
    mine, headers = await people.make("eva", "editor")
    me = (await people.client.data(ME, headers=headers))["me"]
    assert (me["name"], me["kind"], me["email"]) == ("eva", "PERSON", mine.email)
    assert [each["role"] for each in me["roles"]] == ["editor"]
    assert "media.bind" in me["actions"]
    assert "rights.change" not in me["actions"]
    scoped = await people.client.data(ME, headers=await people.shop.key("read"))
    assert [each["role"] for each in scoped["me"]["roles"]] == ["read"]


async def test_a_login_link_is_answered_once_where_links_log_in(
    people: People, settings: Settings, pool: Pool
) -> None:
    eva, _ = await people.make("eva")
    assert (await people.ask(LINK, id=str(eva.id)))["errors"] == [{"code": "LOGIN_REFUSED"}]
    for more, is_made in (({}, True), ({"local_login": False}, False)):
        changed = {"api_base": "http://127.0.0.1:8000", **more}
        async with in_process(create_app(settings.model_copy(update=changed))) as http:
            there = Client(http)
            data = await there.data(LINK, {"id": str(eva.id)}, headers=people.headers)
            done = data["done"]
            assert done["errors"] == ([] if is_made else [{"code": "LOGIN_REFUSED"}])
            if is_made:
                assert "eva" in (await http.get(done["url"])).text
    subject = f"principal/{eva.id}"
    types = await pool.fetch("SELECT type FROM audit WHERE subject = $1", subject)
    assert "login_link.created" in {each["type"] for each in types}


ROLES = "{ roles { code label actions isOwn isScope canBeGiven } }"
PUT_ROLES = """
mutation ($input: [RoleInput!]!) { done: putRoles(input: $input) {
  results { role { code label actions } errors { code field } } errors { code } } }"""


async def test_own_roles_are_put_and_listed_with_those_of_every_house(people: People) -> None:
    chief = {"code": "chief", "label": "Chief", "actions": ["rights.read", "assets.approve"]}
    rows = await people.ask(
        PUT_ROLES, input=[chief, {**chief, "code": "reader"}, {**chief, "actions": ["no"]}]
    )
    made, taken, unknown = rows["results"]
    assert made["role"] == {**chief, "actions": ["assets.approve", "rights.read"]}
    assert taken["errors"] == [{"code": "CONFLICT", "field": "code"}]
    assert unknown["errors"] == [{"code": "INVALID_INPUT", "field": "actions"}]
    every = {each["code"]: each for each in await people.ask(ROLES)}
    assert every["chief"]["isOwn"]
    assert every["chief"]["canBeGiven"]
    assert not every["anonymous"]["canBeGiven"]
    assert every["manage.rights"]["isScope"]
    meanings = await people.ask("{ actions { code allows isNarrowable } }")
    assert {each["code"] for each in meanings} >= {*every["administrator"]["actions"]}


async def test_a_call_is_bounded(people: People) -> None:
    rows = [{"email": "x"}] * (MOST_ROWS + 1)
    assert (await people.ask(PUT, input=rows))["errors"] == [{"code": "INVALID_INPUT"}]
