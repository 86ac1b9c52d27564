"""The catalogue is taken home from a page."""

from catalog.changes import Changes
from catalog.work.commands import EXPORT
from relay.works.exporting import Export
from relay.works.running import Works
from tests.api.shop import Shop
from tests.console.conftest import LogIn

PAGE = "/console/export"


async def test_what_is_chosen_is_written_and_taken_home(log_in: LogIn, shop: Shop) -> None:
    ada = await log_in("administrator")
    page = await ada.open(PAGE)
    begun = await ada.send(page, PAGE, {"do": "export", "types": "locale"})
    path = begun.headers["location"]
    works = Works(Changes(pool=shop.pool), {EXPORT: Export(shop.stage.store)})
    await works.run(path.rpartition("/")[2], is_last=True)

    shown = (await ada.open(path)).text

    assert "catalogue.jsonl" in shown
    assert "written" in shown
    assert "Mend" not in shown


async def test_a_type_that_there_is_not_is_refused_and_others_may_not(log_in: LogIn) -> None:
    ada = await log_in("administrator")
    page = await ada.open(PAGE)
    refused = await ada.send(page, PAGE, {"do": "export", "types": "secret"})
    assert refused.status_code == 422

    nothing = await ada.send(page, PAGE, {"do": "export"})
    assert nothing.status_code == 422
    assert "Choose at least one." in nothing.text

    editor = await log_in("editor")
    assert (await editor.open(PAGE)).status_code == 403
