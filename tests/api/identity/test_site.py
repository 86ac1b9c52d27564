"""Where people may log in, and where a login leads: pure."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from api.identity.site import NoLoginError, Site, way_back

PUBLIC = "https://api.shop.test"
LOOPBACK = "http://127.0.0.1:8000"


def request(client: str = "127.0.0.1", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw, "client": (client, 1)})


def refuses(site: Site, asked: Request) -> bool:
    try:
        site.check(asked)
    except NoLoginError:
        return True
    return False


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:9", "[::1]:8000"])
def test_on_loopback_the_machine_itself_logs_in(host: str) -> None:
    assert not refuses(Site(LOOPBACK), request(host=host))


def test_plain_http_from_elsewhere_is_refused() -> None:
    assert refuses(Site(LOOPBACK), request("192.0.2.1", host="127.0.0.1:8000"))
    assert refuses(Site(LOOPBACK), request(host="shop.test"))
    assert refuses(Site(LOOPBACK), request(host="127.0.0.1.shop.test"))
    assert refuses(Site(LOOPBACK), request())
    assert refuses(Site(PUBLIC), request(host="api.shop.test", x_forwarded_proto="http"))


@pytest.mark.parametrize(
    "header", ["forwarded", "via", "x_real_ip", "x_forwarded_for", "x_forwarded_proto"]
)
def test_on_loopback_nobody_logs_in_by_a_proxy_unless_it_is_trusted(header: str) -> None:
    asked = request(host="127.0.0.1:8000", **{header: "x"})
    assert refuses(Site(LOOPBACK), asked)
    assert not refuses(Site(LOOPBACK, trusts_proxy=True), asked)


def test_a_trusted_proxy_has_to_say_that_https_it_was() -> None:
    site = Site(PUBLIC, trusts_proxy=True)
    assert not refuses(site, request(host="api.shop.test", x_forwarded_proto="https"))
    assert refuses(site, request(host="api.shop.test", x_forwarded_proto="http"))
    assert refuses(site, request(host="api.shop.test"))


def test_people_log_in_at_the_one_address() -> None:
    assert not refuses(Site(PUBLIC), request("192.0.2.1", host="API.shop.test"))
    assert refuses(Site(PUBLIC), request(host="evil.test"))
    assert refuses(Site(PUBLIC), request(host="api.shop.test:8000"))
    assert refuses(Site(None), request(host="127.0.0.1"))


def test_cookies_of_https_are_of_the_host_alone() -> None:
    site, response = Site(PUBLIC), Response()
    site.set_cookie(response, site.session_cookie, "secret")
    line = response.headers["set-cookie"]
    assert line.startswith("__Host-vitrine_session=secret;")
    attributes = {each.strip().lower() for each in line.split(";")[1:]}
    assert attributes == {"path=/", "secure", "httponly", "samesite=lax"}


@pytest.mark.parametrize(
    ("wanted", "to"),
    [
        ("/graphql?query=x", "/graphql?query=x"),
        (None, "/account"),
        ("", "/account"),
        ("https://evil.test/", "/account"),
        ("//evil.test/", "/account"),
        ("/\\evil.test/", "/account"),
        ("/\t/evil.test/", "/account"),
        ("/a\\..\\evil", "/account"),
        ("/a\r\nSet-Cookie: x=y", "/account"),
        ("javascript:alert(1)", "/account"),
        ("/" + "x" * 2_000, "/account"),
    ],
)
def test_a_login_leads_nowhere_else(wanted: str | None, to: str) -> None:
    assert way_back(wanted, otherwise="/account") == to
