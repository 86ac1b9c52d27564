"""Tasks as a page: noted, found, taken on, snoozed, done, commented; many at once."""

import re

from tests.api.identity.browser import Browser
from tests.console.conftest import LogIn

LIST = "/console/tasks"


async def note(browser: Browser, text: str, **fields: str) -> str:
    """Note a task; return its id."""
    page = await browser.open(LIST)
    await browser.send(page, LIST, {"do": "create", "text": text, **fields})
    return await id_of(browser, text)


async def id_of(browser: Browser, text: str, path: str = LIST) -> str:
    """Return the id of the task with this text in a list."""
    page = await browser.open(path)
    found = re.search(rf'href="/console/tasks/(\w+)">{re.escape(text)}', page.text)
    assert found, page.text
    return found[1]


async def test_a_task_is_noted_taken_on_commented_and_done(log_in: LogIn) -> None:
    ada, bob = await log_in("editor"), await log_in("editor", name="Bob")
    task = await note(ada, "Check the lamps", subject="asset/7f3k2cq9", role="media_manager")
    path = f"{LIST}/{task}"
    await ada.send(await ada.open(path), path, {"do": "assign_to_me"})
    assert await id_of(ada, "Check the lamps", f"{LIST}?mine=1") == task
    assert "Check the lamps" not in (await bob.open(f"{LIST}?mine=1")).text
    await bob.send(await bob.open(path), path, {"do": "comment", "text": "Two are broken"})
    assert "Two are broken" in (await ada.open(path)).text
    await bob.send(await bob.open(path), path, {"do": "resolve", "resolution": "mended"})
    shown = await ada.open(path)
    assert "mended" in shown.text
    assert "Check the lamps" not in (await ada.open(LIST)).text
    assert await id_of(ada, "Check the lamps", f"{LIST}?state=RESOLVED") == task


async def test_many_are_changed_at_once_and_what_failed_is_said(log_in: LogIn) -> None:
    ada = await log_in("editor")
    ids = [await note(ada, f"Look at {number}") for number in range(3)]
    page = await ada.open(LIST)
    fields = {"do": "snooze", "days": "7"}
    answer = await ada.send(page, LIST, {**fields, "id": ids[0]})
    assert answer.status_code == 303
    assert "1 task was snoozed." in (await ada.open(LIST)).text
    await ada.send(page, LIST, {"do": "resolve", "id": ids[1]})
    again = await ada.send(page, LIST, {"do": "snooze", "days": "1", "id": ids[1]})
    assert again.status_code == 422
    assert "Somebody has changed it meanwhile" in again.text


async def test_filters_stay_in_the_address_and_in_the_form(log_in: LogIn) -> None:
    ada = await log_in("editor")
    page = await ada.open(f"{LIST}?role=publisher&overdue=1")
    assert '<option value="publisher" selected>' in page.text
    assert "Nothing waits here" in page.text
    assert "Clear filters" in page.text
