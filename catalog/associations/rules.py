"""How origins that speak of the same association merge into one row. Pure.

Every provenance is kept, the highest confidence counts, and what a person has decided no machine
changes.
"""

import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import get_args

from catalog.associations.model import (
    Association,
    AssociationKey,
    Origin,
    Provenance,
    Role,
    Status,
)
from catalog.batches import check_known
from catalog.channels.model import Scopes
from catalog.errors import InvalidInputError

#: Below it what a machine found waits for a person.
APPROVAL_THRESHOLD = 0.9
PERSON: Origin = "pim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one origin says now.

    Attributes:
        position: None: it does not say.
        status: None: it leaves that to the rule.
    """

    origin: Origin
    actor: uuid.UUID
    at: datetime
    confidence: float = 1.0
    position: int | None = None
    status: Status | None = None


def merge(
    stored: Association | None, key: AssociationKey, claim: Claim, identity: tuple[uuid.UUID, str]
) -> Association:
    """Return the association after a claim; equal to the stored one where it adds nothing.

    Args:
        stored: the association as it is.
        key: what the claim is about.
        claim: what is said.
        identity: id and public id of an association that is new.
    """
    if stored is None:
        return Association(
            id=identity[0],
            public_id=identity[1],
            key=key,
            position=claim.position or 0,
            origin=claim.origin,
            confidence=claim.confidence,
            status=status_of(claim),
            provenance=(_entry(claim),),
            revision=0,
        )
    provenance = _with(stored.provenance, _entry(claim))
    strongest = max(provenance, key=lambda entry: (entry.origin == PERSON, entry.confidence))
    merged = replace(
        stored,
        origin=strongest.origin,
        confidence=max(entry.confidence for entry in provenance),
        provenance=provenance,
    )
    if claim.origin != PERSON and is_decided(stored):
        return merged
    position = stored.position if claim.position is None else claim.position
    if claim.origin == PERSON or claim.confidence >= merged.confidence:
        return replace(merged, position=position, status=status_of(claim))
    return merged


def is_shown_by(association: Association, actor: uuid.UUID) -> bool:
    """Return whether an actor of the PIM shows it, and nobody else of the PIM does."""
    actors = {entry.actor for entry in association.provenance if entry.origin == PERSON}
    return association.status not in {"retired", "rejected"} and actors == {actor}


def positions_of(
    wanted: Sequence[AssociationKey], stored: Mapping[AssociationKey, Association]
) -> Mapping[AssociationKey, int | None]:
    """Return the positions that bring associations into an order; None: it stays as it is.

    Those that stand in this order already are left alone.
    """
    known = [stored[key].position if key in stored else None for key in wanted]
    are_in_order = all(
        before is not None and after is not None and before < after
        for before, after in pairwise(known)
    )
    if are_in_order and None not in known:
        return dict.fromkeys(wanted)
    return {key: place for place, key in enumerate(wanted)}


def status_of(claim: Claim) -> Status:
    """Return what a claim by itself leads to: a person decides, a machine has to be sure."""
    if claim.origin == PERSON:
        return claim.status or "approved"
    if claim.status in {None, "approved"}:
        return "approved" if claim.confidence >= APPROVAL_THRESHOLD else "proposed"
    return claim.status or "proposed"


def is_decided(association: Association) -> bool:
    """Return whether a person has spoken of it."""
    return any(entry.origin == PERSON for entry in association.provenance)


def check_claim(
    key: AssociationKey, claim: Claim, scopes: Scopes, roles: AbstractSet[str] = frozenset()
) -> None:
    """Refuse a claim that names what does not exist.

    Args:
        key: what it is about.
        claim: what is said.
        scopes: that exist.
        roles: attributes of the type `asset`, among those that are named.

    Raises:
        InvalidInputError: at the field at fault.
    """
    for field, value, choices in (
        ("role", key.role, (*get_args(Role), *sorted(roles))),
        ("origin", claim.origin, get_args(Origin)),
        ("status", claim.status or "approved", get_args(Status)),
    ):
        if value not in choices:
            raise InvalidInputError(f"choose one of {', '.join(choices)}", field=field)
    if not 0 <= claim.confidence <= 1:
        raise InvalidInputError("write a number from 0 to 1", field="confidence")
    if claim.position is not None and not 0 <= claim.position < 2**31:
        raise InvalidInputError("write a whole number from 0", field="position")
    check_known([key.locale] if key.locale else (), scopes.locales, noun="locale", field="locale")
    check_known([key.market] if key.market else (), scopes.markets, noun="market", field="market")
    check_known(
        [key.channel] if key.channel else (), scopes.channels, noun="channel", field="channel"
    )


def _entry(claim: Claim) -> Provenance:
    return Provenance(
        origin=claim.origin, actor=claim.actor, at=claim.at, confidence=claim.confidence
    )


def _with(stored: tuple[Provenance, ...], entry: Provenance) -> tuple[Provenance, ...]:
    """Add an entry; one of the same origin and actor is replaced only by another confidence."""
    for each in stored:
        if (each.origin, each.actor) == (entry.origin, entry.actor):
            if each.confidence == entry.confidence:
                return stored
            return tuple(entry if kept is each else kept for kept in stored)
    return (*stored, entry)
