"""Who may do what, and where: one pure decision that every door asks for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Final

from catalog.access.roles import PLACELESS, Action

#: In a narrowing: everywhere.
EVERY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Where a role is had: codes, or `*` alone for everywhere. An empty set is nowhere.

    Attributes:
        fields: codes of attributes.
    """

    markets: frozenset[str] = frozenset({EVERY})
    channels: frozenset[str] = frozenset({EVERY})
    locales: frozenset[str] = frozenset({EVERY})
    families: frozenset[str] = frozenset({EVERY})
    categories: frozenset[str] = frozenset({EVERY})
    fields: frozenset[str] = frozenset({EVERY})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPlace:
    """What an action touches; a dimension that is None is touched as a whole.

    Attributes:
        categories: that the product is in, and all above them: one of them has to be allowed. Of
            the other dimensions everything that is touched has to be.
    """

    markets: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    locales: frozenset[str] | None = None
    families: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    fields: frozenset[str] | None = None


DIMENSIONS: Final = tuple(each.name for each in fields(Narrowing))
#: What touches everything that there is.
EVERYWHERE: Final = ActionPlace()
NOT_NARROWED: Final = Narrowing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A role as somebody has it.

    Attributes:
        role: its code.
        actions: what it allows.
        where: how it is narrowed.
    """

    role: str
    actions: frozenset[Action]
    where: Narrowing = NOT_NARROWED


def may(assignments: Iterable[Assignment], action: Action, place: ActionPlace | None) -> bool:
    """Return whether one of the roles allows an action.

    Args:
        assignments: the roles of whoever asks.
        action: what they want to do.
        place: what that touches; None: anything at all, to be asked about once it is known.
    """
    place = None if action in PLACELESS else place
    return any(
        action in each.actions
        and (place is None or each.where is NOT_NARROWED or _covers(each.where, place))
        for each in assignments
    )


def narrowings_of(
    assignments: Iterable[Assignment], action: Action, **known: Collection[str]
) -> tuple[Narrowing, ...] | None:
    """Return within what an action is allowed where it touches these codes; None: within all.

    Args:
        assignments: the roles of whoever asks.
        action: what they want to do.
        known: what is touched, by dimension; `()` is all. Of the other dimensions nothing is known.
    """
    touched = {dimension: frozenset(codes) for dimension, codes in known.items()}
    found = [
        each.where
        for each in assignments
        if action in each.actions
        and all(_allows(dimension, each.where, codes) for dimension, codes in touched.items())
    ]
    others = [each for each in DIMENSIONS if each not in touched]
    if any(all(EVERY in getattr(where, each) for each in others) for where in found):
        return None
    return tuple(found)


def covers(assignments: Collection[Assignment], given: Assignment) -> bool:
    """Return whether all that a role would allow, where it would, is allowed already.

    So nobody gives away more than they have. A role for a category is not held to cover one for
    what is below it: whoever gives it names the same codes.
    """
    return all(
        any(
            action in mine.actions and _lies_within(given.where, mine.where) for mine in assignments
        )
        for action in given.actions
    )


def may_anywhere_in(
    assignments: Iterable[Assignment], action: Action, **known: Collection[str]
) -> bool:
    """Return whether an action is allowed somewhere that has these codes, whatever the rest is.

    So a list of channels shows those of which something may be read.
    """
    return any(
        action in each.actions
        and all(
            _allows(dimension, each.where, frozenset(codes)) for dimension, codes in known.items()
        )
        for each in assignments
    )


def _lies_within(inner: Narrowing, outer: Narrowing) -> bool:
    for dimension in DIMENSIONS:
        narrow: frozenset[str] = getattr(inner, dimension)
        wide: frozenset[str] = getattr(outer, dimension)
        if EVERY not in wide and (EVERY in narrow or not narrow <= wide):
            return False
    return True


def _covers(where: Narrowing, place: ActionPlace) -> bool:
    return all(_allows(dimension, where, getattr(place, dimension)) for dimension in DIMENSIONS)


def _allows(dimension: str, where: Narrowing, touched: frozenset[str] | None) -> bool:
    allowed: frozenset[str] = getattr(where, dimension)
    if EVERY in allowed:
        return True
    if not touched:  # everything is, or nobody knows what
        return False
    if dimension == "categories":
        return not touched.isdisjoint(allowed)
    return touched <= allowed
