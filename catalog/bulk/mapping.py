"""The mapping file: how the columns of a CSV become records. `docs/csv-mapping.md` describes it."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from catalog.bulk.model import UnreadableFileError
from catalog.media.rules import DENIED_KEYS, refuse_prices
from catalog.products.model import AttributeType, ProductKind

_FIELD = re.compile(r"\{([^{}]+)\}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cell(_Part):
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


#: A column by its name alone, or a table.
CellLike = Annotated[Cell, BeforeValidator(_as_cell)]
#: A template by its text alone, or a table.
TemplateLike = Annotated[Cell, BeforeValidator(_as_template)]


class CsvForm(_Part):
    """How the file is written.

    Attributes:
        entities: whether `&amp;` and the like stand for characters, but for rich text.
    """

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8-sig"
    entities: bool = False


class Pairs(_Part):
    """A column of `key=value` pairs; each becomes a column `column.key`."""

    pair: str = ","
    equals: str = "="


class Children(_Part):
    """A column in which a model lists its variants: pairs, a variant after the other."""

    column: str
    each: str = "|"
    pair: str = ","
    equals: str = "="
    sku: str = "sku"


class ProductPart(_Part):
    """What a row says about its product. A simple product that has a parent is a variant."""

    sku: CellLike
    kind: CellLike = Cell(constant="SIMPLE")
    family: CellLike
    family_variant: CellLike | None = None
    parent: CellLike | None = None
    children: Children | None = None
    gtin: CellLike | None = None


class AttributePart(_Part):
    """An attribute as the bulk format has it, and the column of its values.

    Attributes:
        separator: between the values of a multiselect.
        kinds: of the products whose rows are looked at.
        currency: of a price that is a plain number.
    """

    code: str
    attribute_type: AttributeType
    label: Mapping[str, str] = {}
    localizable: bool = False
    scopable: bool = False
    market_scoped: bool = False
    unit: str | None = None
    group: str | None = None
    column: CellLike
    separator: str = "|"
    kinds: tuple[ProductKind, ...] = ("MODEL", "VARIANT", "SIMPLE")
    currency: str | None = None


class VariantPart(_Part):
    """A family variant; `{family}` in its code is the code of the family."""

    code: str
    axes: tuple[tuple[str, ...], ...]


class FamilyPart(_Part):
    """What all families that the rows name have in common; they get every attribute."""

    label: CellLike | None = None
    required: Mapping[str, tuple[str, ...]] = {}
    variants: tuple[VariantPart, ...] = ()


class CategoryPart(_Part):
    """A column of category paths.

    Attributes:
        skip: how many steps at the beginning of each path are left out.
        root: code of the tree that all of them are put below.
        label: of the root.
    """

    column: str
    separator: str = ","
    path: str = "/"
    skip: int = Field(default=0, ge=0)
    root: str
    label: str


class ImagePart(_Part):
    """A column of image files; its pictures are bound to the product of the row.

    Attributes:
        separator: between several files; None: one file a cell.
    """

    column: str
    role: Literal["hero", "gallery", "swatch", "detail", "packaging"]
    separator: str | None = None


class AssetPart(_Part):
    """What every asset has that the rows name by its file."""

    status: Literal["draft", "approved"] = "draft"
    licences: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    grants: tuple[Mapping[str, Any], ...] = ()
    values: Mapping[str, TemplateLike | Mapping[str, TemplateLike]] = {}


class CsvMapping(_Part):
    """A whole mapping file.

    Attributes:
        locale: of labels, and of the values of localizable attributes.
        record: records of the bulk format that are there before the rows.
    """

    locale: str
    csv: CsvForm = CsvForm()
    record: tuple[Mapping[str, Any], ...] = ()
    pairs: Mapping[str, Pairs] = {}
    product: ProductPart
    family: FamilyPart = FamilyPart()
    attribute: tuple[AttributePart, ...] = ()
    category: CategoryPart | None = None
    image: tuple[ImagePart, ...] = ()
    asset: AssetPart = AssetPart()


def read_mapping(path: Path) -> CsvMapping:
    """Read a mapping file.

    Raises:
        UnreadableFileError: it cannot be read, or says what a mapping cannot say.
        PriceInAssetError: a price would get into the metadata of assets.
    """
    try:
        mapping = CsvMapping.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableFileError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableFileError(f"{path}: {where}: {first['msg']}", field=where) from error
    for template in templates_of(mapping.asset):
        refuse_prices(dict.fromkeys(template.fields()), DENIED_KEYS)
    return mapping


def templates_of(part: AssetPart) -> list[Cell]:
    """Return every template of the values of assets."""
    found: list[Cell] = []
    for value in part.values.values():
        found += [value] if isinstance(value, Cell) else value.values()
    return found


def filled(template: str, cells: Mapping[str, str]) -> str:
    """Fill a template; what an empty column leaves behind at either end goes too."""
    return _FIELD.sub(lambda match: cells.get(match[1], ""), template).strip(" ,;/-")
