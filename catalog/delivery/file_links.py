"""Links to files of work, good for a day: where one may be put, and where one may be had.

`{kid}.{purpose}.{id}.{expires}.{MAC}`: the instant in whole seconds since 1970 in base 36, the MAC
an HMAC-SHA256 in unpadded base64url under the salt `vitrine.files.1`, so that no token of a picture
is a link to a file.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeAlias

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
    r"\.(?P<expires>[a-z0-9]{1,8})"
)


def write_link(key: SigningKey, purpose: Purpose, public_id: str, *, until: datetime) -> str:
    """Write the token of a link to the upload, or the result of the work, that has this id."""
    payload = f"{key.kid}.{purpose}.{public_id}.{to_base36(int(until.timestamp()))}"
    return f"{payload}.{_mac(key, payload)}"


def read_link(
    token: str, purpose: Purpose, keys: Mapping[str, SigningKey], *, now: datetime
) -> str | None:
    """Return the id that a link leads to; None: it was not written by us, or is over.

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
    return read["id"] if now < until else None


def _mac(key: SigningKey, payload: str) -> str:
    digest = hmac.digest(_derived(key.secret), payload.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@lru_cache(16)
def _derived(secret: bytes) -> bytes:
    signer = Signer(
        secret, salt=b"vitrine.files.1", digest_method=hashlib.sha256, key_derivation="hmac"
    )
    return signer.derive_key()
