"""Invalidates a distribution of CloudFront by cache tag, through aiobotocore.

Developer guide, "Invalidating content by cache tags"; API reference, `CreateInvalidation`.
"""

import uuid
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, Protocol, cast

import aiohttp
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError, ClientError

from catalog.clock import utc_now
from edge.purge_drivers import CloudFrontDriver
from purger.drivers.answers import seconds_of
from purger.drivers.model import (
    PurgeRejectedError,
    PurgeUnavailableError,
    RateLimit,
    Receipt,
)

_REGION = "us-east-1"  # CloudFront is global, and signed for there
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_TRY_LATER = frozenset({
    *("TooManyInvalidationsInProgress", "PriorRequestNotComplete", "RequestTimeout"),
    *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled"),
    *("TooManyRequestsException", "RequestLimitExceeded", "SlowDown", "ServiceUnavailable"),
})
_CONFIG = AioConfig(
    connect_timeout=3,
    read_timeout=10,
    max_pool_connections=2,
    retries={"mode": "standard", "total_max_attempts": 1},  # the loop tries again, under its rules
)


class _CloudFrontClient(Protocol):
    """What we use of aiobotocore's client, which is made at run time and has no types."""

    async def create_invalidation(
        self,
        *,
        DistributionId: str,  # noqa: N803 - theirs
        InvalidationBatch: Mapping[str, Any],  # noqa: N803 - theirs
    ) -> object: ...


class CloudFront:
    """`CreateInvalidation` of the items `#tag`; `CallerReference` is the idempotency id.

    Done means accepted: by Amazon's figures an invalidation takes effect within 5 s (P95) and is
    complete within 25 s, so before the last pass.
    """

    max_batch = 100
    #: 3,000 items may be in progress, each for at most 25 s: in any 25 s at most 30 requests.
    limit = RateLimit(per_s=0.8, burst=10)

    def __init__(self, config: CloudFrontDriver, client: _CloudFrontClient) -> None:
        """Use `open_cloudfront`, which owns the client."""
        self.name = config.name
        self._distribution = config.distribution
        self._client = client

    async def purge(self, tags: Sequence[str], idempotency_id: uuid.UUID) -> Receipt:
        """Invalidate the tags.

        Raises:
            PurgeRejectedError: refused credentials, no such distribution, any other 4xx.
            PurgeUnavailableError: no answer, no credentials, too many invalidations in progress,
                throttled, 5xx.
        """
        items = [f"#{tag}" for tag in tags]
        batch = {
            "Paths": {"Quantity": len(items), "Items": items},
            "CallerReference": str(idempotency_id),
        }
        with self._translated():
            await self._client.create_invalidation(
                DistributionId=self._distribution, InvalidationBatch=batch
            )
        return Receipt(nodes=1)

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except ClientError as error:
            raise self._translation(cast("Mapping[str, Any]", error.response)) from error
        except (BotoCoreError, aiohttp.ClientError, OSError) as error:
            raise PurgeUnavailableError(f"{self.name}: {type(error).__name__}") from error

    def _translation(self, answer: Mapping[str, Any]) -> PurgeRejectedError | PurgeUnavailableError:
        code = str(answer.get("Error", {}).get("Code", ""))
        about: Mapping[str, Any] = answer.get("ResponseMetadata", {})
        status = int(about.get("HTTPStatusCode", _SERVER_ERROR))
        message = f"{self.name} answered {status} ({code})"
        if code in _TRY_LATER or status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR:
            wanted = about.get("HTTPHeaders", {}).get("retry-after")
            return PurgeUnavailableError(message, retry_after_s=seconds_of(wanted, utc_now()))
        return PurgeRejectedError(message)


@asynccontextmanager
async def open_cloudfront(config: CloudFrontDriver) -> AsyncGenerator[CloudFront]:
    """Keep a client open for one distribution; without keys botocore looks for credentials."""
    access, secret = config.access_key, config.secret_key
    opening = cast(
        "AbstractAsyncContextManager[_CloudFrontClient]",
        AioSession().create_client(  # pyright: ignore[reportUnknownMemberType] - ships no types
            "cloudfront",
            endpoint_url=config.endpoint_url,
            region_name=_REGION,
            aws_access_key_id=access.get_secret_value() if access else None,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=_CONFIG,
        ),
    )
    async with opening as client:
        yield CloudFront(config, client)
