"""What every object store can do."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from catalog.errors import NotFoundError, UnavailableError


class ObjectNotFoundError(NotFoundError):
    """The store answers, and does not hold this key."""


class StoreUnavailableError(UnavailableError):
    """The store does not answer, or refuses us."""


class StoreFullError(UnavailableError):
    """The store has no room left; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One object of a store."""

    key: str
    size_bytes: int


class ObjectsAtHand(Protocol):
    """Objects on a disk of this machine: using one takes less time than having a thread use it.

    Every call blocks, for microseconds.
    """

    def lacks(self, key: str) -> bool:
        """Return whether there is no such object; False too where the store cannot be asked."""
        ...

    def put(self, key: str, body: bytes) -> None:
        """Store the object whole, or not at all; as `ObjectStore.write` does what need not last.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the store cannot be asked.
        """
        ...


class ObjectStore(Protocol):
    """Immutable objects by key (`[a-z0-9/._-]+`, no `..`). A write is whole or not at all."""

    async def read(self, key: str) -> bytes:
        """Return the object.

        Raises:
            ObjectNotFoundError: there is none.
            StoreUnavailableError: the store cannot be asked.
        """
        ...

    async def write(self, key: str, body: bytes, *, lasting: bool = True) -> None:
        """Store the object; the same key again replaces it by equal bytes.

        Args:
            key: where.
            body: what.
            lasting: False for what vouches for itself and can be made again: a power cut within
                the next half minute may then tear it, and writing takes half the time.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the store cannot be asked.
        """
        ...

    async def read_file(self, key: str, path: Path) -> None:
        """Write the object into a file, in pieces.

        Raises:
            ObjectNotFoundError: there is none.
            StoreUnavailableError: the store cannot be asked.
        """
        ...

    async def write_file(self, key: str, path: Path) -> None:
        """Store a file as an object, in pieces; it is there whole or not at all.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the store cannot be asked.
        """
        ...

    async def exists(self, key: str) -> bool:
        """Return whether the object is there."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the object, if it is there."""
        ...

    def objects(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Yield the objects whose keys begin with the prefix, in no promised order."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Return the file that holds the object, where this store keeps files; else None."""
        ...

    def at_hand(self) -> ObjectsAtHand | None:
        """Return the same objects for use in place; None: each use may have to wait."""
        ...


#: Returns the store; raises `StoreUnavailableError` while it cannot be asked.
StoreWhenWanted: TypeAlias = Callable[[], Awaitable[ObjectStore]]
