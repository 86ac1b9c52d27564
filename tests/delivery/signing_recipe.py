"""`docs/signing.md`, step by step, with nothing but the standard library: a signer elsewhere."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def secret_of(revealed: str) -> bytes:
    """Step 1: read what `vitrine key signing reveal` prints."""
    return base64.urlsafe_b64decode(revealed + "=" * (-len(revealed) % 4))


def derived_key(secret: bytes) -> bytes:
    """Step 1: derive the key of the MAC."""
    return hmac.new(secret, b"vitrine.media.1", hashlib.sha256).digest()


def base36(number: int) -> str:
    """Step 2: write an instant."""
    digits = [_DIGITS[number % 36]]
    while number := number // 36:
        digits.append(_DIGITS[number % 36])
    return "".join(reversed(digits))


def offset_s(asset: str, window_s: int) -> int:
    """Step 2: find the place of an asset in the window."""
    return int(hashlib.sha256(asset.encode("ascii")).hexdigest()[:16], 16) % window_s


def web_instants(asset: str, now_s: int, window_s: int, min_life_s: int) -> tuple[int, int]:
    """Step 2: return not-before and expiry of a web token."""
    offset = offset_s(asset, window_s)
    steps = -(-(now_s + min_life_s - offset) // window_s)
    expires_at_s = steps * window_s + offset
    return expires_at_s - window_s - min_life_s, expires_at_s


def payload_of(kid: str, claims: Mapping[str, Any]) -> str:
    """Step 3: join the fields."""
    fields = [
        kid,
        claims["asset"],
        claims["channel"],
        claims["usage"],
        claims["market"] or "",
        claims["owner"] or "",
        {"web": "w", "staff": "s"}[claims["audience"]],
        base36(claims["not_before_s"]),
        base36(claims["expires_at_s"]),
    ]
    if claims["actor"] is not None:
        fields.append(_base64url(claims["actor"].encode("utf-8")))
    return ".".join(fields)


def token_of(payload: str, secret: bytes) -> str:
    """Step 4: sign."""
    mac = hmac.new(derived_key(secret), payload.encode("ascii"), hashlib.sha256).digest()
    return f"{payload}.{_base64url(mac)}"


def path_of(asset: str, rendition: Mapping[str, Any]) -> str:
    """Step 5: write the path."""
    return (
        f"/{asset}/{base36(rendition['epoch'])}"
        f"/{rendition['preset']}.{rendition['version']}-{rendition['width_px']}"
        f"/{rendition['slug']}.{rendition['format']}"
    )


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")
