"""A browser as far as logins need one: it keeps cookies, opens pages, and sends their forms."""

import re
import time
from base64 import b32decode
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser

import httpx2
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SAME_ORIGIN: Mapping[str, str] = {"Sec-Fetch-Site": "same-origin"}


class Forms(HTMLParser):
    """The forms of a page: where each is sent, and what its hidden fields hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append((given.get("action") or "", {}))
        elif tag == "input" and self.found and given.get("type") == "hidden":
            self.found[-1][1][given["name"] or ""] = given["value"] or ""


class Browser:
    """One browser at one api."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def open(self, path: str, **headers: str) -> httpx2.Response:
        """Return a page, without following where it leads."""
        return await self.http.get(path, headers=headers)

    async def send(
        self,
        page: httpx2.Response,
        action: str,
        fields: Mapping[str, str] = {},
        headers: Mapping[str, str] = SAME_ORIGIN,
    ) -> httpx2.Response:
        """Fill in the form of a page that goes to `action`, and send it."""
        path = action.partition("?")[0]
        forms = Forms(page.text).found
        hidden = next(
            kept for to, kept in forms if to.partition("?")[0] == path and "token" in kept
        )
        return await self.http.post(action, data={**hidden, **fields}, headers=dict(headers))

    async def follow_link(self, url: str) -> httpx2.Response:
        """Open a link that logs somebody in, and confirm it."""
        page = await self.open(url)
        assert page.status_code == 200, page.text
        return await self.send(page, "/login")


def alert(page: httpx2.Response) -> str:
    """Return what a page says went wrong."""
    found = re.search('<p role="alert">(.*?)</p>', page.text)
    return unescape(found[1]) if found else ""


def code(secret: str, off_s: int = 0) -> str:
    """Return the one-time code that an app shows for a secret, now or so many seconds later."""
    totp = TOTP(b32decode(secret), 6, SHA1(), 30)  # noqa: S303 - as apps have it
    return totp.generate(int(time.time()) + off_s).decode()
