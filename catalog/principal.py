"""Principals: who owns, decides or changes something. A person or a service, named by an id.

Here is the value that every change carries; how principals are made and ended is in
`catalog/access`.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from catalog.subjects import Subject

Kind: TypeAlias = Literal["person", "service"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody as they are stored; rows name them by `id`, which is never used anew.

    Attributes:
        kind: `service`: whatever is no person.
        name: for people to read; of the services in use it is unique.
        email: of a person; of the people in use it is unique.
        ended_at: from when on nothing can be done in their name; None: they are in use.
        last_login_at: of a person, where that is asked for.
    """

    id: uuid.UUID
    kind: Kind
    name: str
    email: str | None = None
    created_at: datetime | None = None
    ended_at: datetime | None = None
    last_login_at: datetime | None = None


def principal_subject(principal: uuid.UUID) -> Subject:
    """Name a principal in the event log."""
    return Subject(f"principal:{principal}")


def _own(number: int, name: str) -> Principal:
    return Principal(
        id=uuid.UUID(int=0x7000_8000_0000_0000_0000 | number), kind="service", name=name
    )


#: Vitrine's own services, which migration 0046 made and nobody can end.
COMMAND_LINE = _own(1, "cli")
IMPORT = _own(2, "import")
UP = _own(3, "vitrine up")
MIGRATE = _own(4, "vitrine migrate")
API = _own(5, "api")
GATEWAY = _own(6, "gateway")
PURGER = _own(7, "purger")
RELAY = _own(8, "relay")
OWN_SERVICES = {
    each.id: each for each in (COMMAND_LINE, IMPORT, UP, MIGRATE, API, GATEWAY, PURGER, RELAY)
}


def own_service(name: str) -> Principal:
    """Return one of Vitrine's own services by its name.

    Raises:
        KeyError: there is none; the name is a mistake in the code.
    """
    return {each.name: each for each in OWN_SERVICES.values()}[name]
