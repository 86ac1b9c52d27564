"""Purges a tier of Varnish by xkey; the VCL of `vitrine vcl` is the other half."""

import asyncio
import uuid
from collections.abc import Sequence

import httpx2

from edge.purge_drivers import VarnishDriver
from purger.drivers.answers import ask
from purger.drivers.model import RateLimit, Receipt

SECRET_HEADER = "X-Purge-Secret"  # noqa: S105 - a header's name


class Varnish:
    """`PURGE /` with the tags to every node; done when all have answered 2xx.

    A node that is away keeps the batch open, for it may come back with what it had stored.
    """

    limit = RateLimit(per_s=100)
    #: 64 tags of at most 122 characters and a space are under 8 KiB, the longest header line that
    #: Varnish takes (`http_req_hdr_len`).
    max_batch = 64

    def __init__(self, config: VarnishDriver, client: httpx2.AsyncClient) -> None:
        self.name = config.name
        self._nodes = config.nodes
        self._secret = config.secret.get_secret_value()
        self._client = client

    async def purge(self, tags: Sequence[str], idempotency_id: uuid.UUID) -> Receipt:
        """Purge at every node, all at once.

        Raises:
            PurgeRejectedError: a node refuses the secret or our address.
            PurgeUnavailableError: a node did not answer.
        """
        headers = {
            "xkey": " ".join(tags),
            SECRET_HEADER: self._secret,
            "X-Request-Id": str(idempotency_id),
        }
        answers = await asyncio.gather(
            *(self._purge_node(node, headers) for node in self._nodes), return_exceptions=True
        )
        for answer in answers:  # only now: one node must not cut off the requests to the others
            if answer is not None:
                raise answer
        return Receipt(nodes=len(answers))

    async def _purge_node(self, node: str, headers: dict[str, str]) -> None:
        request = self._client.build_request("PURGE", node, headers=headers)
        await ask(self._client, request, who=self.name)
