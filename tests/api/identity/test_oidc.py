"""Logging in at an identity provider, and what is refused of it."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest

from api.identity import provider as module
from api.identity import service
from api.identity.provider import Provider, ProviderGoneError, TokenRefusedError
from catalog.access.assignments import give_role
from catalog.access.oidc import link_subject
from catalog.access.principals import create_service, end_principal
from catalog.principal import API, Principal
from tests.api.http.following import WITHDRAW
from tests.api.identity.browser import Browser, alert
from tests.api.identity.conftest import link_of
from tests.api.identity.idp import CLIENT, IdP, by_shared_secret, forger, run_idp
from tests.support.stage import Stage
from vitrine.settings import Settings

SESSION = "vitrine_session"


@pytest.fixture
async def idp() -> AsyncGenerator[IdP]:
    """An identity provider."""
    async with run_idp() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, idp: IdP) -> Settings:
    """Those of an api at which people log in by it, and services come with its tokens."""
    return settings.model_copy(update={"oidc_issuer": idp.issuer, "oidc_audience": "api"})


@pytest.fixture
async def provider(idp: IdP) -> AsyncGenerator[Provider]:
    """That provider, as the api asks it."""
    async with httpx2.AsyncClient() as http:
        yield Provider(issuer=idp.issuer, client_id=CLIENT, client_secret=None, http=http)


async def way_back(browser: Browser, to: str = "/account") -> str:
    """Go to the provider and return where it sends the browser."""
    there = await browser.open(f"/login/oidc?next={to}")
    assert there.status_code == 303, there.text
    async with httpx2.AsyncClient() as other:
        return (await other.get(there.headers["location"])).headers["location"]


async def test_a_person_logs_in_by_the_address_and_later_by_the_subject(
    browser: Browser, stage: Stage, idp: IdP, ada: Principal
) -> None:
    answer = await browser.open(await way_back(browser, "/graphql"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/graphql")
    page = await browser.open("/account")
    assert "Ada" in page.text
    assert "/account/password" not in page.text  # the provider vouches for them
    idp.claims |= {"email": "other@shop.test", "email_verified": False}
    await browser.open("/login")
    assert (await browser.open(await way_back(browser))).status_code == 303

    async with stage.changes.begin(API) as change:
        await end_principal(change, ada.id)
    told = await browser.open(await way_back(browser))
    assert told.status_code == 403
    assert "nobody here does yet" in alert(told)
    assert (await browser.open("/account")).status_code == 303


async def test_an_address_begins_so_many_logins(
    browser: Browser, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_BEGUN_OF_ADDRESS", 1)
    assert (await browser.open("/login/oidc")).status_code == 303
    told = await browser.open("/login/oidc")
    assert (told.status_code, "set-cookie" in told.headers) == (429, False)
    assert int(told.headers["retry-after"]) <= 60
    assert await stage.pool.fetchval("SELECT count(*) FROM login_attempt") == 1


async def test_an_address_links_a_person_once(
    browser: Browser, stage: Stage, idp: IdP, ada: Principal
) -> None:
    assert (await browser.open(await way_back(browser))).status_code == 303
    browser.http.cookies.clear()
    idp.claims |= {"sub": "eve-at-idp"}
    told = await browser.open(await way_back(browser))
    assert told.status_code == 403
    assert "vitrine user link" in alert(told)
    assert SESSION not in browser.http.cookies
    async with stage.changes.begin(API) as change:
        await link_subject(change, idp.issuer, "eve-at-idp", ada.id)
    assert (await browser.open(await way_back(browser))).status_code == 303


async def test_an_address_that_nobody_verified_means_nobody(
    browser: Browser, idp: IdP, ada: Principal
) -> None:
    assert ada.email == "ada@shop.test"
    for verified in (False, "true", None):
        idp.lies = {"email_verified": verified}
        assert (await browser.open(await way_back(browser))).status_code == 403
    assert SESSION not in browser.http.cookies


async def test_a_login_comes_back_once_and_to_its_own_browser(
    browser: Browser, ada: Principal
) -> None:
    assert ada
    back = await way_back(browser)
    async with httpx2.AsyncClient(base_url=browser.http.base_url) as other:
        assert (await other.get(back)).status_code == 401  # another browser
        own = await way_back(Browser(other))
        assert (await browser.open(own)).status_code == 401  # of another login
    back = await way_back(browser)
    for wrong in (
        back.replace("state=", "state=x"),
        back.split("&state")[0],
        back.replace("iss=", "iss=x"),
    ):
        assert (await browser.open(wrong)).status_code == 401, wrong
    back = await way_back(browser)
    cookies = dict(browser.http.cookies)
    assert (await browser.open(back)).status_code == 303
    browser.http.cookies.clear()
    replayed = await browser.http.get(
        back, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
    )
    assert replayed.status_code == 401
    assert "used before" in alert(replayed)


async def test_a_nonce_of_another_login_is_refused(
    browser: Browser, idp: IdP, ada: Principal
) -> None:
    assert ada
    for nonce in ("x", None, 1):
        idp.lies = {"nonce": nonce}
        assert (await browser.open(await way_back(browser))).status_code == 401
    assert SESSION not in browser.http.cookies


async def test_when_the_provider_is_gone_people_go_on_and_nobody_comes_in(
    browser: Browser, stage: Stage, idp: IdP, ada: Principal
) -> None:
    await browser.follow_link(await link_of(stage, ada))
    idp.is_broken = True
    told = await browser.open("/login/oidc")
    assert told.status_code == 503
    assert "whoever is logged in goes on" in alert(told)
    assert (await browser.open("/account")).status_code == 200
    idp.is_broken = False


@pytest.mark.parametrize(
    ("lies", "said"),
    [
        ({"iss": "https://evil.test"}, "another issuer"),
        ({"aud": "another"}, "another audience"),
        ({"aud": [CLIENT, "another"]}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "4000000000"}, "expired"),
        ({"exp": True}, "expired"),
        ({"iat": 4_000_000_000}, "clocks differ"),
        ({"nbf": 4_000_000_000}, "clocks differ"),
        ({"sub": None}, "nobody"),
        ({"sub": 7}, "nobody"),
    ],
)
async def test_a_token_that_is_not_for_us_is_refused(
    provider: Provider, idp: IdP, lies: dict[str, Any], said: str
) -> None:
    assert (await provider.claims_of(idp.token(), CLIENT))["sub"] == "ada-at-idp"
    idp.lies = lies
    with pytest.raises(TokenRefusedError, match=said):
        await provider.claims_of(idp.token(), CLIENT)


async def test_a_forged_token_is_refused(provider: Provider, idp: IdP) -> None:
    right = idp.token()
    head, body, mac = right.split(".")
    idp.signs_with = forger()
    forged = idp.token()
    confused = by_shared_secret(body, idp.keys[0].as_pem(private=False).decode())
    none = f"eyJhbGciOiJub25lIn0.{body}."
    turned = f"{head}.{body}.{mac[:-4]}AAAA"
    for token in (forged, confused, none, turned, f"{head}.{body}", "", "x", "é.é.é", "a" * 20_000):
        with pytest.raises(TokenRefusedError):
            await provider.claims_of(token, CLIENT)


async def test_keys_may_be_rotated_and_are_not_asked_for_by_each_forgery(
    provider: Provider, idp: IdP
) -> None:
    now_s = 1_000.0
    provider.monotonic_s = lambda: now_s
    await provider.claims_of(idp.token(), CLIENT)
    for _ in range(5):
        with pytest.raises(TokenRefusedError):
            await provider.claims_of("x.y.z", CLIENT)
    assert idp.asked_for_keys == 1
    idp.rotate()
    with pytest.raises(TokenRefusedError):
        await provider.claims_of(idp.token(), CLIENT)
    now_s += 11
    assert await provider.claims_of(idp.token(), CLIENT)
    assert idp.asked_for_keys == 2


async def test_clocks_may_differ_by_a_minute(provider: Provider, idp: IdP) -> None:
    now_s = 1_800_000_000.0
    provider.now_s = lambda: now_s
    for lies in ({"iat": now_s + 59, "exp": now_s + 300}, {"iat": now_s - 300, "exp": now_s - 59}):
        idp.lies = lies
        assert await provider.claims_of(idp.token(), CLIENT)
    for lies in ({"iat": now_s + 61, "exp": now_s + 300}, {"iat": now_s - 300, "exp": now_s - 61}):
        idp.lies = lies
        with pytest.raises(TokenRefusedError):
            await provider.claims_of(idp.token(), CLIENT)


async def test_what_was_known_is_used_on_while_the_provider_is_gone(
    provider: Provider, idp: IdP
) -> None:
    now_s = 1_000.0
    provider.monotonic_s = lambda: now_s
    await provider.claims_of(idp.token(), CLIENT)
    idp.is_broken, now_s = True, 10_000.0
    assert await provider.claims_of(idp.token(), CLIENT)


async def test_a_provider_that_is_another_is_not_believed(
    provider: Provider, idp: IdP, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 1_000.0
    provider.monotonic_s = lambda: now_s
    monkeypatch.setattr(idp, "issuer", "https://evil.test")
    with pytest.raises(ProviderGoneError, match="another issuer"):
        await provider.claims_of("x.y.z", CLIENT)
    with pytest.raises(ProviderGoneError, match="does not answer"):  # it is not asked again
        await provider.claims_of("x.y.z", CLIENT)
    now_s += 2
    monkeypatch.setattr(module, "MAX_ANSWER_BYTES", 10)
    with pytest.raises(ProviderGoneError, match="out of order"):
        await provider.claims_of("x.y.z", CLIENT)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://idp.test/keys", True),
        ("http://127.0.0.1:1/keys", True),
        ("http://idp.test/keys", False),
        ("file:///etc/passwd", False),
        (None, False),
    ],
)
def test_a_provider_is_asked_by_https_or_on_this_machine(url: object, *, safe: bool) -> None:
    assert module.is_safe(url) is safe


ASKED = {"query": "{ purgeDrivers { __typename } }"}


async def code_of(http: httpx2.AsyncClient, **headers: str) -> str | None:
    """Ask for what administrators may see, and return the error's code."""
    answer = await http.post("/graphql", json=ASKED, headers=headers)
    body = answer.json()
    code = body["errors"][0]["extensions"]["code"] if "errors" in body else None
    assert (code == "TOKEN_REFUSED") == (answer.status_code == 401)
    return code


