"""A token bucket: how often a driver may ask. Pure; the caller has the clock."""

from purger.drivers.model import RateLimit


class TokenBucket:
    """Full at first; in any span of `t` seconds it gives at most `burst + per_s * t` requests.

    Args:
        limit: of the CDN.
        now_s: of the clock that every later instant is read from, such as `time.monotonic()`.
    """

    def __init__(self, limit: RateLimit, *, now_s: float) -> None:
        self._limit = limit
        self._tokens = float(limit.burst)
        self._filled_at_s = now_s

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until a request may be made; 0: now."""
        self._fill(now_s)
        return max(0.0, (1 - self._tokens) / self._limit.per_s)

    def take(self, now_s: float) -> None:
        """Note a request. One made too early is paid for by the next."""
        self._fill(now_s)
        self._tokens -= 1

    def _fill(self, now_s: float) -> None:
        passed_s = max(0.0, now_s - self._filled_at_s)
        gained = passed_s * self._limit.per_s
        self._tokens = min(float(self._limit.burst), self._tokens + gained)
        self._filled_at_s = max(self._filled_at_s, now_s)
