"""What the subjects of changes are called, for whoever may see it."""

from collections.abc import Iterable

from api.request.scene import Info
from catalog.access.roles import Action
from catalog.audit.reading_store import names_of_subjects
from catalog.db import Connection

_OF_PEOPLE = ("principal/", "session/", "api_key/")


async def subject_names(info: Info, conn: Connection, subjects: Iterable[str]) -> dict[str, str]:
    """Return what subjects of changes are called; people and services, where names may be seen."""
    sees_people = info.context.may(Action.PEOPLE_READ)
    told = (each for each in subjects if sees_people or not each.startswith(_OF_PEOPLE))
    return await names_of_subjects(conn, told)
