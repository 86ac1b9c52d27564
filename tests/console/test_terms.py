"""Licences, collections and grants as pages: changed only once what goes dark has been said."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx2
import pytest

from catalog.licences.batches import CollectionRecord, LicenceRecord
from catalog.rights.stated_instants import parse_stated_instant
from catalog.rights.terms import TermRecord, Territory
from console.pages.media.term_rows import MOST_ROWS
from tests.api.identity.browser import Browser, Forms
from tests.api.shop import Product, Shop
from tests.console.conftest import LogIn
from tests.support.stage import LONG_AGO, WORLDWIDE, StagedAsset

EVERYWHERE = TermRecord(
    territory=Territory(include=["WORLD"]),
    channels=["*"],
    usages=["*"],
    valid_from=parse_stated_instant("2020-01-01T00:00:00.123456Z"),
)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def filled(page: httpx2.Response) -> dict[str, str]:
    """Return what the form of a page holds, its ticks and texts included."""
    fields = dict(
        re.findall(r'name="(\w+)"[^>]*? value="([^"]*)" ?(?:checked|placeholder|max)', page.text)
    )
    typed = re.findall(r'type="datetime-local" name="(\w+)" value="([^"]*)"', page.text)
    return {name: unescape(value) for name, value in (*fields.items(), *typed)}


async def changed(browser: Browser, path: str, **fields: str) -> tuple[httpx2.Response, str]:
    """Fill in a form of terms, look at what would change, and change it.

    Returns:
        The page that says what would change, and where the change leads to.
    """
    form = await browser.open(path)
    typed = {**filled(form), **fields}
    review = await browser.send(form, path, {**typed, "do": "review"})
    assert review.status_code == 200, review.text
    hidden = next(kept for to, kept in Forms(review.text).found if unescape(to) == path)
    done = await browser.http.post(
        path, data={**hidden, "do": "state"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert done.status_code == 303, done.text
    return review, done.headers["location"]


@pytest.fixture
async def lamp(shop: Shop) -> StagedAsset:
    """A picture of a product, with the rights of a licence alone."""
    asset = await shop.asset()
    await shop.pool.execute("DELETE FROM rights_grant")
    await shop.link(await shop.put(Product("LAMP", "SIMPLE")), asset)
    record = LicenceRecord(code="PHOTO", licensor=HOSTILE, document="No. 7", grants=[EVERYWHERE])
    await shop.stage.licence(record, asset)
    return asset


async def test_a_licence_is_narrowed_with_what_goes_dark_said_first(
    log_in: LogIn, shop: Shop, lamp: StagedAsset
) -> None:
    ada = await log_in("rights_manager")
    listed = await ada.open("/console/licences")
    found = re.search(r'href="(/console/licences/\w+)">PHOTO', listed.text)
    assert found
    page = await ada.open(found[1])
    assert "1 asset rests on it" in page.text
    assert f"/console/assets/{lamp.public_id}" in page.text
    for each in (listed, page):
        assert "<script>alert" not in each.text
    path = f"{found[1]}/terms?of=grants"
    review, to = await changed(ada, path, include_0="FR")
    assert "1 asset goes dark somewhere at once." in review.text
    assert "LAMP" in review.text
    done = (await ada.open(to)).text
    assert "The rights are changed." in done
    assert "<li><p><time" in done.partition('id="history"')[2]  # for whoever answers for rights
    assert await shop.pool.fetchval(
        "SELECT include FROM rights_grant WHERE ended_at IS NULL AND valid_until IS NULL"
    ) == ["FR"]


async def test_what_is_not_touched_stays_exact_and_what_ends_is_dropped(
    log_in: LogIn, lamp: StagedAsset
) -> None:
    ada = await log_in("rights_manager")
    path = "/console/licences/PHOTO/terms?of=grants"
    form = await ada.open(path)
    same = await ada.send(form, path, {**filled(form), "do": "review"})
    assert "Nothing changes by this." in same.text
    dropped = await ada.send(form, path, {**filled(form), "drop_0": "1", "do": "review"})
    assert "1 asset goes dark somewhere at once." in dropped.text
    assert lamp.public_id in dropped.text
    wrong = {**filled(form), "include_0": "ATLANTIS", "until_0": "", "do": "review"}
    refused = await ada.send(form, path, wrong)
    assert refused.status_code == 422
    assert "grants[0].territory.include" in refused.text
    assert 'value="ATLANTIS"' in refused.text
    late = await ada.send(form, path, {**filled(form), "until_0": "soon", "do": "review"})
    assert late.status_code == 422


async def test_an_asset_and_a_collection_get_terms_of_their_own(log_in: LogIn, shop: Shop) -> None:
    asset = await shop.stage.asset(WORLDWIDE)
    await shop.stage.collection(CollectionRecord(code="shoot/1", name=HOSTILE), asset)
    ada = await log_in("rights_manager")
    listed = await ada.open("/console/collections")
    address = re.search(r'href="(/console/collections/[^"]+)"', listed.text)
    assert address
    page = await ada.open(address[1])
    assert "1 asset rests on it" in page.text
    assert "<script>alert" not in listed.text + page.text
    assert (await ada.open(f"{address[1]}/terms?of=grants")).status_code == 200
    own = f"/console/assets/{asset.public_id}/terms?of=restrictions"
    review, to = await changed(ada, own, include_0="DE", note_0="from autumn")
    assert "1 asset goes dark" in review.text
    page = await ada.open(to)
    assert "from autumn" in page.text
    assert re.search(r">\d+ ms</strong>", page.text)


async def test_more_than_a_form_holds_is_neither_shown_nor_lost(log_in: LogIn, shop: Shop) -> None:
    begun = (replace(WORLDWIDE, valid_from=LONG_AGO + timedelta(n)) for n in range(MOST_ROWS))
    asset = await shop.stage.asset(*begun)
    ada = await log_in("rights_manager")
    path = f"/console/assets/{asset.public_id}/terms?of=grants"
    page = await ada.open(path)
    assert "These are 100, more than a form can hold." in page.text
    assert "include_0" not in page.text
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token
    typed = {"do": "state", "token": token[1], "include_0": "DE", "channels_0": "*"}
    sent = await ada.http.post(path, data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert sent.status_code == 422
    assert await shop.pool.fetchval("SELECT count(*) FROM rights_grant") == MOST_ROWS


async def test_terms_are_for_those_who_may_change_them(log_in: LogIn, lamp: StagedAsset) -> None:
    approver, editor = await log_in("approver"), await log_in("editor", name="Bob")
    page = await approver.open("/console/licences/PHOTO")
    assert "Change grants" not in page.text
    for path in (f"/console/assets/{lamp.public_id}/terms", "/console/licences/PHOTO/terms"):
        assert (await approver.open(path)).status_code == 403
    assert (await editor.open("/console/licences")).status_code == 403
    assert (await approver.open("/console/licences/none")).status_code == 404
    assert "The whole history" not in page.text
    root = await (await log_in("administrator")).open("/console/licences/PHOTO")
    assert re.search(r'/console/audit\?subject=licence/\w+">The whole history', root.text)


async def test_empty_lists_say_what_would_stand_there(log_in: LogIn) -> None:
    ada = await log_in("rights_manager")
    for path in ("/console/licences", "/console/collections"):
        assert "They come with an import." in (await ada.open(path)).text


async def test_a_change_that_meets_another_shows_both_sides_and_can_be_sent_again(
    log_in: LogIn, shop: Shop, lamp: StagedAsset
) -> None:
    assert shop.stage.keys
    ada, eva = await log_in("rights_manager"), await log_in("rights_manager", name="Eva")
    path = f"/console/assets/{lamp.public_id}/terms?of=restrictions"
    form = await ada.open(path)
    review = await ada.send(form, path, {**filled(form), "include_0": "AT", "do": "review"})
    await changed(eva, path, include_0="FR")
    typed = {**filled(form), "include_0": "AT", "opened": opened(form)}
    for step, page in (("review", form), ("state", review)):
        met = await ada.send(page, path, {**typed, "do": step})
        assert met.status_code == 422
        assert "Somebody changed these terms" in met.text
        now, wanted = met.text.index("<td>FR</td>"), met.text.index("<td>AT</td>")
        assert met.text.index("When you opened the form") < now < wanted
    again = await ada.send(met, path, {**typed, "opened": opened(met), "do": "review"})
    assert again.status_code == 200
    assert "<td>AT</td>" in again.text
    broken = await ada.send(form, path, {**typed, "opened": "[{}]", "do": "review"})
    assert broken.status_code == 422


def opened(page: httpx2.Response) -> str:
    """Return what a form says of the terms when it was opened."""
    found = re.search('name="opened" value="([^"]*)"', page.text)
    assert found
    return unescape(found[1])
