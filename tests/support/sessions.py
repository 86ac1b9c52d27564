"""People who are logged in with a browser."""

from catalog.access.assignments import give_role
from catalog.access.principals import create_person
from catalog.access.session_model import Login, SessionTimes
from catalog.access.sessions import begin_session
from catalog.changes import Changes
from catalog.ids import new_public_id
from catalog.principal import API

#: The cookie of an api that browsers reach by plain HTTP.
SESSION_COOKIE = "vitrine_session"


async def session_of(changes: Changes, *roles: str, times: SessionTimes, name: str = "Ada") -> str:
    """Make somebody with these roles, log them in, and return the value of their cookie."""
    async with changes.begin(API) as change:
        email = f"{new_public_id()}@shop.test"
        person = await create_person(change, name=name, email=email)
        for role in roles:
            await give_role(change, person.id, role)
        issued = await begin_session(change, person.id, login=Login.LINK, times=times)
    return issued.secret
