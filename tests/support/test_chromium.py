"""The browser of tests fails a test for what no page may do."""

import pytest

from tests.support.axe import assert_accessible
from tests.support.chromium import Chromium

HEAD = '<!doctype html><html lang="en"><title>A page</title>'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>console.error('it went wrong')</script>", "it went wrong"),
        ("<script>throw new Error('it stopped')</script>", "it stopped"),
        ('<img alt="" src="http://elsewhere.example/x.png">', "a request to another host"),
        ('<img alt="" src="http://nobody.test:9/x.png">', "net::ERR"),
    ],
)
async def test_what_no_page_may_do_is_told(chromium: Chromium, body: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        async with chromium.open() as page:
            await page.set_content(HEAD + body)


async def test_what_is_not_accessible_is_named(chromium: Chromium) -> None:
    async with chromium.open() as page:
        await page.set_content(f'{HEAD}<img src="data:,">')
        with pytest.raises(AssertionError, match=r"image-alt \(light\)"):
            await assert_accessible(page)
        await page.set_content(f'{HEAD}<img src="data:," alt="a lamp">')
        await assert_accessible(page)
