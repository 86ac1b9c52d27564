"""The CloudFront driver against a server that checks its signature, its XML and its references."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from catalog.ids import new_id
from purger.drivers.cloudfront import CloudFront, open_cloudfront
from purger.drivers.model import PurgeRejectedError, PurgeUnavailableError
from tests.purger.cdns import settings
from tests.purger.cdns.cloudfront_api import (
    ACCESS_KEY,
    SECRET_KEY,
    CloudFrontApi,
    refusing,
)
from tests.purger.cdns.contract import answering, running
from tests.support.ports import free_port


@pytest.fixture
async def api() -> AsyncGenerator[CloudFrontApi]:
    api = CloudFrontApi()
    async with running(api):
        yield api


@pytest.fixture
async def cloudfront(api: CloudFrontApi) -> AsyncGenerator[CloudFront]:
    async with open_cloudfront(settings.cloudfront(api.url)) as opened:
        yield opened


async def test_tags_are_invalidated_as_items_under_the_idempotency_id(
    api: CloudFrontApi, cloudfront: CloudFront
) -> None:
    asked = new_id()
    await cloudfront.purge(["a-aaaa", "l-bbbb"], asked)
    assert api.created[str(asked)].items == ("#a-aaaa", "#l-bbbb")
    assert api.purged == [["a-aaaa", "l-bbbb"]]


async def test_a_request_that_is_repeated_makes_no_second_invalidation(
    api: CloudFrontApi, cloudfront: CloudFront
) -> None:
    asked = new_id()
    for _ in range(2):
        await cloudfront.purge(["a-aaaa"], asked)
    await cloudfront.purge(["a-aaaa"], new_id())
    assert api.statuses == [201, 201, 201]
    assert len(api.created) == 2


async def test_other_tags_under_the_same_id_are_refused(
    api: CloudFrontApi, cloudfront: CloudFront
) -> None:
    asked = new_id()
    await cloudfront.purge(["a-aaaa"], asked)
    with pytest.raises(PurgeRejectedError, match="InvalidationBatchAlreadyExists"):
        await cloudfront.purge(["a-bbbb"], asked)
    assert api.tags == ["a-aaaa"]


async def test_too_many_invalidations_in_progress_are_unavailable_until_some_are_complete(
    api: CloudFrontApi, cloudfront: CloudFront
) -> None:
    api.most_in_progress = 3
    await cloudfront.purge(["a-aaaa", "a-bbbb"], new_id())
    with pytest.raises(PurgeUnavailableError, match="TooManyInvalidationsInProgress"):
        await cloudfront.purge(["a-cccc", "a-dddd"], new_id())
    api.takes_s = 0
    await cloudfront.purge(["a-cccc", "a-dddd"], new_id())


def test_no_more_items_are_in_progress_than_cloudfront_allows() -> None:
    limit = CloudFront.limit
    assert (limit.burst + 25 * limit.per_s) * CloudFront.max_batch <= CloudFrontApi.most_in_progress


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "Throttling"),
        (400, "ThrottlingException"),
        (429, "TooManyRequestsException"),
        (503, "ServiceUnavailable"),
        (500, "InternalError"),
    ],
)
async def test_throttling_and_failures_are_unavailable(
    api: CloudFrontApi, cloudfront: CloudFront, status: int, code: str
) -> None:
    api.instead.append(refusing(status, code))
    with pytest.raises(PurgeUnavailableError) as raised:
        await cloudfront.purge(["a-aaaa"], new_id())
    assert raised.value.message == f"cloudfront answered {status} ({code})"
    assert len(api.statuses) == 1  # the loop tries again, not the library below it


async def test_a_retry_after_is_told(api: CloudFrontApi, cloudfront: CloudFront) -> None:
    api.instead.append(answering(503, Retry_After="40"))
    with pytest.raises(PurgeUnavailableError) as raised:
        await cloudfront.purge(["a-aaaa"], new_id())
    assert raised.value.retry_after_s == 40


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"secret_key": "another-secret-key-0123"}, "SignatureDoesNotMatch"),
        ({"access_key": "AKIAOTHERFODNN7EXAMPLE"}, "InvalidClientTokenId"),
        ({"distribution": "EOTHER"}, "NoSuchDistribution"),
    ],
)
async def test_what_aws_refuses_is_a_rejection_that_repeats_no_secret(
    api: CloudFrontApi, wrong: dict[str, str], code: str
) -> None:
    async with open_cloudfront(settings.cloudfront(api.url, **wrong)) as cloudfront:
        with pytest.raises(PurgeRejectedError) as raised:
            await cloudfront.purge(["a-aaaa"], new_id())
    assert code in raised.value.message
    assert ACCESS_KEY not in raised.value.message


async def test_a_tag_that_cloudfront_does_not_take_is_a_rejection(cloudfront: CloudFront) -> None:
    with pytest.raises(PurgeRejectedError, match="InvalidArgument"):
        await cloudfront.purge(["a-aa,bb"], new_id())


async def test_an_api_that_is_not_there_is_unavailable() -> None:
    nowhere = settings.cloudfront(f"http://127.0.0.1:{free_port()}")
    async with open_cloudfront(nowhere) as cloudfront:
        with pytest.raises(PurgeUnavailableError, match=r"^cloudfront: EndpointConnectionError$"):
            await cloudfront.purge(["a-aaaa"], new_id())


async def test_without_keys_the_usual_sources_of_credentials_count(
    api: CloudFrontApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = settings.cloudfront(api.url).model_copy(
        update={"access_key": None, "secret_key": None}
    )
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    async with open_cloudfront(config) as cloudfront:
        with pytest.raises(PurgeUnavailableError, match="NoCredentialsError"):
            await cloudfront.purge(["a-aaaa"], new_id())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    async with open_cloudfront(config) as cloudfront:
        await cloudfront.purge(["a-aaaa"], new_id())
    assert api.tags == ["a-aaaa"]
