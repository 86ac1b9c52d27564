"""The media token: what it says, its one canonical spelling, and who may mint it.

`{kid}.{asset}.{channel}.{usage}.{market}.{owner}.{w|s}.{not before}.{expires}[.{actor}].{MAC}`,
instants in whole seconds since 1970 in base 36, the MAC an HMAC-SHA256 in unpadded base64url by
itsdangerous' `Signer` under the salt `vitrine.media.1`. The key id is inside the signed bytes.
"""

import base64
import hashlib
import hmac
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from itsdangerous import Signer

from catalog.delivery.model import Audience, Claims
from catalog.errors import VitrineError
from catalog.ids import from_base36, to_base36

_EARLY = timedelta(seconds=30)
_STAFF_LIFE = timedelta(minutes=5)
_AUDIENCES: dict[str, Audience] = {"w": "web", "s": "staff"}
_MAX_LENGTH = 512
_KEYS = 64

_PAYLOAD = re.compile(
    r"(?P<kid>[a-z0-9]{1,12})\.(?P<asset>[a-z0-9]{4,24})\.(?P<channel>[a-z0-9-]{1,40})"
    r"\.(?P<usage>[a-z0-9-]{1,40})\.(?P<market>[A-Z0-9]{0,12})\.(?P<owner>[a-z0-9]{0,24})"
    r"\.(?P<audience>[ws])\.(?P<not_before>[0-9a-z]{1,8})\.(?P<expires_at>[0-9a-z]{1,8})"
    r"(\.(?P<actor>[A-Za-z0-9_-]{1,200}))?",
)


class TokenMissingError(VitrineError):
    """The URL has no token."""

    code = "TOKEN_MISSING"


class TokenInvalidError(VitrineError):
    """The token has another form, another MAC, or a key that verifies nothing."""

    code = "TOKEN_INVALID"


class TokenExpiredError(VitrineError):
    """The MAC is right, the time is over."""

    code = "TOKEN_EXPIRED"


class TokenNotYetError(VitrineError):
    """The MAC is right, the time has not come."""

    code = "TOKEN_NOT_YET"


class TokenScopeError(VitrineError):
    """The token is for another asset or another class of presets."""

    code = "TOKEN_SCOPE"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that verifies, and signs while it is the active one."""

    kid: str
    secret: bytes

    def mac(self, payload: str) -> str:
        """Return the MAC of a payload in its canonical spelling."""
        return _unpadded(hmac.digest(_derived(self.secret), payload.encode(), "sha256"))


@lru_cache(_KEYS)
def _derived(secret: bytes) -> bytes:
    """Derive the key of the MAC, once a secret: it is asked for on every delivery."""
    signer = Signer(
        secret, salt=b"vitrine.media.1", digest_method=hashlib.sha256, key_derivation="hmac"
    )
    return signer.derive_key()


def sign(claims: Claims, key: SigningKey) -> str:
    """Write a token; equal claims give equal bytes, so that one picture has one URL."""
    actor = claims.actor
    fields = (
        key.kid,
        claims.asset,
        claims.channel,
        claims.usage,
        claims.market or "",
        claims.owner or "",
        claims.audience[0],
        _instant_text(claims.not_before),
        _instant_text(claims.expires_at),
        *(() if actor is None else (_unpadded(actor.encode()),)),
    )
    payload = ".".join(fields)
    return f"{payload}.{key.mac(payload)}"


def verify(token: str, find_key: Callable[[str], SigningKey | None], now: datetime) -> Claims:
    """Read a token.

    Args:
        token: the value of the parameter `t`.
        find_key: returns the key of an id, or None where no such key verifies.
        now: UTC; a token is valid while `not_before - 30 s <= now < expires_at`.

    Raises:
        TokenInvalidError: form, key or MAC; a staff token without its actor or of more than five
            minutes, or a web token with an actor: whoever has a key can sign those too.
        TokenNotYetError: too early.
        TokenExpiredError: too late.
    """
    payload, _, mac = token.rpartition(".")
    read = _read(token)
    if read is None or not mac.isascii():
        raise TokenInvalidError("the token is malformed")
    key = find_key(read["kid"])
    # the texts are compared, not the decoded bytes: loose trailing bits of base64 do not verify
    if key is None or not hmac.compare_digest(key.mac(payload), mac):
        raise TokenInvalidError("the signature does not match, or its key is unknown or revoked")
    claims = _claims(read)
    if not _has_the_form_of_its_audience(claims):
        raise TokenInvalidError(
            "a staff token names its actor and lasts at most 300 s; a web token has no actor"
        )
    if now < claims.not_before - _EARLY:
        raise TokenNotYetError("the token is not valid yet")
    if now >= claims.expires_at:
        raise TokenExpiredError("the token has expired")
    return claims


def read_unverified(token: str) -> Claims:
    """Return what a token says without asking whether it was ever signed, or holds now.

    Raises:
        TokenInvalidError: it has no form that we know.
    """
    read = _read(token)
    if read is None:
        raise TokenInvalidError("the token is malformed")
    return _claims(read)


def key_id(token: str) -> str | None:
    """Return the key id that a token names, verified or not; None where it has no such form."""
    read = _read(token)
    return None if read is None else read["kid"]


def web_window(
    asset: str, now: datetime, *, window_s: int, min_life_s: int
) -> tuple[datetime, datetime]:
    """Return not-before and expiry of a web token: points of a grid, the same for all its minting.

    The expiry is the first point of `k * window + offset(asset)` at least `min_life_s` ahead; the
    offset is a hash of the asset, so that the URLs of a page never change together.
    """
    offset_s = int.from_bytes(hashlib.sha256(asset.encode()).digest()[:8], "big") % window_s
    steps = math.ceil((now.timestamp() + min_life_s - offset_s) / window_s)
    expires_s = steps * window_s + offset_s
    not_before_s = expires_s - window_s - min_life_s
    return _instant(not_before_s), _instant(expires_s)


def staff_window(now: datetime) -> tuple[datetime, datetime]:
    """Return not-before and expiry of a staff token: five minutes from now, no grid."""
    begins = now.replace(microsecond=0)
    return begins, begins + _STAFF_LIFE


def _read(token: str) -> re.Match[str] | None:
    if len(token) > _MAX_LENGTH:
        return None
    return _PAYLOAD.fullmatch(token.rpartition(".")[0])


def _claims(read: re.Match[str]) -> Claims:
    try:
        actor = read["actor"]
        return Claims(
            kid=read["kid"],
            asset=read["asset"],
            channel=read["channel"],
            usage=read["usage"],
            market=read["market"] or None,
            owner=read["owner"] or None,
            audience=_AUDIENCES[read["audience"]],
            not_before=_instant(from_base36(read["not_before"])),
            expires_at=_instant(from_base36(read["expires_at"])),
            actor=None if actor is None else _decoded(actor),
        )
    except (ValueError, OverflowError) as error:
        raise TokenInvalidError("the token is malformed") from error


def _has_the_form_of_its_audience(claims: Claims) -> bool:
    if claims.audience == "web":
        return claims.actor is None
    return claims.actor is not None and claims.expires_at - claims.not_before <= _STAFF_LIFE


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _instant_text(instant: datetime) -> str:
    return to_base36(int(instant.timestamp()))


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
