"""Where people log in: the one address, and the cookies that its scheme allows.

Cookies with the prefix `__Host-` are Secure, of this host alone, and no subdomain can plant one
(RFC 6265bis, 4.1.3.2). Plain http is taken on loopback alone, where nothing is on the way.
"""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response

from catalog.errors import ForbiddenError

#: What the name of the cookie of a session ends with.
SESSION_COOKIE: Final = "vitrine_session"
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
#: What proxies add to a request: RFC 7239, RFC 9110 (7.6.3), and what was before them.
_OF_PROXIES = frozenset({"forwarded", "via", "x-real-ip"})
_FORWARDED = "x-forwarded-"


def login_url(base: str, secret: str) -> str:
    """Return a link that logs somebody in, as it is opened: what follows `?` is in no log of ours.

    Args:
        base: the address that people reach the api under.
        secret: of the link.
    """
    return f"{base}/login?link={secret}"


class NoLoginError(ForbiddenError):
    """Nobody can log in this way: the address is another, is not set, or is not safe."""

    code = "LOGIN_REFUSED"


class Site:
    """The address that people reach the api under.

    Args:
        base: `https://host`, or `http://` on loopback; None: nobody can log in.
        trusts_proxy: whether a proxy in front says itself by which scheme a request came, and takes
            away what the client says of it.
    """

    def __init__(self, base: str | None, *, trusts_proxy: bool = False) -> None:
        self.base = base
        self._trusts_proxy = trusts_proxy
        self.is_loopback = base is not None and base.startswith("http://")
        prefix = "" if self.is_loopback else "__Host-"
        #: The names of cookies: of a session, and of a login that goes on.
        self.session_cookie = f"{prefix}{SESSION_COOKIE}"
        self.login_cookie = f"{prefix}vitrine_login"

    def check(self, connection: HTTPConnection) -> None:
        """Refuse a request by which nobody may log in.

        Raises:
            NoLoginError: it came over plain http from elsewhere, or to another address; or by a
                proxy to a site of this machine alone.
        """
        if self.base is None:
            raise NoLoginError(
                "nobody can log in: set VITRINE_API_BASE to the https:// address of this api"
            )
        headers = connection.headers
        if self.is_loopback:
            if not (_is_loopback(connection) and _is_of_loopback(headers.get("host", ""))):
                raise NoLoginError(
                    "over plain http people log in on the machine itself: for others set "
                    "VITRINE_API_BASE to an https:// address"
                )
            if not self._trusts_proxy and any(map(_is_of_a_proxy, headers)):
                raise NoLoginError(
                    "this came by a proxy, so perhaps from another machine: set VITRINE_API_BASE "
                    "to the https:// address of that proxy; or, if nobody else reaches it, "
                    "VITRINE_API_TRUSTS_PROXY=true"
                )
        elif not self._came_by_https(headers):
            raise NoLoginError(self._plain)
        elif headers.get("host", "").lower() != urlsplit(self.base).netloc.lower():
            raise NoLoginError(f"people log in at {self.base}/login, and nowhere else")

    def _came_by_https(self, headers: Headers) -> bool:
        """Return whether it did: as a trusted proxy says, which has to say it; else as the base."""
        unsaid = "" if self._trusts_proxy else "https"
        return headers.get("x-forwarded-proto", unsaid).strip().lower() == "https"

    @property
    def _plain(self) -> str:
        if self._trusts_proxy:
            return (
                f"this came over plain http, or the proxy does not say how: log in at "
                f"{self.base}/login, and let the proxy set `X-Forwarded-Proto`"
            )
        return f"this came over plain http: log in at {self.base}/login"

    def is_same_origin(self, headers: Headers) -> bool:
        """Return whether a page of this very site asks, as far as the browser says (Fetch).

        Browsers send `Sec-Fetch-Site` to https and to loopback, and `Origin` with each POST.
        """
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        if origin is None:
            return True
        if self.is_loopback:
            return origin == f"http://{headers.get('host', '')}"
        return origin == self.base

    def set_cookie(self, response: Response, name: str, value: str) -> None:
        """Give a browser a secret that no script can read and no other site sends along by POST."""
        response.set_cookie(
            name, value, path="/", secure=not self.is_loopback, httponly=True, samesite="lax"
        )

    def drop_cookie(self, response: Response, name: str) -> None:
        """Take a secret from a browser."""
        response.delete_cookie(
            name, path="/", secure=not self.is_loopback, httponly=True, samesite="lax"
        )


def way_back(wanted: str | None, *, otherwise: str) -> str:
    r"""Return the path that a login leads to: one of this site, whatever was asked for.

    What browsers take for another host is none: `//host`, `/\host`, and control characters, which
    they pass over (WHATWG URL, 4.4).
    """
    if wanted is None or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    is_plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if is_plain and len(wanted) <= _LONGEST_WAY else otherwise


_LONGEST_WAY = 1_000


def _is_loopback(connection: HTTPConnection) -> bool:
    try:
        return connection.client is not None and (
            ipaddress.ip_address(connection.client.host).is_loopback
        )
    except ValueError:
        return False


def _is_of_a_proxy(header: str) -> bool:
    return header in _OF_PROXIES or header.startswith(_FORWARDED)


def _is_of_loopback(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK_NAMES
    except ValueError:
        return False
