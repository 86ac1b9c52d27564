"""People log in and out with a real browser, at an api behind TLS with a provider beside it."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from catalog.principal import Principal
from tests.api.identity.browser import code
from tests.api.identity.conftest import link_of
from tests.api.identity.idp import IdP, run_idp
from tests.support.axe import assert_accessible
from tests.support.chromium import Chromium
from tests.support.ports import free_port
from tests.support.stage import Stage
from tests.support.tls import end_tls
from vitrine.settings import Settings

NAME = "api.shop.test"
PASSWORD = "correct horse battery staple"


@pytest.fixture
async def idp() -> AsyncGenerator[IdP]:
    """The provider, which is another site to the browser."""
    async with run_idp() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, idp: IdP) -> Settings:
    """Those of an api that browsers reach by https."""
    base = f"https://{NAME}:{free_port()}"
    return settings.model_copy(update={"api_base": base, "oidc_issuer": idp.issuer})


@pytest.fixture
async def site(base_url: str, settings: Settings, tmp_path: Path) -> AsyncGenerator[str]:
    """Its address."""
    assert settings.api_base
    port = urlsplit(settings.api_base).port or 0
    async with end_tls(base_url, tmp_path, name=NAME, port=port):
        yield settings.api_base


@pytest.fixture
async def page(chromium: Chromium, site: str) -> AsyncGenerator[Page]:
    """A tab that believes the certificate, and may be refused a password."""
    options = {"base_url": site, "ignore_https_errors": True}
    async with chromium.open(refusals=(401,), **options) as opened:
        yield opened


async def log_in_by_link(page: Page, stage: Stage, person: Principal) -> None:
    await page.goto(await link_of(stage, person))
    await page.get_by_role("button", name=f"Log in as {person.name}").click()
    await expect(page.get_by_role("heading")).to_have_text(person.name)


async def log_out(page: Page, *, everywhere: bool = False) -> None:
    name = "Log out everywhere" if everywhere else "Log out"
    await page.get_by_role("button", name=name, exact=True).click()
    await expect(page.get_by_role("heading")).to_have_text("Logged out")


async def test_a_password_logs_in_with_the_code_of_an_app(
    page: Page, stage: Stage, ada: Principal
) -> None:
    await log_in_by_link(page, stage, ada)
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_role("button", name="Set password").click()
    shown = await page.get_by_text("authenticator app").inner_text()
    secret = re.findall(r"\b[A-Z2-7]{32}\b", shown)[0]
    await page.get_by_label("The code it shows").fill(code(secret))
    await page.get_by_role("button", name="Turn on one-time codes").click()
    await log_out(page)

    await page.goto("/account")
    for typed in ("000000", code(secret, 30)):  # the one of now turned them on, and is used up
        await page.get_by_label("Name").fill("Ada")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_label("One-time code").fill(typed)
        await page.get_by_role("button", name="Log in", exact=True).click()
        if typed == "000000":
            await expect(page.get_by_role("alert")).to_contain_text("Name, password or code")
            await assert_accessible(page, ["light"])
    await expect(page.get_by_role("cell", name="this one")).to_be_visible()
    assert urlsplit(page.url).path == "/account"


async def test_the_provider_logs_in_whoever_it_vouches_for(page: Page, ada: Principal) -> None:
    await page.goto("/account")
    await assert_accessible(page)
    await page.get_by_role("link", name="Log in at your identity provider").click()
    await expect(page.get_by_role("heading")).to_have_text(ada.name)
    await expect(page.get_by_role("cell", name="identity provider")).to_be_visible()
    await assert_accessible(page)
    (cookie,) = await page.context.cookies(page.url)
    kept = {name: cookie.get(name) for name in ("name", "secure", "httpOnly", "sameSite")}
    assert kept == {
        "name": "__Host-vitrine_session",
        "secure": True,
        "httpOnly": True,
        "sameSite": "Lax",
    }


async def test_logging_out_everywhere_logs_out_another_browser(
    page: Page, chromium: Chromium, site: str, stage: Stage, ada: Principal
) -> None:
    await page.goto(await link_of(stage, ada))
    await assert_accessible(page, ["light"])
    async with chromium.open(base_url=site, ignore_https_errors=True) as other:
        await log_in_by_link(other, stage, ada)
        await log_in_by_link(page, stage, ada)
        await log_out(page, everywhere=True)
        await assert_accessible(page, ["light"])
        await other.reload()
        await expect(other.get_by_role("heading")).to_have_text("Log in")
