"""Purges a zone of Cloudflare by cache tag (its API reference, "Purge Cached Content")."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

import httpx2
import orjson

from edge.purge_drivers import CloudflareDriver, CloudflarePlan
from purger.drivers.answers import ask
from purger.drivers.model import (
    PurgeRejectedError,
    PurgeUnavailableError,
    RateLimit,
    Receipt,
)

#: Purges by tag, of an account ("Purge cache", availability and limits): refill and bucket. Zones
#: of one account share it; what is too much for all of them is answered 429 and waited for.
LIMITS: Mapping[CloudflarePlan, RateLimit] = {
    "free": RateLimit(per_s=5 / 60, burst=25),
    "pro": RateLimit(per_s=5, burst=25),
    "business": RateLimit(per_s=10, burst=50),
    "enterprise": RateLimit(per_s=50, burst=500),
}


class Cloudflare:
    """`POST /client/v4/zones/{zone}/purge_cache` with the tags."""

    max_batch = 100

    def __init__(self, config: CloudflareDriver, client: httpx2.AsyncClient) -> None:
        self.name = config.name
        self.limit = LIMITS[config.plan]
        self._url = f"{config.api_url}/client/v4/zones/{config.zone}/purge_cache"
        self._token = config.token.get_secret_value()
        self._client = client

    async def purge(self, tags: Sequence[str], idempotency_id: uuid.UUID) -> Receipt:
        """Purge the tags.

        Raises:
            PurgeRejectedError: a wrong token or zone, or a 200 whose body says so.
            PurgeUnavailableError: no answer, none of Cloudflare's, 429, 5xx.
        """
        del idempotency_id  # a purge that is repeated does what the first one did
        request = self._client.build_request(
            "POST",
            self._url,
            json={"tags": list(tags)},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        self._check(await ask(self._client, request, who=self.name))
        return Receipt(nodes=1)

    def _check(self, response: httpx2.Response) -> None:
        """Believe only a body that says `"success": true`.

        Raises:
            PurgeRejectedError: it says something else; its codes are repeated, never its words.
            PurgeUnavailableError: it is no JSON object: something stands in Cloudflare's place.
        """
        try:
            body: object = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            raise PurgeUnavailableError(f"{self.name}: the answer is not Cloudflare's")
        answer = cast("dict[str, Any]", body)
        if answer.get("success") is not True:
            codes = ", ".join(_codes(answer.get("errors"))) or "none named"
            raise PurgeRejectedError(
                f"{self.name} answered {response.status_code} without success (errors: {codes})"
            )


def _codes(errors: object) -> list[str]:
    listed = cast("list[object]", errors) if isinstance(errors, list) else []
    named = [cast("dict[str, object]", each) for each in listed if isinstance(each, dict)]
    return [str(each["code"]) for each in named if isinstance(each.get("code"), int)]
