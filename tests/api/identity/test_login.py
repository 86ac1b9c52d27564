"""Logging in and out on loopback, by a link and by password."""

import asyncio
import re

import httpx2
import pytest
from playwright.async_api import Page, expect

from api.identity import service
from catalog.access.principals import create_person
from catalog.principal import API, Principal
from serving.in_process import MAX_FORM_BYTES
from tests.api.identity.browser import SAME_ORIGIN, Browser, Forms, alert, code
from tests.api.identity.conftest import link_of
from tests.support.stage import Stage

PASSWORD = "correct horse battery staple"
COOKIE = "vitrine_session"


async def logged_in(browser: Browser, stage: Stage, person: Principal) -> httpx2.Response:
    """Log a person in by a link, and return their account's page."""
    answer = await browser.follow_link(await link_of(stage, person))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    return await browser.open("/account")


async def set_password(browser: Browser, stage: Stage, person: Principal) -> None:
    page = await logged_in(browser, stage, person)
    answer = await browser.send(page, "/account/password", {"password": PASSWORD})
    assert answer.status_code == 303, answer.text
    browser.http.cookies.clear()


async def by_password(browser: Browser, **fields: str) -> httpx2.Response:
    return await browser.send(await browser.open("/login"), "/login", fields)


async def refused_passwords(browser: Browser) -> float:
    """Return how many passwords were looked at and refused."""
    text = (await browser.open("/metrics")).text
    found = re.search(r'vitrine_logins_total\{login="password",result="refused"\} (\S+)', text)
    return float(found[1]) if found else 0.0


async def test_a_link_logs_in_once_and_not_by_being_opened(
    browser: Browser, stage: Stage, ada: Principal
) -> None:
    link = await link_of(stage, ada)
    first = await browser.open(link)
    assert "Log in as Ada" in first.text
    assert COOKIE not in browser.http.cookies
    assert (await browser.follow_link(link)).status_code == 303
    assert "Ada" in (await browser.open("/account")).text
    again = await browser.send(first, "/login")
    assert again.status_code == 403  # the page was of a login that is over
    browser.http.cookies.clear()
    over = await browser.open(link)
    assert over.status_code == 401
    assert "used before" in alert(over)


async def test_the_login_page_says_how_to_get_in_without_a_password(browser: Browser) -> None:
    page = (await browser.open("/login")).text
    assert "Ask whoever looks after people" in page
    assert "<code>.venv/bin/vitrine user login-link administrator</code>" in page


async def test_the_pages_speak_the_language_of_their_reader(
    browser: Browser, stage: Stage, ada: Principal
) -> None:
    browser.http.headers["Accept-Language"] = "de"
    link = await link_of(stage, ada)
    entry = await browser.open(link)
    assert "Als Ada anmelden" in entry.text
    await browser.send(entry, "/login")
    account = await browser.open("/account")
    assert '<html lang="de">' in account.text
    assert "Neues Passwort" in account.text
    assert '<svg role="img" aria-label="QR-Code' in account.text
    assert "style=" not in account.text
    short = await browser.send(account, "/account/password", {"password": "short"})
    assert alert(short) == "Ein Passwort hat 12 bis 200 Zeichen."
    browser.http.cookies.clear()
    over = await browser.open(link)
    assert (over.status_code, "schon benutzt" in alert(over)) == (401, True)
    browser.http.cookies.set("vitrine_language", "en")
    assert "used before" in alert(await browser.open(link))


async def test_a_browser_logs_in_by_a_link_on_loopback(
    page: Page, base_url: str, stage: Stage, ada: Principal
) -> None:
    await page.goto(f"{base_url}{await link_of(stage, ada)}")
    await page.get_by_role("button", name="Log in as Ada").click()
    await expect(page.get_by_role("cell", name="this one")).to_be_visible()
    await page.get_by_role("button", name="Log out", exact=True).click()
    await page.goto(f"{base_url}/account")
    await expect(page.get_by_role("heading")).to_have_text("Log in")


async def test_the_cookie_of_loopback_is_of_this_host_and_for_no_script(
    browser: Browser, stage: Stage, ada: Principal
) -> None:
    answer = await browser.follow_link(await link_of(stage, ada))
    (session,) = [each for each in answer.headers.get_list("set-cookie") if COOKIE in each]
    attributes = {each.strip().lower() for each in session.split(";")[1:]}
    assert attributes == {"path=/", "httponly", "samesite=lax"}


async def test_a_login_gives_another_session_than_the_browser_had(
    browser: Browser, stage: Stage, ada: Principal
) -> None:
    browser.http.cookies.set(COOKIE, "planted", domain="127.0.0.1", path="/")
    await browser.follow_link(await link_of(stage, ada))
    first = browser.http.cookies[COOKIE]
    assert first != "planted"
    await browser.follow_link(await link_of(stage, ada))
    assert browser.http.cookies[COOKIE] != first
    former = httpx2.Cookies({COOKIE: first})
    async with httpx2.AsyncClient(base_url=browser.http.base_url, cookies=former) as other:
        assert (await other.get("/account")).status_code == 303


