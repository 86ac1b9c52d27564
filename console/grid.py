"""A list as somebody sees it: its columns and saved views, and what became of its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from console.views_graphql import ViewsViews
from serving.in_process import GraphProblem

#: What an address says besides filters.
NO_FILTERS: Final = frozenset({"after", "view", "columns"})
#: Of `view`: the page as it is, where another would open by default.
NO_VIEW: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The columns and the saved views of a list.

    Attributes:
        path: of the page.
        columns: all that it has, besides the first.
        chosen: those that are shown.
        views: that whoever looks can take.
        may_save: whether they can save one.
        at: the view that is shown; None: none, or one that is gone.
    """

    path: str
    columns: Sequence[str]
    chosen: frozenset[str]
    views: Sequence[ViewsViews]
    may_save: bool
    at: ViewsViews | None

    def shows(self, column: str) -> bool:
        """Return whether a column is shown."""
        return column in self.chosen

    def address(self, view: ViewsViews) -> str:
        """Return where the list is shown as a view has it."""
        parts = {
            **dict(parse_qsl(view["filters"])),
            "columns": ",".join(view["columns"]),
            "view": view["id"],
        }
        return f"{self.path}?{urlencode({name: value for name, value in parts.items() if value})}"

    @property
    def default(self) -> ViewsViews | None:
        """Return the view that the page opens with."""
        return next((each for each in self.views if each["isDefault"]), None)


def grid_of(
    path: str,
    columns: Sequence[str],
    query: Mapping[str, str],
    views: Sequence[ViewsViews] | None,
) -> Grid:
    """Return a list as an address has it.

    Args:
        path: of the page.
        columns: that the list has; those of the address that it does not have are passed over.
        query: of the address.
        views: that can be taken; None: whoever looks saves none.
    """
    named = frozenset(query.get("columns", "").split(",")) & frozenset(columns)
    found = views or ()
    return Grid(
        path=path,
        columns=columns,
        chosen=named or frozenset(columns),
        views=found,
        may_save=views is not None,
        at=next((each for each in found if each["id"] == query.get("view")), None),
    )


def filters_of(query: Mapping[str, str]) -> str:
    """Return the filters of an address, as a saved view keeps them."""
    return urlencode({
        name: value for name, value in query.items() if value and name not in NO_FILTERS
    })


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of a row that was selected; `problems`: empty, it was done."""

    name: str
    problems: Sequence[GraphProblem]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """A selected row before its change; `obstacle`: a word for why it can't be, or None."""

    id: str
    name: str
    obstacle: str | None


def planned(
    ids: Sequence[str], names: Mapping[str, str], obstacles: Mapping[str, str]
) -> Iterator[PlannedRow]:
    """Return selected rows with what stands against their change."""
    for each in ids:
        yield PlannedRow(id=each, name=names.get(each, each), obstacle=obstacles.get(each))
