"""API keys over HTTP: the secret is shown once; one's own, and those of everybody."""

from typing import Any

from catalog.access.role_giving import RoleRecord, put_roles
from catalog.graph.cursors import write_cursor
from tests.api.client import Client
from tests.api.schema.test_principals import People, people
from tests.support.people import TEST

__all__ = ["people"]

CREATE = """
mutation ($input: ApiKeyInput!) { done: createApiKey(input: $input) {
  key { id name state scopes principal { name } owner { name } allows { role } expiresAt }
  secret errors { code field } } }"""
ROTATE = """
mutation ($id: ID!, $overlap: Int) { done: rotateApiKey(id: $id, overlapSeconds: $overlap) {
  key { id name } secret errors { code field } } }"""
END = """
mutation ($ids: [ID!]!) { done: endApiKeys(ids: $ids) {
  results { id key { state } errors { code } } errors { code } } }"""
KEYS = """
query ($principal: ID, $state: ApiKeyState, $first: Int, $after: String) {
  apiKeys(principal: $principal, state: $state, first: $first, after: $after) {
    nodes { id name state successor } pageInfo { hasNextPage endCursor } } }"""
ME = "{ me { name } }"


async def known(client: Client, secret: str) -> str | None:
    body = await client.ask(ME, headers={"Authorization": f"Bearer {secret}"})
    return body["data"]["me"]["name"] if "data" in body else None


async def test_a_key_is_made_rotated_and_ended(people: People) -> None:
    ended = {"name": "cms", "scopes": ["read"], "expiresAt": "2020-01-01T00:00:00Z"}
    refused = await people.ask(CREATE, input=ended)
    assert (refused["key"], refused["secret"]) == (None, None)
    assert refused["errors"][0]["code"] == "INVALID_INPUT"
    made = await people.ask(CREATE, input={"name": "cms", "scopes": ["read"]})
    assert made["key"]["principal"] == {"name": "cms"}
    assert await known(people.client, made["secret"]) == "cms"

    key = made["key"]["id"]
    following = await people.ask(ROTATE, id=key)
    assert following["errors"] == []
    assert await known(people.client, made["secret"]) == "cms"
    assert await known(people.client, following["secret"]) == "cms"
    again = await people.ask(ROTATE, id=key)
    assert again["errors"] == [{"code": "NOT_FOUND", "field": "id"}]
    too_long = await people.ask(ROTATE, id=following["key"]["id"], overlap=-1)
    assert too_long["errors"] == [{"code": "INVALID_INPUT", "field": "overlapSeconds"}]
    states = {each["id"]: each for each in (await people.ask(KEYS))["nodes"]}
    assert (states[key]["state"], states[key]["successor"]) == ("REPLACED", following["key"]["id"])

    ids = [following["key"]["id"], "nonsense"]
    assert (await people.ask(END, ids=ids))["errors"] == [{"code": "NOT_FOUND"}]
    row, absent = (await people.ask(END, ids=[ids[0], str(people.administrator.id)]))["results"]
    assert row == {"id": ids[0], "key": {"state": "ENDED"}, "errors": []}
    assert absent["errors"] == [{"code": "NOT_FOUND"}]
    for secret in (made["secret"], following["secret"]):
        assert await known(people.client, secret) is None


async def test_of_ones_own_keys_one_has_the_keeping_and_sees_no_others(people: People) -> None:
    eva, headers = await people.make("eva", "editor")
    _, other = await people.make("other", "editor")
    (theirs,) = (await people.client.data(KEYS, headers=other))["apiKeys"]["nodes"]

    async def ask(query: str, **variables: Any) -> Any:  # noqa: ANN401 - JSON
        data = await people.client.data(query, variables, headers=headers)
        return next(iter(data.values()))

    own = await ask(CREATE, input={"name": "mine", "principal": str(eva.id)})
    assert [each["role"] for each in own["key"]["allows"]] == ["editor"]
    for wanted, code in (
        ({"name": "x"}, "FORBIDDEN"),
        ({"name": "x", "principal": str(people.administrator.id)}, "FORBIDDEN"),
        ({"name": "x", "principal": str(eva.id), "scopes": ["admin"]}, "EXCEEDS_OWN_RIGHTS"),
    ):
        assert (await ask(CREATE, input=wanted))["errors"][0]["code"] == code
    assert [each["name"] for each in (await ask(KEYS))["nodes"]] == ["mine", "eva"]
    assert (await ask(KEYS, principal=str(people.administrator.id)))["nodes"] == []
    (hidden,) = (await ask(END, ids=[theirs["id"]]))["results"]
    assert hidden["errors"] == [{"code": "NOT_FOUND"}]
    assert (await ask(ROTATE, id=theirs["id"]))["errors"][0]["code"] == "NOT_FOUND"
    (done,) = (await ask(END, ids=[own["key"]["id"]]))["results"]
    assert done["key"] == {"state": "ENDED"}


async def test_keys_are_listed_by_state_page_by_page(people: People) -> None:
    for name in ("a", "b", "c"):
        await people.ask(CREATE, input={"name": name, "scopes": ["read"]})
    first = await people.ask(KEYS, state="IN_USE", first=3)
    rest = await people.ask(KEYS, state="IN_USE", first=3, after=first["pageInfo"]["endCursor"])
    names = [each["name"] for page in (first, rest) for each in page["nodes"]]
    assert names == ["c", "b", "a", "root"]
    assert not rest["pageInfo"]["hasNextPage"]
    assert (await people.ask(KEYS, state="ENDED"))["nodes"] == []
    before_time = write_cursor("API_KEYS", "0001-01-01T00:00:00+14:00", str(TEST.id))
    asked = {"after": before_time}
    assert await people.client.code(KEYS, asked, headers=people.headers) == "INVALID_CURSOR"


SCIM = "mutation { done: createScimToken { token errors { code } } }"
END_SCIM = "mutation { done: endScimTokens { ended errors { code } } }"


async def test_tokens_of_a_provider_are_made_and_ended(people: People) -> None:
    token = (await people.ask(SCIM))["token"]

    async def status() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return (await people.client.http.get("/scim/v2/Users", headers=headers)).status_code

    assert await status() == 200
    assert (await people.ask(END_SCIM))["ended"] == 1
    assert await status() == 401


LINK = "mutation ($id: ID!) { done: createLoginLink(principal: $id) { errors { code } } }"


async def test_who_manages_people_and_is_no_administrator_comes_as_nobody_else(
    people: People,
) -> None:
    actions = frozenset({"people.manage", "keys.manage", "keys.own"})
    async with people.shop.stage.changes.begin(TEST) as change:
        await put_roles(change, [RoleRecord(code="lead", name="Lead", actions=actions)])
    lead, headers = await people.make("lead", "lead")
    later_chief, _ = await people.make("bob")

    async def codes(query: str, **variables: str) -> list[str]:
        data = await people.client.data(query, variables, headers=headers)
        return [each["code"] for each in data["done"]["errors"]]

    assert await codes(LINK, id=str(later_chief.id)) == ["EXCEEDS_OWN_RIGHTS"]
    assert await codes(LINK, id=str(lead.id)) == ["LOGIN_REFUSED"]  # here nobody logs in
    assert await codes(SCIM) == ["EXCEEDS_OWN_RIGHTS"]
    assert await codes(END_SCIM) == ["EXCEEDS_OWN_RIGHTS"]
