"""Who is meant by what an identity provider says of somebody."""

import uuid

from catalog.access import oidc_store as store
from catalog.changes import Change
from catalog.errors import ForbiddenError, InvalidInputError
from catalog.events.model import Event
from catalog.principal import principal_subject

_LONGEST = 255  # OpenID Connect Core, 2


class UnknownPersonError(ForbiddenError):
    """The identity provider vouches for somebody whom nobody here knows."""

    code = "PERSON_UNKNOWN"


async def person_meant(
    change: Change, issuer: str, subject: str, *, verified_email: str | None
) -> uuid.UUID:
    """Return the person that a subject means; one of the same address is linked to it for good.

    An address links a person once: with another subject it may be somebody else's by now.

    Args:
        change: the transaction.
        issuer: the provider.
        subject: that it says, which never changes.
        verified_email: an address that the provider vouches for; None: it vouches for none.

    Raises:
        UnknownPersonError: nobody in use is meant, or the address is of somebody who is linked.
    """
    known = await store.find_subject(change.conn, issuer, subject)
    if known is not None and known.kind == "person":
        return known.id
    found = None
    if known is None and verified_email is not None:
        found = await store.person_of_email(change.conn, verified_email)
    if found is None:
        raise UnknownPersonError(
            "your identity provider knows you, and nobody here does yet: ask an administrator to "
            "provision you by SCIM, or to run `vitrine user link`"
        )
    if await store.is_linked(change.conn, issuer, found):
        raise UnknownPersonError(
            "whoever has your address here logs in as somebody else at your identity provider: ask "
            "an administrator to link you by `vitrine user link`",
            field="email",
        )
    await link_subject(change, issuer, subject, found)
    return found


async def link_subject(change: Change, issuer: str, subject: str, principal_id: uuid.UUID) -> None:
    """Let a subject of an issuer mean a person or a service from now on.

    Raises:
        InvalidInputError: the subject cannot be one.
    """
    if not 0 < len(subject) <= _LONGEST or not subject.isprintable():
        raise InvalidInputError(f"a subject has 1 to {_LONGEST} characters", field="subject")
    await store.link_subject(change.conn, issuer, subject, principal_id)
    await change.record(
        Event(
            type="principal.linked",
            subject=f"principal/{principal_id}",
            version=1,
            subjects=(principal_subject(principal_id),),
            data={"issuer": issuer},
        )
    )
