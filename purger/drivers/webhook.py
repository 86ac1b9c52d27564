"""Hands purges to a service of the operator's, as Standard Webhooks 1.0 says: signed POSTs."""

import uuid
from collections.abc import Sequence

import httpx2
import orjson
from standardwebhooks import Webhook as Signer

from catalog.clock import utc_now
from edge.purge_drivers import WebhookDriver
from purger.drivers.answers import ask
from purger.drivers.model import RateLimit, Receipt


class Webhook:
    """`POST {"id": …, "tags": […]}`; any 2xx means that the tags are purged, not merely noted."""

    limit = RateLimit(per_s=20)
    max_batch = 100  # 12 KB: Standard Webhooks asks for less than 20 KB

    def __init__(self, config: WebhookDriver, client: httpx2.AsyncClient) -> None:
        self.name = config.name
        self._url = config.url
        self._signer = Signer(config.secret.get_secret_value())
        self._client = client

    async def purge(self, tags: Sequence[str], idempotency_id: uuid.UUID) -> Receipt:
        """Post the tags; `webhook-id` is the idempotency id.

        Raises:
            PurgeRejectedError: any other 4xx, or a redirect.
            PurgeUnavailableError: no answer, 408, 425, 429 or 5xx.
        """
        body = orjson.dumps({"id": str(idempotency_id), "tags": list(tags)})
        now = utc_now()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": str(idempotency_id),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(str(idempotency_id), now, body.decode()),
        }
        request = self._client.build_request("POST", self._url, content=body, headers=headers)
        await ask(self._client, request, who=self.name)
        return Receipt(nodes=1)
