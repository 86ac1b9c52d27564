"""Settings of each driver, as they speak to a server of the tests."""

from pydantic import SecretStr

from edge.purge_drivers import (
    CloudflareDriver,
    CloudflarePlan,
    CloudFrontDriver,
    FastlyDriver,
)
from tests.purger.cdns import cloudflare_api, cloudfront_api, fastly_api


def fastly(
    url: str, *, token: str = fastly_api.TOKEN, service: str = fastly_api.SERVICE
) -> FastlyDriver:
    return FastlyDriver(
        name="fastly", kind="fastly", service=service, token=SecretStr(token), api_url=url
    )


def cloudflare(
    url: str,
    *,
    token: str = cloudflare_api.TOKEN,
    zone: str = cloudflare_api.ZONE,
    plan: CloudflarePlan = "enterprise",
) -> CloudflareDriver:
    return CloudflareDriver(
        name="cloudflare",
        kind="cloudflare",
        zone=zone,
        token=SecretStr(token),
        plan=plan,
        api_url=url,
    )


def cloudfront(
    url: str,
    *,
    access_key: str = cloudfront_api.ACCESS_KEY,
    secret_key: str = cloudfront_api.SECRET_KEY,
    distribution: str = cloudfront_api.DISTRIBUTION,
) -> CloudFrontDriver:
    return CloudFrontDriver(
        name="cloudfront",
        kind="cloudfront",
        distribution=distribution,
        access_key=SecretStr(access_key),
        secret_key=SecretStr(secret_key),
        endpoint_url=url,
    )
