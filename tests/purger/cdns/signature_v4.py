"""Checks AWS Signature Version 4 of a request: computes it anew from the known secret."""

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.requests import Request

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/"
    r"(?P<service>[^/]+)/aws4_request, SignedHeaders=(?P<signed>[^,]+), "
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_MUST_BE_SIGNED = {"host", "x-amz-date"}
_SKEW = timedelta(minutes=5)

_signer: Any = botocore.auth.SigV4Auth


def problem_of(
    request: Request, body: bytes, *, access_key: str, secret_key: str, service: str, region: str
) -> str | None:
    """Return AWS's code for what is wrong with the signature; None: it is right.

    Args:
        request: with its body.
        body: what was sent.
        access_key: of the one user.
        secret_key: of the one user.
        service: that it must be signed for.
        region: that it must be signed for.
    """
    said = _HEADER.fullmatch(request.headers.get("Authorization", ""))
    if said is None:
        return "MissingAuthenticationToken"
    if said["key"] != access_key:
        return "InvalidClientTokenId"
    signed, stamp = said["signed"].split(";"), request.headers.get("X-Amz-Date", "")
    at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs(datetime.now(UTC) - at) > _SKEW:
        return "RequestExpired"
    asked: Any = AWSRequest(
        method=request.method,
        url=str(request.url),
        data=body,
        headers={name: request.headers[name] for name in signed},
    )
    asked.context["timestamp"] = stamp
    signer = _signer(Credentials(access_key, secret_key), service, region)
    text = signer.string_to_sign(asked, signer.canonical_request(asked))
    scope_fits = (said["day"], said["region"], said["service"]) == (stamp[:8], region, service)
    is_right = hmac.compare_digest(signer.signature(text, asked), said["signature"])
    if not (scope_fits and is_right and _MUST_BE_SIGNED.issubset(signed)):
        return "SignatureDoesNotMatch"
    return None
