"""What is around every page: who is let in, what pages are sent with, and how they speak."""

import re

import httpx2

from serving.in_process import MAX_GRID_FORM_BYTES
from tests.api.identity.browser import SAME_ORIGIN
from tests.console.conftest import LogIn


async def test_whoever_is_not_logged_in_is_led_to_the_login_and_back(base_url: str) -> None:
    async with httpx2.AsyncClient(base_url=base_url) as http:
        page = await http.get("/console/tasks?state=ANY")
        assert page.status_code == 303
        assert page.headers["location"] == "/login?next=%2Fconsole%2Ftasks%3Fstate%3DANY"
        opened = f"{base_url}/console/tasks?state=ANY"
        asked = {"HX-Request": "true", "HX-Current-URL": opened}
        part = await http.get("/console/under-way", headers=asked)
        back_to_the_page = page.headers["location"]
        assert (part.status_code, part.headers["hx-redirect"]) == (401, back_to_the_page)


async def test_the_menu_and_the_pages_are_those_of_the_roles(log_in: LogIn) -> None:
    reader, editor = await log_in("reader"), await log_in("editor")
    assert "/console/tasks" not in (await reader.open("/console")).text
    assert "/console/tasks" in (await editor.open("/console")).text
    refused = await reader.open("/console/tasks")
    assert refused.status_code == 403
    assert "Your roles do not allow this" in refused.text


async def test_what_is_not_there_and_what_may_not_be_seen_look_alike(log_in: LogIn) -> None:
    editor = await log_in("editor")
    for path in ("/console/no-such-page", "/console/tasks/none"):
        page = await editor.open(path)
        assert page.status_code == 404
        assert "Nothing is here" in page.text


async def test_an_address_that_asks_for_what_cannot_be_is_refused_on_a_page(log_in: LogIn) -> None:
    root = await log_in("administrator")
    for path in (
        "people?after=x",
        "people?state=BOGUS",
        "keys?after=x",
        "products?after=x",
        "assets?after=x",
        "tasks?after=x",
        "audit?since=2026-13-45",
        "search?q=%00",
        "going-dark?channel=nope",
        "presets/nope/99999999999999999999/x",
    ):
        page = await root.open(f"/console/{path}")
        assert page.status_code == 400, path
        assert "This cannot be asked" in page.text
        assert "content-security-policy" in page.headers


async def test_a_form_that_says_what_cannot_be_is_refused_on_a_page(log_in: LogIn) -> None:
    root = await log_in("administrator")
    forms = {
        "keys": (
            {"do": "create", "days": "x"},
            {"do": "create", "days": "99999999999"},
            {"do": "rotate", "hours": "²"},
            {"do": "rotate", "hours": "9" * 5_000},
            {"do": "end"},
        ),
        "people": ({"do": "end"},),
        "products": ({"do": "publish"}, {"do": "unpublish", "channel": "d2c"}),
        "tasks": ({"do": "snooze"}, {"do": "snooze", "id": "x", "days": "soon"}),
    }
    for path, sent in forms.items():
        page = await root.open(f"/console/{path}")
        for form in sent:
            answer = await root.send(page, f"/console/{path}", form, SAME_ORIGIN)
            assert answer.status_code == 400, form
            assert "This cannot be asked" in answer.text
            assert "content-security-policy" in answer.headers


async def test_pages_allow_no_code_and_no_frame_of_others(log_in: LogIn) -> None:
    page = await (await log_in("editor")).open("/console")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "img-src 'self' data: https://media.test;" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "private, no-store"
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|style=", page.text)


async def test_the_account_leads_back_to_the_console(log_in: LogIn) -> None:
    page = (await (await log_in("editor")).open("/account")).text
    assert 'href="/console"' in page
    assert re.search(r"<td>\d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC</td>", page)


async def test_files_are_kept_by_their_bytes(log_in: LogIn) -> None:
    browser = await log_in("editor")
    page = await browser.open("/console")
    for address in re.findall(r'(?:src|href)="(/console/static/[^"]+)"', page.text):
        file = await browser.open(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
    assert (await browser.open("/console/static/../app.py")).status_code == 404


async def test_language_and_theme_are_chosen_and_kept(log_in: LogIn) -> None:
    browser = await log_in("editor")
    german = await browser.open("/console/tasks", **{"Accept-Language": "de-AT,en;q=0.5"})
    assert '<html lang="de" data-theme="auto">' in german.text
    assert "Hier wartet nichts" in german.text
    chosen = {"language": "de", "theme": "dark", "next": "/console/tasks"}
    answer = await browser.http.post("/console/preferences", data=chosen)
    assert answer.headers["location"] == "/console/tasks"
    assert '<html lang="de" data-theme="dark">' in (await browser.open("/console")).text
    for elsewhere in ("https://evil.test", "//evil.test", "/console\\evil", "/account"):
        answer = await browser.http.post("/console/preferences", data={"next": elsewhere})
        assert answer.headers["location"] == "/console"


async def test_a_form_of_another_site_changes_nothing(log_in: LogIn) -> None:
    browser = await log_in("editor")
    page = await browser.open("/console/tasks")
    note = {"do": "create", "text": "Look at this"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.test"}):
        answer = await browser.send(page, "/console/tasks", note, headers)
        assert answer.status_code >= 400
    assert (await browser.http.post("/console/tasks", data=note)).status_code >= 400
    assert "Look at this" not in (await browser.open("/console/tasks")).text


async def test_hostile_text_is_shown_as_text(log_in: LogIn) -> None:
    name = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
    browser = await log_in("editor", name=name)
    page = await browser.open("/console")
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "{{ 7*7 }}" in page.text


async def test_what_a_form_did_is_said_once(log_in: LogIn) -> None:
    browser = await log_in("editor")
    page = await browser.open("/console/tasks")
    fields = {"do": "create", "text": "Check the lamps", "role": "editor"}
    sent = await browser.send(page, "/console/tasks", fields, SAME_ORIGIN)
    assert (sent.status_code, sent.headers["location"]) == (303, "/console/tasks")
    assert "It is noted." in (await browser.open("/console/tasks")).text
    assert "It is noted." not in (await browser.open("/console/tasks")).text
    session = browser.http.cookies["vitrine_session"]
    for notice in ("text=Call+0800", "text=Call+0800&mac=%C3%A4", "mac="):
        cookie = f"vitrine_session={session}; vitrine_notice={notice}"
        page = await browser.open("/console/tasks", Cookie=cookie)
        assert (page.status_code, "Call 0800" in page.text) == (200, False)


async def test_a_form_of_a_grid_is_bounded(log_in: LogIn) -> None:
    browser = await log_in("editor")
    page = await browser.open("/console/tasks")
    long = {"do": "create", "text": "x" * MAX_GRID_FORM_BYTES}
    assert (await browser.send(page, "/console/tasks", long, SAME_ORIGIN)).status_code == 400
