"""The mapping file: how the columns of a CSV become records. `docs/csv-mapping.md` describes it."""

import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from babel.numbers import is_currency
from pydantic import Field, ValidationError, model_validator

from catalog.bulk.cells import Cell, CellLike, MappingPart, RowFilter, TemplateLike, TextLike
from catalog.bulk.csv_form import CsvForm, DateFormat, Separator
from catalog.bulk.formats import NumberFormat
from catalog.bulk.mapping_faults import explained
from catalog.bulk.model import UnreadableFileError, cannot_be_read
from catalog.media.rules import DENIED_KEYS, refuse_prices
from catalog.products.model import AttributeType, ProductKind

ALL_KINDS: tuple[ProductKind, ...] = ("MODEL", "VARIANT", "SIMPLE")


def _currency(given: str) -> str:
    if not is_currency(given):
        raise ValueError("write an ISO 4217 code such as EUR")
    return given


class ScopeNames(MappingPart):
    """What headers and cells call the locales, markets and channels of the catalogue.

    An empty code leaves the columns of that name out.
    """

    locale: Mapping[str, str] = {}
    market: Mapping[str, str] = {}
    channel: Mapping[str, str] = {}
    currency: Mapping[str, str] = {}


class PairsColumn(MappingPart):
    """A column of `key=value` pairs; each becomes a column `column.key`."""

    pair: str = ","
    equals: str = "="


class ChildrenColumn(MappingPart):
    """A column in which a model lists its variants: pairs, a variant after the other."""

    column: str
    each: str = "|"
    pair: str = ","
    equals: str = "="
    sku: str = "sku"


class ProductPart(MappingPart):
    """What a row says about its product. A simple product that has a parent is a variant.

    Attributes:
        kind: None: `SIMPLE` for products of a family, that of the stored product without one.
        family: None: the rows are about products that are stored.
        replace_values: as the bulk format has it: the values of the rows are all there are.
        strict_gtin: as there, too: a wrong GTIN costs the product.
    """

    sku: CellLike
    kind: CellLike | None = None
    family: CellLike | None = None
    family_variant: CellLike | None = None
    parent: CellLike | None = None
    children: ChildrenColumn | None = None
    gtin: CellLike | None = None
    replace_values: bool = False
    strict_gtin: bool = False


class ModelPart(MappingPart):
    """Rows that name the model along with their variant: Shopify's, for one.

    Attributes:
        where: a model whose rows are all left out here is a simple product.
    """

    sku: CellLike
    family_variant: CellLike | None = None
    where: tuple[RowFilter, ...] = ()


class ColumnPart(MappingPart):
    """One column of an attribute's values, and what they are for."""

    column: CellLike
    locale: TextLike | None = None
    market: TextLike | None = None
    channel: TextLike | None = None
    currency: TextLike | None = None
    unit: TextLike | None = None


class OptionPart(MappingPart):
    """An option of the bulk format: its code, and labels by which cells may name it."""

    code: str
    label: Mapping[str, str] = {}


