"""Where a mapping takes a text from: a column, a template of columns, or the mapping itself."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_FIELD = re.compile(r"\{([^{}]+)\}")


class MappingPart(BaseModel):
    """A table of the mapping file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cell(MappingPart):
    """Where a text comes from: a column, a template of columns, or the mapping itself.

    Attributes:
        template: `"{name}, {parent.name}"`; what is empty leaves no commas behind.
        map: replaces texts; one that it does not have stays.
        slug: in lower-case ASCII, words joined by hyphens.
    """

    column: str | None = None
    constant: str | None = None
    template: str | None = None
    map: Mapping[str, str] = {}
    slug: bool = False

    def fields(self) -> list[str]:
        """Return the columns that it needs."""
        columns = _FIELD.findall(self.template or "")
        return [*columns, self.column] if self.column else columns


def _as_cell(given: object) -> object:
    return {"column": given} if isinstance(given, str) else given


def _as_template(given: object) -> object:
    return {"template": given} if isinstance(given, str) else given


def _as_constant(given: object) -> object:
    return {"constant": given} if isinstance(given, str) else given


#: A column by its name alone, or a table.
CellLike = Annotated[Cell, BeforeValidator(_as_cell)]
#: A template by its text alone, or a table.
TemplateLike = Annotated[Cell, BeforeValidator(_as_template)]
#: A text that is the same for every row, or a table.
TextLike = Annotated[Cell, BeforeValidator(_as_constant)]


class RowFilter(MappingPart):
    """Which rows count: those whose cell holds one of some texts, or none of some others."""

    column: CellLike
    is_: tuple[str, ...] | None = Field(default=None, alias="is")
    is_not: tuple[str, ...] = ()

    def takes(self, text: str) -> bool:
        """Return whether a row with this text counts."""
        return (self.is_ is None or text in self.is_) and text not in self.is_not


def filled(template: str, cells: Mapping[str, str]) -> str:
    """Fill a template; what an empty column leaves behind at either end goes too."""
    return _FIELD.sub(lambda match: cells.get(match[1], ""), template).strip(" ,;/-")
