"""Links to files of work, good for a day: where one may be put, and where one may be had.

`{kid}.{purpose}.{id}.{receiver}.{expires}.{MAC}`: whom it was given to as 32 hexadecimal digits,
the instant in whole seconds since 1970 in base 36, the MAC an HMAC-SHA256 in unpadded base64url
under the salt `vitrine.files.1`, so that no token of a picture is a link to a file.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias
from uuid import UUID

from itsdangerous import Signer

from catalog.delivery.tokens import SigningKey
from catalog.ids import from_base36, to_base36

#: How long a link is good.
LIFE_HOURS: Final = 24
LIFE: Final = timedelta(hours=LIFE_HOURS)
#: `put`: one file may be brought; `get`: one may be taken home.
Purpose: TypeAlias = Literal["put", "get"]

_LINK = re.compile(
    r"(?P<kid>[a-z0-9]{1,12})\.(?P<purpose>put|get)\.(?P<id>[a-z0-9]{4,24})"
    r"\.(?P<receiver>[0-9a-f]{32})\.(?P<expires>[a-z0-9]{1,8})"
)


class FileLink(NamedTuple):
    """What a link leads to.

    Attributes:
        public_id: of the upload, or of the work whose result it is.
        receiver: id of the API key, or of the person or service, that it was given to; the link is
            over once that is.
    """

    public_id: str
    receiver: UUID


def write_link(key: SigningKey, purpose: Purpose, link: FileLink, *, until: datetime) -> str:
    """Write the token of a link."""
    expires = to_base36(int(until.timestamp()))
    payload = f"{key.kid}.{purpose}.{link.public_id}.{link.receiver.hex}.{expires}"
    return f"{payload}.{_mac(key, payload)}"


def read_link(
    token: str, purpose: Purpose, keys: Mapping[str, SigningKey], *, now: datetime
) -> FileLink | None:
    """Return what a link leads to; None: it was not written by us, or is over.

    Args:
        token: as `write_link` wrote it.
        purpose: what somebody wants to do.
        keys: that verify, by their ids.
        now: UTC; a link is good while `now < until`.
    """
    payload, _, mac = token.rpartition(".")
    read = _LINK.fullmatch(payload)
    if read is None or read["purpose"] != purpose or not mac.isascii():
        return None
    key = keys.get(read["kid"])
    if key is None or not hmac.compare_digest(_mac(key, payload), mac):
        return None
    until = datetime.fromtimestamp(from_base36(read["expires"]), UTC)
    return FileLink(read["id"], UUID(read["receiver"])) if now < until else None


def _mac(key: SigningKey, payload: str) -> str:
    digest = hmac.digest(_derived(key.secret), payload.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@lru_cache(16)
def _derived(secret: bytes) -> bytes:
    signer = Signer(
        secret, salt=b"vitrine.files.1", digest_method=hashlib.sha256, key_derivation="hmac"
    )
    return signer.derive_key()