async def test_a_service_comes_with_a_token_and_may_what_its_roles_say(
    http: httpx2.AsyncClient, stage: Stage, idp: IdP
) -> None:
    def bearer(**claims: object) -> dict[str, str]:
        return {"Authorization": f"Bearer {idp.token(**claims)}"}

    right = bearer(aud="api", sub="robot-at-idp")
    assert await code_of(http, **right) == "TOKEN_REFUSED"  # nobody is meant
    async with stage.changes.begin(API) as change:
        robot = await create_service(change, name="robot")
        await link_subject(change, idp.issuer, "robot-at-idp", robot.id)
    right = bearer(aud="api", sub="robot-at-idp", jti="2")
    assert await code_of(http, **right) == "FORBIDDEN"
    async with stage.changes.begin(API) as change:
        await give_role(change, robot.id, "administrator")
    right = bearer(aud="api", sub="robot-at-idp", jti="3")
    assert await code_of(http, **right) is None
    asset = await stage.asset()
    change_of = {"query": WITHDRAW, "variables": {"id": asset.public_id}}
    assert (await http.post("/graphql", json=change_of, headers=right)).status_code == 200
    row = await stage.pool.fetchrow("SELECT * FROM audit WHERE actor = $1", robot.id)
    assert row is not None
    assert (row["api_key"], row["session"]) == (None, None)  # a token is neither
    for wrong in ({"aud": CLIENT}, {"exp": 1}, {"iss": "https://evil.test"}):
        claims = {"aud": "api", "sub": "robot-at-idp", **wrong}
        assert await code_of(http, **bearer(**claims)) == "TOKEN_REFUSED"
    async with stage.changes.begin(API) as change:
        await end_principal(change, robot.id)
    assert await code_of(http, **bearer(aud="api", sub="robot-at-idp", jti="4")) == "TOKEN_REFUSED"


async def test_a_person_does_not_come_with_a_token(
    http: httpx2.AsyncClient, stage: Stage, idp: IdP, ada: Principal
) -> None:
    async with stage.changes.begin(API) as change:
        await link_subject(change, idp.issuer, "ada-at-idp", ada.id)
        await give_role(change, ada.id, "administrator")
    bearer = {"Authorization": f"Bearer {idp.token(aud='api')}"}
    assert await code_of(http, **bearer) == "TOKEN_REFUSED"


async def test_the_graph_knows_the_person_of_a_session_on_a_page_of_its_own(
    browser: Browser, stage: Stage, ada: Principal
) -> None:
    async with stage.changes.begin(API) as change:
        await give_role(change, ada.id, "administrator")
    assert await code_of(browser.http) == "UNAUTHENTICATED"
    await browser.follow_link(await link_of(stage, ada))
    assert await code_of(browser.http, **{"Sec-Fetch-Site": "same-origin"}) is None
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.test"}):
        assert await code_of(browser.http, **headers) == "UNAUTHENTICATED"
