"""The answers to `imports.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class ImportChannels(TypedDict):
    code: str
    name: str


class ImportUploads(TypedDict):
    id: str
    name: str
    bytes: int
    createdAt: str


class ImportData(TypedDict):
    channels: list[ImportChannels] | None
    uploads: list[ImportUploads] | None


class ImportFileImportFileWork(TypedDict):
    id: str


class ImportFileImportFileErrors(TypedDict):
    code: str
    field: str | None
    message: str


class ImportFileImportFile(TypedDict):
    work: ImportFileImportFileWork | None
    errors: list[ImportFileImportFileErrors]


class ImportFileData(TypedDict):
    importFile: ImportFileImportFile


IMPORT: Final[Operation[ImportData]] = operation(__file__, "Import")
IMPORT_FILE: Final[Operation[ImportFileData]] = operation(__file__, "ImportFile")
