"""When CDNs are asked to purge."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeTimes:
    """When the passes of a purge are due after the first, which is due at commit.

    Attributes:
        second_s: at the latest: lease + 1 s, when no gateway answers by what was before; at once
            when every gateway has applied the change.
        last_s: lease + send timeout + 5 s, when no older answer can be on its way.
    """

    second_s: float = 2.0
    last_s: float = 36.0
