"""The graph as pages of the same process ask it: what the two sides agree on.

The api answers, pages show; neither package imports the other, and the command that starts the api
joins them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request

from catalog.access.model import Identification
from catalog.access.roles import Action
from catalog.access.rules import may
from catalog.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who is logged in with a browser and looks at pages.

    Attributes:
        known_by: their session.
        form_token: what their forms show, to be told from those of other sites.
    """

    known_by: Identification
    form_token: str = field(repr=False)

    @property
    def principal(self) -> Principal:
        """Who it is."""
        return self.known_by.principal

    def may(self, action: Action) -> bool:
        """Return whether an action is allowed to them somewhere; the graph decides where."""
        return may(self.known_by.assignments, action, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphProblem:
    """Why a field could not be answered, or a change not be made.

    Attributes:
        code: stable, see `docs/errors.md`; pages show their own words for it.
        message: the api's English, for logs.
        field: of the input, where it is known.
    """

    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphAnswer:
    """What the graph answers to a document.

    Attributes:
        data: by root field; None: nothing was executed.
    """

    data: Mapping[str, Any] | None
    problems: Sequence[GraphProblem] = ()


MAX_FORM_BYTES: Final = 16_384
#: Forms of a grid state each row that is selected: at most 1,000.
MAX_GRID_FORM_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class FormBounds:
    """How much a form may hold."""

    max_bytes: int = MAX_FORM_BYTES
    max_fields: int = 20


GRID_FORMS: Final = FormBounds(max_bytes=MAX_GRID_FORM_BYTES, max_fields=1_100)


class Graph(Protocol):
    """The graph, asked by whoever is logged in, under the table of rights and the limits."""

    async def visitor(self, request: Request) -> Visitor | None:
        """Return who looks; None: nobody is logged in."""
        ...

    async def ask(
        self, request: Request, visitor: Visitor, document: str, variables: Mapping[str, Any]
    ) -> GraphAnswer:
        """Execute a document of one operation.

        Raises:
            VitrineError: it was refused as a whole: too many were asked, or it took too long.
        """
        ...

    async def read_form(
        self, request: Request, visitor: Visitor, bounds: FormBounds
    ) -> ImmutableMultiDict[str, str]:
        """Return the fields of a form of ours.

        Raises:
            VitrineError: another site sent it, it is too large, or no form.
        """
        ...
