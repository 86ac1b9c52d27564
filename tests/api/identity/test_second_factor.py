"""Behind https a password needs a one-time code beside it, and cookies are Secure."""

import re
from base64 import b32decode, b64encode
from collections.abc import Mapping

import httpx2
import pytest

from api.app import create_app
from catalog.events.shared_setting_store import state_master_key
from catalog.principal import API, Principal
from catalog.resealing.commands import check_codes, reseal
from catalog.sealing import MasterKeys
from tests.api.identity.browser import SAME_ORIGIN, Browser, Forms, code
from tests.api.identity.conftest import PUBLIC, link_of
from tests.support.serve import serve
from tests.support.stage import Stage, master_key_text
from vitrine.settings import Settings, load_settings

PASSWORD = "correct horse battery staple"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of an api behind a proxy that ends TLS."""
    return settings.model_copy(update={"api_base": PUBLIC})


class Behind(Browser):
    """A browser behind that proxy, which sends Secure cookies although the test's line is plain."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        super().__init__(http)
        self.kept: dict[str, str] = {}

    async def open(self, path: str, **headers: str) -> httpx2.Response:
        return self._keep(await self.http.get(path, headers=self._sent(headers)))

    async def send(
        self,
        page: httpx2.Response,
        action: str,
        fields: Mapping[str, str] = {},
        headers: Mapping[str, str] = SAME_ORIGIN,
    ) -> httpx2.Response:
        hidden = next(kept for to, kept in Forms(page.text).found if to == action)
        data = {**hidden, **fields}
        return self._keep(await self.http.post(action, data=data, headers=self._sent(headers)))

    def _sent(self, headers: Mapping[str, str]) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.kept.items())
        host = PUBLIC.removeprefix("https://")
        return {"Host": host, "X-Forwarded-Proto": "https", "Cookie": cookies, **headers}

    def _keep(self, answer: httpx2.Response) -> httpx2.Response:
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            assert name.startswith("__Host-")
            assert "; Secure" in line
            self.kept[name] = value
        self.http.cookies.clear()
        return answer


async def test_a_password_needs_a_code_that_was_not_used_before(
    http: httpx2.AsyncClient, stage: Stage, ada: Principal
) -> None:
    browser = Behind(http)
    await browser.follow_link(await link_of(stage, ada))
    page = await browser.open("/account")
    await browser.send(page, "/account/password", {"password": PASSWORD})

    async def log_in(**fields: str) -> int:
        other = Behind(http)
        page = await other.open("/login")
        answer = await other.send(page, "/login", {"name": "Ada", "password": PASSWORD, **fields})
        return answer.status_code

    assert await log_in() == 401  # no codes are set up yet, so a password is not enough
    page = await browser.open("/account")
    found = re.search("secret=([A-Z2-7]+)", page.text)
    assert found
    secret = found[1]
    assert (await browser.send(page, "/account/codes", {"code": "000000"})).status_code == 401
    assert (
        await browser.send(page, "/account/codes", {"code": code(secret, -30)})
    ).status_code == 303
    sealed = await stage.pool.fetchval("SELECT totp_sealed FROM local_credential")
    assert b32decode(secret) not in sealed

    assert await log_in() == 401
    assert await log_in(code=code(secret, -30)) == 401  # turned them on, and is used up
    right = code(secret)
    assert await log_in(code=right) == 303
    assert await log_in(code=right) == 401  # replayed


async def test_codes_go_on_while_the_master_key_is_rotated(
    stage: Stage, settings: Settings, ada: Principal
) -> None:
    former = settings.master_keys()
    keys = MasterKeys([bytes(32), former.newest.secret])
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    given["master_key"] = b64encode(bytes(32)).decode()
    given["former_master_keys"] = master_key_text()
    async with (
        serve(create_app(load_settings(**given))) as url,
        httpx2.AsyncClient(base_url=url) as http,
    ):
        async with stage.pool.acquire() as conn, conn.transaction():
            await state_master_key(conn, former.newest.fingerprint, [], by=API.id)
        browser = Behind(http)
        await browser.follow_link(await link_of(stage, ada))
        page = await browser.open("/account")
        await browser.send(page, "/account/password", {"password": PASSWORD})
        page = await browser.open("/account")
        found = re.search("secret=([A-Z2-7]+)", page.text)
        assert found
        await browser.send(page, "/account/codes", {"code": code(found[1], -30)})

        async with stage.pool.acquire() as conn, conn.transaction():
            await check_codes(conn, former)  # which sealed it: the new one was not stated yet
            await state_master_key(conn, keys.newest.fingerprint, [], by=API.id)
        assert [each.count async for each in reseal(stage.changes, keys, by=API)] == [1, 1]
        other = Behind(http)
        page = await other.open("/login")
        fields = {"name": "Ada", "password": PASSWORD, "code": code(found[1])}
        assert (await other.send(page, "/login", fields)).status_code == 303


async def test_plain_http_and_other_hosts_are_refused(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/login")).status_code == 403
    told = await Behind(http).open("/login", **{"X-Forwarded-Proto": "http"})
    assert told.status_code == 403
    assert f"{PUBLIC}/login" in told.text
    assert "set-cookie" not in told.headers
