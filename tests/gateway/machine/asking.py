"""What is asked of a gateway, and what matters of an answer."""

import re
from dataclasses import dataclass
from datetime import datetime

import orjson
from starlette.responses import Response

from catalog.ids import from_base36
from tests.gateway.machine import shop

_AGE = re.compile(r"\b(?:max-age|s-maxage)=([0-9]+)")
_BROWSER = ("Cache-Control", "X-Browser-Cache-Control")
_EDGE = ("CDN-Cache-Control", "X-Edge-Cache-Control")


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRequest:
    """One request.

    Attributes:
        key: number of the key that signed the token.
        ends: the token's expiry.
        leave_only: it is an authorising edge that asks, for no pixels.
        has_copy: the client would be content with 304.
    """

    asset: str
    epoch: int
    owner: str | None
    key: int
    ends: datetime
    country: str | None
    leave_only: bool = False
    has_copy: bool = False

    @property
    def url(self) -> str:
        return shop.url_of(
            self.asset, epoch=self.epoch, owner=self.owner, key=self.key, ends=self.ends
        )


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """What the rule determines of an answer.

    Attributes:
        code: of a problem.
        epoch: that a redirect leads to, or that leave is given for.
    """

    status: int
    code: str | None = None
    epoch: int | None = None

    @classmethod
    def of(cls, response: Response) -> "ExpectedAnswer":
        """Read a response."""
        epoch = None
        if "Location" in response.headers:
            epoch = from_base36(response.headers["Location"].split("/")[2])
        elif "X-Epoch" in response.headers:
            epoch = from_base36(response.headers["X-Epoch"])
        is_problem = response.media_type == "application/problem+json"
        code = orjson.loads(response.body)["code"] if is_problem else None
        return cls(response.status_code, code, epoch)


def lifetimes_of(response: Response) -> tuple[int, int]:
    """Return for how many seconds a browser and a cache in front may keep an answer."""
    return _longest(response, _BROWSER), _longest(response, _EDGE)


def _longest(response: Response, names: tuple[str, ...]) -> int:
    texts = (response.headers.get(name, "") for name in names)
    return max((int(age) for text in texts for age in _AGE.findall(text)), default=0)
