"""Frozen values of saved views: a page with its filters and columns, under a name."""

import uuid
from dataclasses import dataclass

from catalog.errors import VitrineError


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A list as somebody likes to see it.

    Attributes:
        id: of its row.
        page: its path below the console, such as `/products`.
        filters: a query string, as the page's address has it.
        columns: those that are shown, in their order; none: what the page shows by itself.
        is_shared: whether everybody who sees the page can take it.
    """

    id: int
    public_id: str
    revision: int
    owner: uuid.UUID
    page: str
    name: str
    filters: str
    columns: tuple[str, ...]
    is_shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedView:
    """A saved view as somebody finds it; `is_default`: the page opens with it, for them."""

    view: SavedView
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewDraft:
    """A view that is wanted; `id`: the public id of the one that it changes, None: a new one."""

    id: str | None
    page: str
    name: str
    filters: str
    columns: tuple[str, ...]
    is_shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewResult:
    """What became of one of a batch: as it is now, or why it was refused."""

    id: str | None
    view: ListedView | None = None
    error: VitrineError | None = None
