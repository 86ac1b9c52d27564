"""Pages for those who watch: home by role, search, what goes dark, health, settings, incidents."""

from datetime import timedelta

import pytest

from catalog.clock import utc_now
from catalog.delivery.replays import record_replay
from catalog.rights.model import TermInput
from tests.api.schema.test_replays import report
from tests.api.shop import Product, Shop, attribute
from tests.console.conftest import LogIn
from tests.support.people import TEST
from tests.support.stage import LONG_AGO

HOSTILE = "<script>alert(1)</script>"


async def test_home_shows_each_role_what_is_theirs(log_in: LogIn, shop: Shop) -> None:
    await shop.put(Product("LAMP", "SIMPLE"))
    await shop.pool.execute("UPDATE product SET updated_at = clock_timestamp()")
    ends = utc_now() + timedelta(days=3)
    soon = TermInput(
        include=("WORLD",), channels=("*",), usages=("*",), valid_from=LONG_AGO, valid_until=ends
    )
    asset = await shop.asset(soon, title={"en-US": HOSTILE})
    await shop.link(await shop.put(Product("CUP", "SIMPLE")), asset)
    editor = (await (await log_in("editor")).open("/console")).text
    assert "My tasks" in editor
    assert "Changed since it was published" in editor
    assert "vitrine up --empty" in editor
    assert "Goes dark" not in editor
    rights = (await (await log_in("rights_manager")).open("/console")).text
    assert "Goes dark in the next 30 days" in rights
    assert "&lt;script&gt;alert(1)" in rights
    assert HOSTILE not in rights
    reader = (await (await log_in("reader")).open("/console")).text
    assert "My tasks" not in reader
    dark = (await (await log_in("rights_manager")).open("/console/going-dark?days=7")).text
    assert asset.public_id in dark
    assert "the licence ends" in dark
    assert "CUP" in dark
    assert "places where no published product shows it" in dark
    assert HOSTILE not in dark
    later = (await (await log_in("rights_manager")).open("/console/going-dark?channel=print")).text
    assert '<option value="print" selected>' in later


async def test_what_is_searched_is_found_with_the_way_to_it(log_in: LogIn, shop: Shop) -> None:
    await shop.put(Product("LAMP", "SIMPLE"), attribute("name", "text", f"Lamp {HOSTILE}"))
    editor = await log_in("editor")
    page = (await editor.open("/console/search?q=lam")).text
    assert "LAMP" in page
    assert HOSTILE not in page
    below = (await editor.open("/console/search?q=lam", **{"HX-Target": "div#found"})).text
    assert "LAMP" in below
    assert "<html" not in below
    assert "Nothing begins with “zzz”" in (await editor.open("/console/search?q=zzz")).text
    assert "Type a code" in (await editor.open("/console/search")).text
    await shop.pool.execute("INSERT INTO task (kind, cause) VALUES ('todo', 'Dust the lamp')")
    assert 'href="/console/tasks/' in (await editor.open("/console/search?q=dust")).text


async def test_incidents_are_shown_replay_by_replay(log_in: LogIn, shop: Shop) -> None:
    rights = await log_in("rights_manager")
    assert "No replay has been kept yet" in (await rights.open("/console/incidents")).text
    async with shop.stage.changes.begin(TEST) as change:
        replay = await record_replay(change, report("asset7"))
    assert f"/console/incidents/{replay}" in (await rights.open("/console/incidents")).text
    shown = (await rights.open(f"/console/incidents/{replay}")).text
    assert "asset7" in shown
    assert "WITHDRAWN" in shown
    assert "no longer kept" in (await rights.open("/console/incidents/none")).text


@pytest.mark.usefixtures("shop")
async def test_those_who_run_the_house_see_how_it_stands(log_in: LogIn) -> None:
    admin = await log_in("administrator")
    health = (await admin.open("/console/health")).text
    assert "Not ready:" in health  # of four kinds of processes only the api runs here
    part = await admin.open("/console/health", **{"HX-Request": "true"})
    assert "<html" not in part.text
    settings = (await admin.open("/console/settings?text=lease")).text
    assert "VITRINE_LEASE_S" in settings
    assert "VITRINE_DATABASE_URL" not in settings
    assert "**********" in (await admin.open("/console/settings?text=database_url")).text
    assert "No setting fits" in (await admin.open("/console/settings?text=zzzz")).text
    assert "VITRINE_PURGE_DRIVERS" in (await admin.open("/console/purge-drivers")).text
    german = (await admin.open("/console/health", **{"Accept-Language": "de"})).text
    assert "Zustand" in german
    for path in ("health", "settings", "purge-drivers", "incidents", "going-dark"):
        assert (await (await log_in("editor")).open(f"/console/{path}")).status_code == 403


async def test_pages_and_what_can_be_done_are_found_by_those_who_may(log_in: LogIn) -> None:
    root, reader = await log_in("administrator"), await log_in("reader")
    withdraw = await root.open("/console/search?q=picture+with")
    assert ">Withdraw a picture<" in withdraw.text
    assert "<b>Audit</b>" in (await root.open("/console/search?q=aud")).text
    assert ">Withdraw a picture<" not in (await reader.open("/console/search?q=picture+with")).text
