"""Holders of terms: what grants and restrictions are stated for; `holder_kinds` lists the kinds."""

import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from catalog.db import Connection
from catalog.events.model import Event
from catalog.subjects import Subject, asset_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class TermHolder:
    """One asset, licence or collection.

    Attributes:
        id: of its row.
        name: public id or code, as events have it.
        revision: rises with every change; 1 where its kind counts none.
    """

    kind: "HolderKind"
    id: uuid.UUID
    name: str
    revision: int = 1

    def rights_changed(
        self, data: Mapping[str, int], *, version: int = 1, members: Iterable[str] = ()
    ) -> Event:
        """Make the event of a change of what it permits or forbids.

        Args:
            data: of the event, beside the holder's name.
            version: of the holder after the change.
            members: public ids of assets that caches do not find by the holder's own subject.
        """
        kind = self.kind
        return Event(
            type="rights.changed",
            subject=f"{kind.name}/{self.name}",
            version=version,
            subjects=(kind.subject(self.name), *map(asset_subject, members)),
            data={kind.name: self.name, **data},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderKind:
    """A kind of holder, and all that differs from kind to kind.

    Attributes:
        name: of its table, of its column beside terms, and of the aggregate in events.
        names: the columns that people find one by; events and caches name it by the first.
        argument: of the API, which names one.
        members: the table of the assets that belong to it; None: it is the asset itself.
        is_document: its grants rest on itself, and name no other licence.
        subject: names one for caches.
        lock: by one of its names, for the rest of the transaction; None: there is none.
        turn: raises the epoch of every asset that it holds for, and its own revision where it has
            one; given what its event is to tell.
    """

    name: str
    names: tuple[str, ...]
    argument: str
    members: str | None = None
    is_document: bool = False
    subject: Callable[[str], Subject]
    lock: Callable[[Connection, str], Awaitable[TermHolder | None]]
    turn: Callable[[Connection, TermHolder, Mapping[str, int]], Awaitable[Event]]