class AttributePart(MappingPart):
    """An attribute as the bulk format has it, and the columns of its values.

    Attributes:
        column, columns: one column, several, or a header with `{locale}`, `{market}`, `{channel}`,
            `{currency}` in it; an empty list: another file has its values.
        separator: between the values of a multiselect.
        kinds: of the products whose rows are looked at; None: all, but for rows that name their
            model along: axes are the variant's, all else is the model's.
        families: that have it; None: all.
        currency: of a price that is a plain number.
        decimals: the most that a price may have, in its validation; None: those of its currency.
        option_label: columns with the labels of the option that a cell chooses, by locale.
        where: rows in which its columns are looked at.
    """

    code: str
    attribute_type: AttributeType
    label: Mapping[str, str] = {}
    localizable: bool = False
    scopable: bool = False
    market_scoped: bool = False
    unit: str | None = None
    validation: Mapping[str, Any] | None = None
    group: str | None = None
    options: tuple[OptionPart, ...] = ()
    column: CellLike | None = None
    columns: str | tuple[ColumnPart, ...] = ()
    unit_column: CellLike | None = None
    separator: Separator = "|"
    kinds: tuple[ProductKind, ...] | None = None
    families: tuple[str, ...] | None = None
    locale: TextLike | None = None
    market: TextLike | None = None
    channel: TextLike | None = None
    currency: TextLike | None = None
    decimal: Literal[".", ","] | None = None
    thousands: str | None = None
    date: DateFormat | None = None
    decimals: Annotated[int, Field(ge=0)] | None = None
    option_label: Mapping[str, CellLike] = {}
    where: tuple[RowFilter, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "AttributePart":
        if (self.column is None) == ("columns" not in self.model_fields_set):
            raise ValueError(
                "name its column: either `column` or `columns` (`columns = []`: another file has "
                "its values)"
            )
        if self.attribute_type == "price":
            for each in self.places():
                currency = each.currency
                if currency is None and not isinstance(self.columns, str):
                    raise ValueError("name the `currency` of its amounts, such as EUR")
                if currency is not None and currency.constant is not None:
                    _currency(currency.constant)
        return self

    @property
    def limits(self) -> Mapping[str, Any]:
        """What its values are held to, as the bulk format has it."""
        given = self.validation or {}
        return given if self.decimals is None else {**given, "decimals": self.decimals}

    def places(self) -> tuple[ColumnPart, ...]:
        """Return its columns; what they do not say themselves the attribute says."""
        if isinstance(self.columns, str):
            return ()
        own = () if self.column is None else (ColumnPart(column=self.column),)
        unit = self.unit_column or (Cell(constant=self.unit) if self.unit else None)
        scopes = {name: getattr(self, name) for name in ("locale", "market", "channel", "currency")}
        ours = {name: cell for name, cell in (*scopes.items(), ("unit", unit)) if cell is not None}
        return tuple(_filled(each, ours) for each in self.columns or own)

    def numbers(self, form: CsvForm) -> NumberFormat:
        """Return how its numbers are written."""
        decimal = self.decimal or form.decimal
        has_own = self.decimal is not None or self.thousands is not None
        return NumberFormat(
            decimal=decimal, thousands=self.thousands if has_own else form.thousands
        )


def _filled(column: ColumnPart, ours: Mapping[str, Cell]) -> ColumnPart:
    missing = {name: cell for name, cell in ours.items() if getattr(column, name) is None}
    return column.model_copy(update=missing) if missing else column


class VariantPart(MappingPart):
    """A family variant; `{family}` in its code is the code of the family."""

    code: str
    axes: tuple[tuple[str, ...], ...]


class FamilyPart(MappingPart):
    """What the families that the rows name have in common.

    Attributes:
        add_attributes: also to families that are stored.
    """

    label: CellLike | None = None
    required: Mapping[str, tuple[str, ...]] = {}
    variants: tuple[VariantPart, ...] = ()
    add_attributes: bool = False


class MembersPart(MappingPart):
    """A list that is whole where it is named, unless it is only added to or taken from."""

    add: bool = False
    remove: bool = False
    kinds: tuple[ProductKind, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> "MembersPart":
        if self.add and self.remove:
            raise ValueError("choose one of `add` and `remove`; without either the list is whole")
        return self


class CategoryPart(MembersPart):
    """A column of category paths, codes or labels.

    Attributes:
        skip: how many steps at the beginning of each path are left out.
        root: code of the tree that all of them are put below.
        label: of the root; None: its code.
    """

    column: CellLike
    separator: Separator = ","
    path: Separator = "/"
    skip: int = Field(default=0, ge=0)
    root: str
    label: str | None = None


class ImagePart(MembersPart):
    """A column of image files; its pictures are bound to the product of the row.

    Attributes:
        separator: between several files; None: one file a cell.
        basename: of paths and URLs only the name of the file counts.
    """

    column: CellLike
    role: Literal["hero", "gallery", "swatch", "detail", "packaging"]
    separator: Separator | None = None
    basename: bool = False
    locale: str | None = None
    market: str | None = None
    channel: str | None = None


class AssetPart(MappingPart):
    """What every asset has that the rows name by its file.

    Attributes:
        status: None: as stored; a new asset is a draft.
        revoke_approval: as the bulk format has it: with `draft` also what a person approved.
    """

    status: Literal["draft", "approved"] | None = None
    revoke_approval: bool = False
    licences: tuple[str, ...] | Mapping[str, tuple[str, ...]] = ()
    collections: tuple[str, ...] | Mapping[str, tuple[str, ...]] = ()
    grants: tuple[Mapping[str, Any], ...] | Mapping[str, Any] = ()
    values: Mapping[str, TemplateLike | Mapping[str, TemplateLike]] = {}
    replace_values: bool = False


class CsvMapping(MappingPart):
    """A whole mapping file.

    Attributes:
        locale: of labels, and of the values of localizable attributes.
        where: what rows have to be to count at all.
        record: records of the bulk format that are there before the rows.
    """

    locale: str
    csv: CsvForm = CsvForm()
    scopes: ScopeNames = ScopeNames()
    where: tuple[RowFilter, ...] = ()
    record: tuple[Mapping[str, Any], ...] = ()
    pairs: Mapping[str, PairsColumn] = {}
    model: ModelPart | None = None
    product: ProductPart
    family: FamilyPart = FamilyPart()
    attribute: tuple[AttributePart, ...] = ()
    category: CategoryPart | None = None
    image: tuple[ImagePart, ...] = ()
    asset: AssetPart = AssetPart()

    def kinds_of(self, part: AttributePart | MembersPart) -> tuple[ProductKind, ...]:
        """Return the kinds of products that a part speaks of."""
        if part.kinds is not None or self.model is None:
            return part.kinds or ALL_KINDS
        axes = {code for each in self.family.variants for level in each.axes for code in level}
        is_axis = isinstance(part, AttributePart) and part.code in axes
        return ("VARIANT", "SIMPLE") if is_axis else ("MODEL", "SIMPLE")


def templates_of(part: AssetPart) -> list[Cell]:
    """Return every template of the values of assets."""
    found: list[Cell] = []
    for value in part.values.values():
        found += [value] if isinstance(value, Cell) else value.values()
    return found


def read_mapping(path: Path) -> CsvMapping:
    """Read a mapping file.

    Raises:
        UnreadableFileError: it cannot be read, or says what a mapping cannot say.
        PriceInAssetError: a price would get into the metadata of assets.
    """
    try:
        # composed, as the names of columns are once they were read
        text = unicodedata.normalize("NFC", path.read_text("utf-8-sig"))
        mapping = CsvMapping.model_validate(tomllib.loads(text))
    except OSError as error:
        refused = cannot_be_read(path, error)
        raise refused from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path} is no UTF-8: save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFileError(f"{path} is no TOML: {error}: mend it there") from error
    except ValidationError as error:
        where, message = explained(error, CsvMapping)
        raise UnreadableFileError(f"{path}: {message}", field=where) from error
    for template in templates_of(mapping.asset):
        refuse_prices(dict.fromkeys(template.fields()), DENIED_KEYS)
    return mapping