async def test_logging_out_everywhere_ends_the_session_of_another_browser(
    browser: Browser, stage: Stage, ada: Principal
) -> None:
    async with httpx2.AsyncClient(base_url=browser.http.base_url) as http:
        other = Browser(http)
        await logged_in(other, stage, ada)
        page = await logged_in(browser, stage, ada)
        hidden = next(kept for to, kept in Forms(page.text).found if to == "/logout")
        answer = await browser.http.post(
            "/logout", data={**hidden, "everywhere": "1"}, headers=SAME_ORIGIN
        )
        assert answer.status_code == 200
        for each in (browser, other):
            answer = await each.open("/account")
            assert (answer.status_code, answer.headers["location"]) == (
                303,
                "/login?next=/account",
            )


async def test_a_password_logs_in_and_changing_it_asks_for_the_former(
    browser: Browser, stage: Stage, ada: Principal
) -> None:
    await set_password(browser, stage, ada)
    stored = await stage.pool.fetchval("SELECT password FROM local_credential")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    answer = await by_password(browser, name="Ada", password=PASSWORD)
    assert answer.status_code == 303
    page = await browser.open("/account")
    refused = await browser.send(
        page, "/account/password", {"former": "another one", "password": "x" * 12}
    )
    assert (refused.status_code, alert(refused)) == (401, "The password until now is another.")
    short = await browser.send(page, "/account/password", {"former": PASSWORD, "password": "short"})
    assert short.status_code == 400


async def test_codes_that_are_set_up_are_asked_for_on_loopback_too(
    browser: Browser, stage: Stage, ada: Principal
) -> None:
    await set_password(browser, stage, ada)
    account = await logged_in(browser, stage, ada)
    (secret,) = re.findall("secret=([A-Z2-7]+)", account.text)
    await browser.send(account, "/account/codes", {"code": code(secret)})
    browser.http.cookies.clear()
    assert 'name="code"' in (await browser.open("/login")).text
    assert (await by_password(browser, name="Ada", password=PASSWORD)).status_code == 401
    right = await by_password(browser, name="Ada", password=PASSWORD, code=code(secret, 30))
    assert right.status_code == 303


async def test_what_is_wrong_is_not_said(browser: Browser, stage: Stage, ada: Principal) -> None:
    await set_password(browser, stage, ada)
    said: set[str] = set()
    for name, password in (("Ada", "wrong"), ("Bob", PASSWORD), ("", ""), ("Ada", "")):
        answer = await by_password(browser, name=name, password=password)
        assert answer.status_code == 401
        said.add(alert(answer))
    assert len(said) == 1
    assert (await by_password(browser, name="Ada\0", password=PASSWORD)).status_code == 400
    assert COOKIE not in browser.http.cookies


async def test_too_many_failures_are_refused_before_anything_is_tried(
    browser: Browser, stage: Stage, ada: Principal, caplog: pytest.LogCaptureFixture
) -> None:
    await set_password(browser, stage, ada)
    statuses = [
        (await by_password(browser, name="Nobody", password=PASSWORD)).status_code for _ in range(9)
    ]
    assert statuses == [401] * 8 + [429]
    answer = await by_password(browser, name="Ada", password=PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) <= 60
    assert PASSWORD not in caplog.text


async def test_a_name_is_guarded_from_wherever_it_is_tried(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_FAILED_OF_NAME", 1)
    assert (await by_password(browser, name="Ada", password=PASSWORD)).status_code == 401
    assert (await by_password(browser, name="Ada", password=PASSWORD)).status_code == 429
    assert (await by_password(browser, name="Bob", password=PASSWORD)).status_code == 401


async def test_what_is_tried_at_once_is_held_to_the_limit_before_it_is_hashed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_FAILED_OF_NAME", 1)
    page = await browser.open("/login")
    tried = {"name": "Ada", "password": PASSWORD}
    before = await refused_passwords(browser)
    await asyncio.gather(*(browser.send(page, "/login", tried) for _ in range(8)))
    # as many as are hashed at a time more; twice that where a minute ends meanwhile
    assert 1 <= await refused_passwords(browser) - before <= 6


async def test_a_form_is_bounded(browser: Browser) -> None:
    answer = await by_password(browser, name="x" * MAX_FORM_BYTES)
    assert (answer.status_code, alert(answer)) == (
        400,
        "What was sent is not right: a form of this page has at most 16,384 bytes",
    )


async def test_another_site_sends_no_form(browser: Browser, stage: Stage, ada: Principal) -> None:
    page = await browser.open(await link_of(stage, ada))
    (hidden,) = [kept for _, kept in Forms(page.text).found]
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.test"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Host": "evil.test"},
        {"Content-Type": "text/plain"},
    ):
        answer = await browser.http.post("/login", data=hidden, headers=headers)
        assert answer.status_code in (400, 403), headers
    for token in ("", "0" * 64, "ü"):
        assert (await browser.send(page, "/login", {"token": token})).status_code == 403, token
    async with httpx2.AsyncClient(base_url=browser.http.base_url) as other:
        assert (await Browser(other).send(page, "/login")).status_code == 403  # without the cookie
    assert COOKIE not in browser.http.cookies
    assert (await browser.send(page, "/login")).status_code == 303  # the link is as good as before


async def test_pages_run_nothing_and_tell_nobody(browser: Browser, stage: Stage) -> None:
    async with stage.changes.begin(API) as change:
        person = await create_person(change, name="<script>alert(1)</script>")
    page = await browser.open(await link_of(stage, person))
    assert "<script>" not in page.text
    assert page.headers["referrer-policy"] == "strict-origin"
    assert page.headers["cache-control"] == "no-store"
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "&lt;script&gt;" in (await logged_in(browser, stage, person)).text
