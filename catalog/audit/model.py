"""Frozen values of the audit."""

import uuid
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a change comes from, and by what its principal was recognised.

    Attributes:
        address: IP address of the client; None: a process or a command on a host of ours.
        api_key, session: ids; at most one of them.
    """

    address: str | None = None
    api_key: uuid.UUID | None = None
    session: uuid.UUID | None = None


#: Of what processes and commands of ours do by themselves.
OWN_HOST: Final = Origin()
