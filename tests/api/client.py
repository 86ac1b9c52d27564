"""Asks GraphQL over real HTTP."""

from collections.abc import Mapping
from typing import Any

import httpx2


class Client:
    """Posts documents and reads answers."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return the whole answer."""
        answer = await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )
        body: dict[str, Any] = answer.json()
        return body

    async def data(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return the data of an answer that must have no errors."""
        body = await self.ask(query, variables, headers=headers)
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    async def code(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Return the code of the one error that the answer must have."""
        (error,) = (await self.ask(query, variables, headers=headers))["errors"]
        code: str = error["extensions"]["code"]
        return code
