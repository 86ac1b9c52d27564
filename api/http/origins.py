"""Which pages of browsers may ask: those of the same origin, and of the origins that are set."""

import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from strawberry.http.websocket_origin import is_same_origin

_LOOPBACK = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?"


class Origins:
    """The origins of `cors_origins`.

    Args:
        set_origins: as `https://shop.example`; `loopback` is any port of this machine, `*` is all.

    Attributes:
        named: those that are written out.
        pattern: of those that are not; None: there are none.
    """

    def __init__(self, set_origins: Sequence[str]) -> None:
        self.named = [each for each in set_origins if each != "loopback"]
        self.pattern = _LOOPBACK if "loopback" in set_origins else None

    def __bool__(self) -> bool:
        """Return whether any but the same origin may ask."""
        return bool(self.named or self.pattern)

    def allow(self, headers: Headers) -> bool:
        """Return whether whoever sends these may ask; what names no origin is no browser."""
        origin = headers.get("origin")
        if origin is None or "*" in self.named or origin in self.named:
            return True
        if self.pattern is not None and re.fullmatch(self.pattern, origin):
            return True
        return is_same_origin(origin, headers.get("host"))
