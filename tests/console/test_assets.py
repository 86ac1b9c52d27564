"""Assets as pages: found by their pictures, withdrawn with what goes dark said first, and back."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from catalog.rights.commands import withdraw_asset
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import TermKind
from catalog.rights.term_commands import set_terms
from tests.api.identity.browser import Browser
from tests.api.shop import Product, Shop
from tests.console.conftest import LogIn
from tests.support.people import TEST
from tests.support.purging import purging
from tests.support.stage import LONG_AGO, WORLDWIDE, StagedAsset

MS = timedelta(milliseconds=1)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def page_of(asset: StagedAsset) -> str:
    return f"/console/assets/{asset.public_id}"


async def revised(browser: Browser, asset: StagedAsset, **fields: str) -> str:
    """Send a form of an asset's page as it stands there; return where it leads to."""
    page = await browser.open(page_of(asset))
    revision = re.search(r'name="revision" value="(\d+)"', page.text)
    assert revision
    answer = await browser.send(page, page_of(asset), {"revision": revision[1], **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_a_picture_is_withdrawn_and_reinstated_where_it_is_found(
    log_in: LogIn, shop: Shop
) -> None:
    asset = await shop.asset(replace(WORLDWIDE, include=("DE", "US")), title={"en-US": "Lamp"})
    await shop.link(await shop.put(Product("LAMP", "SIMPLE")), asset, market="DE")
    ada = await log_in("rights_manager")
    grid = await ada.open("/console/assets")
    assert "press “Withdraw”" in grid.text
    assert f'href="{page_of(asset)}"' in grid.text
    page = await ada.open(page_of(asset))
    assert "1 product loses this picture." in page.text
    to = await revised(ada, asset, do="withdraw", reason="wrong colour")
    dark = await ada.open(to)
    assert "The picture is withdrawn." in dark.text
    assert re.search(
        r'<strong class="figure">\d+ ms</strong> after the change every gate', dark.text
    )
    assert "No CDN has to be purged" in dark.text
    assert 'hx-get="/console/assets/' not in dark.text  # nothing more will be known
    assert "Undo: reinstate" in dark.text
    assert "Withdraw this picture" not in dark.text
    later = await ada.open(page_of(asset))  # whenever, and whoever may read rights
    assert re.findall(r">(\d+) ms<", later.text) == re.findall(r">(\d+) ms<", dark.text)
    assert "wrong colour" not in dark.text  # whoever reads the audit sees it there
    await revised(ada, asset, do="reinstate")
    back = await ada.open(page_of(asset))
    assert "The picture is back as it was." in back.text
    assert "Withdraw this picture" in back.text


async def test_a_hold_an_approval_and_what_is_refused(log_in: LogIn, shop: Shop) -> None:
    draft = await shop.stage.asset(WORLDWIDE, status="draft")
    ada, bob = await log_in("approver"), await log_in("rights_manager", name="Bob")
    assert "Withdraw this picture" not in (await ada.open(page_of(draft))).text
    await revised(ada, draft, do="approve")
    assert "The picture is approved." in (await ada.open(page_of(draft))).text
    page = await bob.open(page_of(draft))
    stale = {"do": "hold", "revision": "0"}
    refused = await bob.send(page, page_of(draft), stale)
    assert refused.status_code == 422
    assert "Somebody has changed it meanwhile" in refused.text
    await revised(bob, draft, do="hold", authority="https://court.test/7")
    assert "https://court.test/7" in (await bob.open(page_of(draft))).text


async def test_pictures_lead_to_signed_ones_and_say_why_there_is_none(
    log_in: LogIn, shop: Shop
) -> None:
    lit, draft = await shop.asset(), await shop.stage.asset(status="draft")
    staff, reader = await log_in("editor"), await log_in("reader", name="Bob")

    async def shown(browser: Browser, asset: str, rendition: str) -> str:
        answer = await browser.open(f"/console/picture/{asset}/{rendition}")
        assert answer.headers["cache-control"] == "private, no-store"
        if answer.status_code == 302:
            return answer.headers["location"]
        assert answer.headers["content-type"] == "image/svg+xml"
        return answer.text

    for rendition in ("card-320", "no-such-preset-10", "card-", "card-999999999999", "x"):
        url = await shown(staff, lit.public_id, rendition)
        assert url.startswith(f"https://media.test/{lit.public_id}/")
        assert ".s." in url  # by a token of staff
    assert ".w." in await shown(reader, lit.public_id, "card-320")
    assert "Draft, not approved" in await shown(staff, draft.public_id, "card-320")
    assert "Not shown here" in await shown(reader, draft.public_id, "card-320")
    assert "Not shown here" in await shown(reader, "zzzzzzzzzz", "card-320")
    anyway = await shown(staff, draft.public_id, "card-320?anyway=1")
    assert anyway.startswith("https://media.test/")


async def test_rights_are_asked_for_a_place_and_a_day(log_in: LogIn, shop: Shop) -> None:
    asset = await shop.stage.asset(replace(WORLDWIDE, include=("DE",)))
    ada = await log_in("rights_manager")
    for country, said in (("de", "may be shown"), ("US", "It is not granted in this country.")):
        page = await ada.open(f"{page_of(asset)}?channel=d2c&country={country}&at=2030-05-01")
        assert said in page.text
    await revised(ada, asset, do="withdraw")
    page = await ada.open(f"{page_of(asset)}?channel=d2c&country=DE")
    assert "It is withdrawn." in page.text
    assert "No grant comes near." not in page.text


async def test_rights_say_where_and_on_which_channels_they_hold(log_in: LogIn, shop: Shop) -> None:
    held = replace(WORLDWIDE, include=("DE",), channels=("d2c",))
    asset = await shop.asset(held, replace(held, valid_until=LONG_AGO + 9 * MS))
    await shop.pool.execute("UPDATE channel SET name = 'Our shop' WHERE code = 'd2c'")
    ada = await log_in("rights_manager")
    for path in ("/console/assets", page_of(asset)):
        page = " ".join((await ada.open(path)).text.split())
        assert "DE only on Our shop" in page
        assert "but for its restrictions" not in page
    assert page.count(">over<") == 1
    async with shop.stage.changes.begin(TEST) as change:
        await set_terms(change, ASSET, asset.public_id, TermKind.RESTRICTIONS, [WORLDWIDE])
    assert "but for its restrictions" in (await ada.open("/console/assets")).text
    await revised(ada, asset, do="withdraw")
    await shop.link(await shop.put(Product("LAMP", "SIMPLE")), asset, market="DE")
    uses = (await ada.open(page_of(asset))).text.partition('id="uses"')[2]
    assert ">shown<" not in uses.partition("</table>")[0]


async def test_what_is_seen_is_that_of_the_roles(log_in: LogIn, shop: Shop) -> None:
    asset, draft = await shop.asset(), await shop.stage.asset(status="draft")
    reader, admin = await log_in("reader"), await log_in("administrator", name="Ann")
    seen = await reader.open(page_of(asset))
    assert seen.status_code == 200
    for hidden in ("Withdraw", "Granted for this asset", "Where it is used", "Deliveries"):
        assert hidden not in seen.text
    assert (await reader.open(page_of(draft))).status_code == 404
    assert page_of(draft) not in (await reader.open("/console/assets")).text
    everything = await admin.open(page_of(asset), **{"Accept-Language": "de"})
    for heading in ("Rechte", "Wo es verwendet wird", "Versionen der Datei", "Verlauf"):
        assert heading in everything.text


async def test_filters_empty_lists_and_hostile_text(log_in: LogIn, shop: Shop) -> None:
    ada = await log_in("rights_manager")
    assert "They come with an import" in (await ada.open("/console/assets")).text
    asset = await shop.asset(title={"en-US": HOSTILE}, alt={"en-US": HOSTILE})
    await shop.stage.asset(status="draft")
    for page in (await ada.open("/console/assets"), await ada.open(page_of(asset))):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text
    drafts = await ada.open("/console/assets?status=DRAFT")
    assert page_of(asset) not in drafts.text
    nothing = await ada.open("/console/assets?text=zzzz&licence=none&status=EVIL")
    assert "No asset fits these filters." in nothing.text


async def test_the_time_at_edges_is_renewed_until_it_is_known(log_in: LogIn, shop: Shop) -> None:
    asset = await shop.asset()
    await purging(shop.pool, ["varnish"])
    async with shop.stage.changes.begin(TEST) as change:
        await withdraw_asset(change, asset.public_id)
        changed = change.recorded[0].at
    told = {"changed": changed.isoformat(), "gateways": (changed + MS).isoformat()}
    ada = await log_in("rights_manager")
    path = f"{page_of(asset)}/darkness?{urlencode(told)}"
    waiting = await ada.open(path)
    assert "varnish is being purged: 0 of" in waiting.text
    assert f'hx-get="{page_of(asset)}/darkness?' in waiting.text
    assert "varnish is being purged" in (await ada.open(f"{page_of(asset)}?{urlencode(told)}")).text
    confirm = "UPDATE purge SET state = 'confirmed', confirmed_at = $1"
    await shop.pool.execute(confirm, changed + 250 * MS)
    dark = await ada.open(path)
    assert re.findall(r">(\d+) ms<", dark.text) == ["1", "250"]
    assert "hx-get" not in dark.text
    forged = await ada.open(f"{page_of(asset)}?changed=<b>&gateways=2026-01-01")
    assert forged.status_code == 200
    assert "Measured" not in forged.text
