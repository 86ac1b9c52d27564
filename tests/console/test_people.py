"""People, roles and keys as pages: made, given, ended; secrets and links are shown once."""

import re
from html import unescape

from tests.api.identity.browser import Browser
from tests.console.conftest import LogIn

PEOPLE, ROLES, KEYS = "/console/people", "/console/roles", "/console/keys"
HOSTILE = '<img src=x onerror="alert(1)">'


async def make(browser: Browser, name: str, **fields: str) -> str:
    """Make somebody; return the address of their page."""
    form = {"do": "create", "name": name, "kind": "PERSON", **fields}
    answer = await browser.send(await browser.open(PEOPLE), PEOPLE, form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_somebody_is_made_given_a_role_and_ended(log_in: LogIn) -> None:
    root = await log_in("administrator", name="Root")
    path = await make(root, HOSTILE, email="eva@shop.example")
    page = await root.open(path)
    assert HOSTILE not in page.text
    assert "No role yet" in page.text
    give = {"do": "give", "role": "publisher", "categories": "none"}
    refused = await root.send(page, path, give)
    assert refused.status_code == 422
    assert 'value="none"' in refused.text
    give |= {"categories": "", "channels": "d2c"}
    assert (await root.send(page, path, give)).status_code == 303
    page = await root.open(path)
    assert "The role is given." in page.text
    assert "on channels d2c" in page.text
    found = await root.open(f"{PEOPLE}?may=products.publish&channel=d2c")
    assert "eva@shop.example" in found.text
    await root.send(page, path, {"do": "take", "role": "publisher"})
    assert "No role yet" in (await root.open(path)).text
    await root.send(page, path, {"do": "describe", "kind": "PERSON", "name": "Eva", "email": ""})
    assert "<h1>Eva" in (await root.open(path)).text
    await root.send(page, path, {"do": "end"})
    assert "Eva" not in (await root.open(PEOPLE)).text
    assert "Eva" in (await root.open(f"{PEOPLE}?state=ENDED")).text
    await root.send(await root.open(path), path, {"do": "resume"})
    assert "In use again." in (await root.open(path)).text


async def test_a_link_is_shown_once_and_logs_in(log_in: LogIn) -> None:
    root, nobody = await log_in("administrator", name="Root"), await log_in()
    path = await make(root, "Eva")
    shown = await root.send(await root.open(path), path, {"do": "create_link"})
    (url,) = re.findall(r'readonly value="([^"]+)"', shown.text)
    assert "/login?link=" not in (await root.open(path)).text
    here = unescape(url).removeprefix("http://127.0.0.1:8000")
    assert (await nobody.follow_link(here)).status_code == 303
    assert "Logged in" in (await root.open(path)).text


async def test_the_last_administrator_stays_and_says_so(log_in: LogIn) -> None:
    root = await log_in("administrator", name="Root")
    page = await root.open(f"{PEOPLE}?search=Root")
    (mine,) = re.findall(r'name="id" value="([^"]+)"', page.text)
    refused = await root.send(page, PEOPLE, {"do": "end", "id": mine})
    assert refused.status_code == 422
    assert "the last administrator" in refused.text


async def test_own_roles_are_put_and_changed(log_in: LogIn) -> None:
    root, editor = await log_in("administrator"), await log_in("editor")
    page = await root.open(ROLES)
    chief = {"do": "put", "code": "chief", "label": "Chief", "action": "rights.read"}
    assert (await root.send(page, ROLES, {**chief, "code": "reader"})).status_code == 422
    assert (await root.send(page, ROLES, chief)).status_code == 303
    edited = await root.open(f"{ROLES}?edit=chief")
    assert 'value="rights.read" checked' in edited.text
    seen = await editor.open(ROLES)
    assert "Chief" in seen.text
    assert 'name="code"' not in seen.text  # may see, and not put
    assert (await editor.open(PEOPLE)).status_code == 403


async def test_a_key_is_made_rotated_and_ended(log_in: LogIn) -> None:
    root = await log_in("administrator", name="Root")
    page = await root.open(KEYS)
    assert "No key here" in page.text
    create = {"do": "create", "name": "cms", "acts": "service", "scope": "read", "days": "90"}
    made = await root.send(page, KEYS, create)
    assert "The secret of cms" in made.text
    (secret,) = re.findall(r'readonly value="(vtr_[^"]+)"', made.text)
    page = await root.open(KEYS)
    assert secret not in page.text
    (key,) = re.findall(r'name="id" value="([^"]+)"', page.text)
    rotated = await root.send(page, KEYS, {"do": "rotate", "key": key, "hours": "1"})
    assert "The secret of cms" in rotated.text
    page = await root.open(f"{KEYS}?state=ANY")
    ids = re.findall(r'name="id" value="([^"]+)"', page.text)
    assert len(ids) == 2
    assert (await root.send(page, KEYS, {"do": "end", "id": ids[0]})).status_code == 303
    assert "No key here" in (await root.open(KEYS)).text


async def test_an_editor_keeps_keys_of_their_own_alone(log_in: LogIn) -> None:
    editor = await log_in("editor")
    page = await editor.open(KEYS)
    assert 'value="service"' not in page.text
    fields = {"do": "create", "name": "mine", "days": "30"}
    assert "vtr_" in (await editor.send(page, KEYS, {**fields, "acts": "me"})).text
    for more in ({"acts": "service"}, {"acts": "me", "scope": "admin"}):
        refused = await editor.send(page, KEYS, {**fields, **more, "name": "more"})
        assert refused.status_code == 422


async def test_an_identity_provider_gets_a_token_that_is_shown_once(log_in: LogIn) -> None:
    root = await log_in("administrator")
    page = await root.open("/console/identity-provider")
    made = await root.send(page, "/console/identity-provider", {"do": "create"})
    assert "It is shown this once" in made.text
    assert "It is shown this once" not in (await root.open("/console/identity-provider")).text
    ended = await root.send(page, "/console/identity-provider", {"do": "end"})
    assert ended.status_code == 303
    assert "1 token was ended." in (await root.open("/console/identity-provider")).text
    assert (await (await log_in("editor")).open("/console/identity-provider")).status_code == 403
