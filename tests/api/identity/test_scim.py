"""SCIM 2.0: the whole of its conformance checks, its token, and who leaves is out."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from api.app import create_app
from api.identity import scim as bounds
from api.identity import scim_storage
from api.identity.scim import MAX_OPERATIONS, MAX_RESULTS
from api.identity.site import SESSION_COOKIE
from catalog.access.assignments import give_role
from catalog.access.commands import create_key
from catalog.access.principals import end_principal, find_named
from catalog.access.scim import create_token
from catalog.access.session_model import Login
from catalog.access.sessions import begin_session
from catalog.principal import API, Principal
from tests.api.identity.browser import Browser
from tests.api.identity.conftest import link_of
from tests.support.serve import serve
from tests.support.stage import Stage
from tests.support.waiting import eventually
from vitrine.settings import Settings

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


async def token_of(stage: Stage) -> str:
    async with stage.changes.begin(API) as change:
        return await create_token(change)


@pytest.fixture
async def scim(base_url: str, stage: Stage) -> AsyncGenerator[httpx2.AsyncClient]:
    """An identity provider."""
    headers = {"Authorization": f"Bearer {await token_of(stage)}"}
    async with httpx2.AsyncClient(base_url=f"{base_url}/scim/v2", headers=headers) as client:
        yield client


async def test_all_checks_of_the_tester_pass(scim: httpx2.AsyncClient, base_url: str) -> None:
    def check() -> list[Any]:
        with httpx2.Client(base_url=f"{base_url}/scim/v2", headers=scim.headers) as client:
            return check_server(SyncSCIMClient(client))

    results = await asyncio.to_thread(check)
    wrong = [(each.title, each.reason) for each in results if each.status is not Status.SUCCESS]
    assert wrong == []
    assert len(results) > 100


def user(name: str, **more: object) -> dict[str, object]:
    emails = [{"value": f"{name}@shop.test", "primary": True}]
    return {"schemas": [USER], "userName": name, "emails": emails, **more}


def patch(*operations: object) -> dict[str, object]:
    return {"schemas": [PATCH], "Operations": list(operations)}


async def test_nothing_is_said_without_a_token_that_works(
    base_url: str, stage: Stage, scim: httpx2.AsyncClient
) -> None:
    async with httpx2.AsyncClient(base_url=f"{base_url}/scim/v2") as http:
        for sent in ({}, {"Authorization": "Bearer none"}, {"Authorization": "Basic eDp5"}):
            for path in ("/Users", "/ServiceProviderConfig", "/nothing", ""):
                answer = await http.get(path, headers=sent)
                assert answer.status_code == 401
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert "nothing" not in answer.text
    await token_of(stage)
    assert (await scim.get("/Users")).status_code == 200  # the one before works on
    await token_of(stage)
    assert (await scim.get("/Users")).status_code == 401
    assert await stage.pool.fetchval("SELECT count(*) FROM scim_token WHERE ended_at IS NULL") == 2


async def test_who_is_set_inactive_is_out_and_comes_back_with_nothing(
    scim: httpx2.AsyncClient, stage: Stage, browser: Browser
) -> None:
    made = (await scim.post("/Users", json=user("ada", displayName="Ada"))).json()
    async with stage.pool.acquire() as conn:
        ada = await find_named(conn, "ada@shop.test")
    assert (made["id"], ada.name) == (f"{ada.id}", "Ada")
    await browser.follow_link(await link_of(stage, ada))
    assert (await browser.open("/account")).status_code == 200
    link = await link_of(stage, ada)
    async with stage.changes.begin(API) as change:
        key = await create_key(change, name="Ada's", scopes=["read"], principal=ada)

    # as Entra writes it: another case, and a text for a boolean
    off = patch({"op": "Replace", "path": "active", "value": "False"})
    answer = await scim.patch(f"/Users/{made['id']}", json=off)
    assert answer.status_code == 204
    assert (await scim.get(f"/Users/{made['id']}")).json()["active"] is False
    assert (await browser.open("/account")).status_code == 303
    assert (await browser.open(link)).status_code == 401
    asked = {"query": "{ __typename }"}
    bearer = {"Authorization": f"Bearer {key.secret}"}
    assert (await browser.http.post("/graphql", json=asked, headers=bearer)).status_code == 401

    on = patch({"op": "replace", "value": {"active": True, "displayName": "Ada L."}})
    assert (await scim.patch(f"/Users/{made['id']}", json=on)).status_code == 204
    assert (await browser.open("/account")).status_code == 303
    assert (await browser.http.post("/graphql", json=asked, headers=bearer)).status_code == 401
    await browser.follow_link(await link_of(stage, ada))
    assert "Ada L." in (await browser.open("/account")).text

    assert (await scim.delete(f"/Users/{made['id']}")).status_code == 204
    assert (await browser.open("/account")).status_code == 303
    assert (await scim.get(f"/Users/{made['id']}")).status_code == 404


async def code_of(http: httpx2.AsyncClient, url: str, headers: dict[str, str]) -> str | None:
    """Ask for what staff may see, and return the code of the error; None: they were answered."""
    asked = {"query": "{ tasks(first: 1) { nodes { id } } }"}
    answer = (await http.post(url, json=asked, headers=headers)).json()
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None


async def test_who_is_set_inactive_is_out_of_every_process_by_all_that_they_are_known_by(
    scim: httpx2.AsyncClient, stage: Stage, base_url: str, settings: Settings
) -> None:
    made = (await scim.post("/Users", json=user("ada"))).json()
    async with stage.changes.begin(API) as change:
        ada = await find_named(change.conn, "ada@shop.test")
        await give_role(change, ada.id, "rights_manager")
        own = await create_key(change, name="own", scopes=[], principal=ada)
        owned = await create_key(change, name="owned", scopes=["admin"], owner=ada)
        session = await begin_session(
            change, ada.id, login=Login.OIDC, times=settings.session_times
        )
    credentials = (
        {"Cookie": f"{SESSION_COOKIE}={session.secret}"},
        {"Authorization": f"Bearer {own.secret}"},
        {"Authorization": f"Bearer {owned.secret}"},
    )
    async with serve(create_app(settings)) as other_url, httpx2.AsyncClient() as http:

        async def codes() -> set[str | None]:
            return {
                await code_of(http, f"{url}/graphql", headers)
                for headers in credentials
                for url in (base_url, other_url)
            }

        assert await codes() == {None}
        off = patch({"op": "replace", "path": "active", "value": False})
        assert (await scim.patch(f"/Users/{made['id']}", json=off)).status_code == 204

        async def is_out() -> bool:
            return await codes() == {"UNAUTHENTICATED"}

        await eventually(is_out)
    (entry,) = await stage.pool.fetch(
        "SELECT audit.data, principal.name FROM audit JOIN principal ON principal.id = audit.actor "
        "WHERE audit.type = 'principal.ended'"
    )
    assert entry["name"] == "scim"
    assert {*entry["data"]["keys_revoked"]} == {f"{own.key.id}", f"{owned.key.id}"}


async def test_users_are_found_and_are_nobody_elses(
    scim: httpx2.AsyncClient, stage: Stage, ada: Principal
) -> None:
    taken = await scim.post("/Users", json=user("ada", externalId="X-1", password="not to be kept"))
    assert taken.json()["id"] == f"{ada.id}"  # the person who was here before
    assert "not to be kept" not in await stage.pool.fetchval(
        "SELECT string_agg(document::text, '') FROM scim_resource"
    )
    assert (await scim.post("/Users", json=user("ADA"))).json()["scimType"] == "uniqueness"
    bob = (await scim.post("/Users", json=user("bob"))).json()
    again = {"emails": [{"value": "ada@shop.test"}], "userName": "bobby"}
    assert (await scim.put(f"/Users/{bob['id']}", json=user("bob") | again)).status_code == 409
    assert (await scim.get(f"/Users/{bob['id']}")).json()["userName"] == "bob"
    config = (await scim.get("/ServiceProviderConfig")).json()
    assert config["filter"]["maxResults"] == MAX_RESULTS
    for wanted, names in (
        ('userName eq "ADA"', ["ada"]),
        ('externalId eq "X-1"', ["ada"]),
        ('externalId eq "x-1"', []),
        (f'id eq "{bob["id"]}"', ["bob"]),
        ('id eq "none"', []),
        ('emails[type eq "work"] or userName sw "b"', ["bob"]),
        ('userName eq "ada" and active eq false', []),
    ):
        found = (await scim.get("/Users", params={"filter": wanted})).json()
        assert [each["userName"] for each in found.get("Resources", ())] == names, wanted
        assert found["totalResults"] == len(names)


async def test_who_has_roles_is_not_taken_over_and_keeps_the_address(
    scim: httpx2.AsyncClient, stage: Stage, ada: Principal
) -> None:
    made = (await scim.post("/Users", json=user("bob"))).json()
    async with stage.changes.begin(API) as change:
        for each in (ada.id, UUID(made["id"])):
            await give_role(change, each, "administrator")
    refused = await scim.post("/Users", json=user("ada"))
    assert (refused.status_code, refused.json()["scimType"]) == (409, "uniqueness")
    assert "by hand" in refused.json()["detail"]
    bob = f"/Users/{made['id']}"
    evil = {"emails": [{"value": "evil@shop.test"}]}
    for change_of in (
        scim.put(bob, json=user("bob") | evil),
        scim.patch(bob, json=patch({"op": "replace", "value": evil})),
        scim.put(bob, json={"schemas": [USER], "userName": "bob"}),
    ):
        assert (await change_of).status_code == 409
    assert (await scim.put(bob, json=user("bob", displayName="Bob B."))).status_code == 200
    off = patch({"op": "replace", "path": "active", "value": False})
    assert (await scim.patch(bob, json=off)).status_code == 204
    assert (await scim.put(bob, json=user("bob") | evil)).status_code == 409
    row = await stage.pool.fetchrow(
        "SELECT name, email, ended_at FROM principal WHERE id = $1", UUID(made["id"])
    )
    assert row is not None
    assert (row["name"], row["email"]) == ("Bob B.", "bob@shop.test")
    assert row["ended_at"] is not None


async def test_who_was_ended_here_stays_so_whatever_the_provider_says(
    scim: httpx2.AsyncClient, stage: Stage
) -> None:
    made = (await scim.post("/Users", json=user("ada", active=True))).json()
    path = f"/Users/{made['id']}"
    async with stage.changes.begin(API) as change:
        await end_principal(change, UUID(made["id"]))
    for document in (
        user("ada"),
        user("ada", active=True),
        user("ada", active=False),
        user("ada", active=True),
    ):
        assert (await scim.put(path, json=document)).json()["active"] is False
        assert (await scim.get(path)).json()["active"] is False
    renamed = patch({"op": "replace", "path": "displayName", "value": "Ada L."})
    assert (await scim.patch(path, json=renamed)).status_code == 204
    assert await stage.pool.fetchval(
        "SELECT ended_at IS NOT NULL FROM principal WHERE id = $1", UUID(made["id"])
    )


async def test_who_was_set_inactive_comes_back_when_it_is_said(
    scim: httpx2.AsyncClient, stage: Stage
) -> None:
    made = (await scim.post("/Users", json=user("ada", active=False))).json()
    path = f"/Users/{made['id']}"
    for said, is_in_use in (({}, False), ({}, False), ({"active": True}, True), ({}, True)):
        answer = await scim.put(path, json=user("ada", **said))
        assert answer.json().get("active") == said.get("active")
        found = await stage.pool.fetchval(
            "SELECT ended_at IS NULL FROM principal WHERE id = $1", UUID(made["id"])
        )
        assert found is is_in_use


async def test_a_group_loses_who_is_deleted_and_no_member_to_a_race(
    scim: httpx2.AsyncClient,
) -> None:
    group = (await scim.post("/Groups", json={"schemas": [GROUP], "displayName": "All"})).json()
    users = [(await scim.post("/Users", json=user(f"u{n}"))).json() for n in range(4)]
    added = await asyncio.gather(
        *(
            scim.patch(
                f"/Groups/{group['id']}",
                json=patch({"op": "add", "path": "members", "value": [{"value": each["id"]}]}),
            )
            for each in users
        )
    )
    assert {answer.status_code for answer in added} == {204}
    assert len((await scim.get(f"/Groups/{group['id']}")).json()["members"]) == 4
    await scim.delete(f"/Users/{users[0]['id']}")
    left = (await scim.get(f"/Groups/{group['id']}")).json()["members"]
    assert {each["value"] for each in left} == {each["id"] for each in users[1:]}


async def test_what_is_made_to_hurt_is_refused(
    scim: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = (await scim.post("/Users", json=user("ada"))).json()
    for wanted in (
        "(" * 500 + 'userName eq "a"' + ")" * 500,
        "not (" * 100 + 'userName eq "a"' + ")" * 100,
        'userName eq "a" and ' * 100 + 'userName eq "a"',
        'userName eq "a\0"',
        "userName eq",
        "' OR 1=1 --",
    ):
        answer = await scim.get("/Users", params={"filter": wanted})
        assert answer.status_code == 400, wanted[:40]
    path = f"/Users/{ada['id']}"
    for operations in (
        [{"op": "replace", "path": "emails[" * 200, "value": "x"}],
        [{"op": "replace", "path": "x" * 2_000, "value": "x"}],
        [{"op": "replace", "path": "id", "value": "x"}],
        [{"op": "replace", "path": "displayName", "value": "a\0b"}],
        [{"op": "replace", "path": "displayName", "value": "x"}] * (MAX_OPERATIONS + 1),
        [{"op": "explode"}],
        "none",
    ):
        answer = await scim.patch(path, json=patch(*operations))
        assert answer.status_code == 400, operations[0]
    for body in (b"", b"[]", b"{", b"[" * 100_000, b'{"userName": "\\ud800"}', b"\xff"):
        answer = await scim.post(
            "/Users", content=body, headers={"Content-Type": "application/scim+json"}
        )
        assert answer.status_code == 400, body[:20]
    monkeypatch.setattr(bounds, "MAX_SCIM_BYTES", 1_000)
    assert (await scim.post("/Users", json=user("x" * 1_000))).status_code == 413
    assert (await scim.get("/Users/%00")).status_code == 404
    monkeypatch.setattr(scim_storage, "MAX_SCANNED", 0)
    answer = await scim.get("/Users", params={"filter": 'userName sw "a"'})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "tooMany")
    assert (await scim.get(path)).json()["userName"] == "ada"
    assert "displayName" not in (await scim.get(path)).json()
