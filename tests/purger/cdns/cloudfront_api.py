"""CloudFront's `CreateInvalidation` as its API reference documents it."""

import re
import time
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, fromstring

from starlette.requests import Request
from starlette.responses import Response

from tests.purger.cdns.contract import Answer, Contract
from tests.purger.cdns.signature_v4 import problem_of

DISTRIBUTION = "EDFDVBD6EXAMPLE"
ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "cloudfront-secret-key-of-the-tests-0123"
_NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
_TAG = re.compile(r"#[!-+\--~]{1,256}")  # visible ASCII without the comma


@dataclass(frozen=True)
class Invalidation:
    """One that was created."""

    id: str
    items: tuple[str, ...]
    began_s: float


@dataclass
class CloudFrontApi(Contract):
    """`POST /2020-05-31/distribution/{id}/invalidation`, signed.

    Attributes:
        most_in_progress: items.
        takes_s: an invalidation, until it is complete.
        created: by `CallerReference`.
    """

    most_in_progress: int = 3000
    takes_s: float = 25.0
    created: dict[str, Invalidation] = field(default_factory=dict[str, Invalidation])

    def take(self, request: Request, body: bytes) -> Response:
        wrong = problem_of(
            request,
            body,
            access_key=ACCESS_KEY,
            secret_key=SECRET_KEY,
            service="cloudfront",
            region="us-east-1",
        )
        if wrong is not None:
            return refused(403, wrong)
        if request.url.path != f"/2020-05-31/distribution/{DISTRIBUTION}/invalidation":
            return refused(404, "NoSuchDistribution")
        if request.method != "POST":
            return refused(405, "MethodNotAllowed")
        if not body:
            return refused(400, "MissingBody")
        return self._invalidate(fromstring(body))  # noqa: S314 - its signature is checked

    def _invalidate(self, batch: Element) -> Response:
        items = tuple(each.text or "" for each in batch.findall(_path("Paths", "Items", "Path")))
        reference = batch.findtext(_path("CallerReference"))
        if batch.tag != f"{{{_NAMESPACE}}}InvalidationBatch" or not reference:
            return refused(400, "MalformedXML")
        if batch.findtext(_path("Paths", "Quantity")) != str(len(items)):
            return refused(400, "InconsistentQuantities")
        if not items or not all(map(_TAG.fullmatch, items)):
            return refused(400, "InvalidArgument")
        known = self.created.get(reference)
        if known is not None and known.items != items:
            return refused(400, "InvalidationBatchAlreadyExists")
        if known is None:
            if self._in_progress() + len(items) > self.most_in_progress:
                return refused(400, "TooManyInvalidationsInProgress")
            known = Invalidation(f"I{len(self.created):013}", items, time.monotonic())
            self.created[reference] = known
            self.purged.append([item.removeprefix("#") for item in items])
        return _created(known, reference)

    def too_many(self, retry_after_s: int) -> Response:
        response = refused(400, "Throttling")
        response.headers["Retry-After"] = str(retry_after_s)
        return response

    def _in_progress(self) -> int:
        began_after_s = time.monotonic() - self.takes_s
        going_on = (each for each in self.created.values() if each.began_s > began_after_s)
        return sum(len(each.items) for each in going_on)


def refusing(status: int, code: str) -> Answer:
    """Answer one request with an error of AWS."""

    async def answer() -> Response:
        return refused(status, code)

    return answer


def refused(status: int, code: str) -> Response:
    text = (
        f'<?xml version="1.0"?><ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>said {ACCESS_KEY}</Message></Error>"
        f"<RequestId>410c2a4b-e435-49c9-8382-3770d80d7d4c</RequestId></ErrorResponse>"
    )
    return Response(text, status_code=status, media_type="text/xml")


def _created(made: Invalidation, reference: str) -> Response:
    paths = "".join(f"<Path>{item}</Path>" for item in made.items)
    text = (
        f'<?xml version="1.0"?><Invalidation xmlns="{_NAMESPACE}"><Id>{made.id}</Id>'
        "<Status>InProgress</Status><CreateTime>2026-11-25T19:37:58Z</CreateTime>"
        f"<InvalidationBatch><Paths><Quantity>{len(made.items)}</Quantity><Items>{paths}</Items>"
        f"</Paths><CallerReference>{reference}</CallerReference></InvalidationBatch>"
        "</Invalidation>"
    )
    location = f"/2020-05-31/distribution/{DISTRIBUTION}/invalidation/{made.id}"
    return Response(text, 201, media_type="text/xml", headers={"Location": location})


def _path(*names: str) -> str:
    return "/".join(f"{{{_NAMESPACE}}}{name}" for name in names)
