"""The answers to `exports.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class ExportProductsExportProductsWork(TypedDict):
    id: str


class ExportProductsExportProductsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class ExportProductsExportProducts(TypedDict):
    work: ExportProductsExportProductsWork | None
    errors: list[ExportProductsExportProductsErrors]


class ExportProductsData(TypedDict):
    exportProducts: ExportProductsExportProducts


EXPORT_PRODUCTS: Final[Operation[ExportProductsData]] = operation(__file__, "ExportProducts")
