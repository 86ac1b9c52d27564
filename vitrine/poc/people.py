"""People of the proof: the identity provider makes and ends them, and they log in with a browser.

What a browser does here is what logins need of one: it keeps cookies, opens a page, sends its form.
"""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx2

from vitrine.poc.house import House, HouseError

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
_FROM_OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
_CONNECT = "mutation { createScimToken { token errors { message } } }"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """Who comes and goes, as an identity provider says it by SCIM."""

    client: httpx2.Client

    def make(self, address: str) -> str:
        """Make a person; return their id.

        Raises:
            HouseError: it is refused.
        """
        user = {"schemas": [_USER], "userName": address, "emails": [{"value": address}]}
        return _json_of(self.client.post("/Users", json=user))["id"]

    def set_inactive(self, person: str) -> None:
        """Say that a person has left.

        Raises:
            HouseError: it is refused.
        """
        operation = {"op": "replace", "path": "active", "value": False}
        body = {"schemas": [_PATCH], "Operations": [operation]}
        answer = self.client.patch(f"/Users/{person}", json=body)
        if not answer.is_success:
            raise HouseError(f"SCIM answered {answer.status_code}: {answer.text}")


@contextmanager
def identity_provider(house: House) -> Generator[IdentityProvider]:
    """Come with a bearer token that the house has made."""
    token = change(house, _CONNECT)["token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    with httpx2.Client(base_url=f"{house.api_url}/scim/v2", headers=headers, timeout=30) as client:
        yield IdentityProvider(client=client)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Somebody at the api.

    Attributes:
        client: with what they are known by: the cookie of a session, or an API key.
    """

    client: httpx2.Client

    def code(self, query: str, **variables: object) -> str | None:
        """Return the code of the first error that the graph answers; None: it answers none."""
        answer = self.graph(query, **variables)
        return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None

    def graph(self, query: str, **variables: object) -> dict[str, Any]:
        """Send a GraphQL request as a page of the api's own does, and return the answer."""
        body = {"query": query, "variables": variables}
        return self.client.post("/graphql", json=body, headers=_FROM_OWN_PAGE).json()

    def landing(self, path: str) -> str:
        """Open a page, and return the path of the one that it leads to."""
        return self.client.get(path, follow_redirects=True).url.path

    def submit(self, path: str, **fields: str) -> httpx2.Response:
        """Send the form of a page as it stands there, and return the page that it leads to."""
        return self._send(self.client.get(path), path, fields)

    def follow_link(self, link: str) -> httpx2.Response:
        """Open a link that logs somebody in, confirm it, and return the page that it leads to."""
        page = self.client.get(link)
        if not page.is_success:
            return page
        return self._send(page, "/login", {})

    def _send(self, page: httpx2.Response, path: str, fields: Mapping[str, str]) -> httpx2.Response:
        hidden = {unescape(name): unescape(value) for name, value in _HIDDEN.findall(page.text)}
        return self.client.post(
            path, data={**hidden, **fields}, headers=_FROM_OWN_PAGE, follow_redirects=True
        )


@contextmanager
def asking(house: House, *, key: str | None = None) -> Generator[Asking]:
    """Ask with an API key, or with a browser that is not logged in yet."""
    headers: Mapping[str, str] = {} if key is None else {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=house.api_url, headers=headers, timeout=30) as client:
        yield Asking(client=client)


def change(house: House, mutation: str, **variables: object) -> dict[str, Any]:
    """Change something as the administrator, by a mutation of one field; return its payload.

    Raises:
        HouseError: it was refused.
    """
    (payload,) = house.ask(mutation, as_admin=True, **variables).values()
    if payload["errors"]:
        raise HouseError(f"it was refused: {payload['errors']}")
    return payload


def _json_of(answer: httpx2.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise HouseError(f"SCIM answered {answer.status_code}: {answer.text}")
    return answer.json()
