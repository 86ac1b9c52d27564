"""Lists of a record: stated whole, or changed by single members."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from catalog.errors import InvalidInputError

Member = TypeVar("Member")
Code = TypeVar("Code", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Generic[Member]):
    """Members that come to a list and members that leave it; all others stay."""

    add: tuple[Member, ...] = ()
    remove: tuple[Member, ...] = ()


#: What a record says of a list: the whole of it, a change of it, or nothing.
Stated: TypeAlias = Sequence[Member] | Edit[Member] | None


def named_in(stated: Stated[Member]) -> tuple[Member, ...]:
    """Return every member that a record names, be it to stay, to come or to leave."""
    if stated is None:
        return ()
    return (*stated.add, *stated.remove) if isinstance(stated, Edit) else tuple(stated)


def removed_in(stated: Stated[Member]) -> tuple[Member, ...]:
    """Return the members that a record takes away one by one."""
    return stated.remove if isinstance(stated, Edit) else ()


def places_in(stated: Stated[Member], field: str) -> Iterator[tuple[str, Member]]:
    """Yield every member that a record names with where it stands in the record."""
    lists = (
        {f"{field}.add": stated.add, f"{field}.remove": stated.remove}
        if isinstance(stated, Edit)
        else {field: stated or ()}
    )
    for where, listed in lists.items():
        for place, member in enumerate(listed):
            yield f"{where}[{place}]", member


def apply(stated: Stated[Code], stored: Iterable[Code], *, field: str) -> frozenset[Code]:
    """Return a list without an order as it is after a record.

    Args:
        stated: what the record says of it.
        stored: the list as it is.
        field: its name in the record.

    Raises:
        InvalidInputError: the same member is to come and to leave.
    """
    if stated is None:
        return frozenset(stored)
    if not isinstance(stated, Edit):
        return frozenset(stated)
    both = set(stated.add) & set(stated.remove)
    if both:
        raise InvalidInputError(
            f"{min(map(str, both))!r} is added and removed: decide for one", field=field
        )
    return (frozenset(stored) | set(stated.add)) - set(stated.remove)
