"""The answers to `work.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class WorksWorksNodesCounts(TypedDict):
    type: str
    outcome: str
    count: int


class WorksWorksNodesFile(TypedDict):
    id: str
    name: str


class WorksWorksNodesMapping(TypedDict):
    id: str
    name: str


class WorksWorksNodes(TypedDict):
    id: str
    kind: str
    state: Literal["QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED"]
    done: int
    total: int | None
    failed: int
    cause: str | None
    isBeingCancelled: bool
    isCheck: bool
    counts: list[WorksWorksNodesCounts]
    file: WorksWorksNodesFile | None
    mapping: WorksWorksNodesMapping | None
    startedBy: str
    createdAt: str
    endedAt: str | None


class WorksWorksPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class WorksWorks(TypedDict):
    nodes: list[WorksWorksNodes]
    pageInfo: WorksWorksPageInfo


class WorksData(TypedDict):
    works: WorksWorks | None


class OneWorkWorkCounts(TypedDict):
    type: str
    outcome: str
    count: int


class OneWorkWorkFile(TypedDict):
    id: str
    name: str


class OneWorkWorkMapping(TypedDict):
    id: str
    name: str


class OneWorkWorkResult(TypedDict):
    name: str
    url: str
    expiresAt: str


class OneWorkWorkRowsNodes(TypedDict):
    subject: str | None
    state: Literal["DONE", "FAILED"]
    code: str | None
    message: str | None


class OneWorkWorkRowsPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class OneWorkWorkRows(TypedDict):
    nodes: list[OneWorkWorkRowsNodes]
    pageInfo: OneWorkWorkRowsPageInfo


class OneWorkWork(TypedDict):
    id: str
    kind: str
    state: Literal["QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED"]
    done: int
    total: int | None
    failed: int
    cause: str | None
    isBeingCancelled: bool
    isCheck: bool
    counts: list[OneWorkWorkCounts]
    file: OneWorkWorkFile | None
    mapping: OneWorkWorkMapping | None
    startedBy: str
    createdAt: str
    endedAt: str | None
    beganAt: str | None
    result: OneWorkWorkResult | None
    rows: OneWorkWorkRows | None


class OneWorkData(TypedDict):
    work: OneWorkWork | None


class CancelWorkCancelWorkWork(TypedDict):
    id: str


class CancelWorkCancelWorkErrors(TypedDict):
    code: str
    field: str | None
    message: str


class CancelWorkCancelWork(TypedDict):
    work: CancelWorkCancelWorkWork | None
    errors: list[CancelWorkCancelWorkErrors]


class CancelWorkData(TypedDict):
    cancelWork: CancelWorkCancelWork


class RetryWorkRetryWorkWork(TypedDict):
    id: str


class RetryWorkRetryWorkErrors(TypedDict):
    code: str
    field: str | None
    message: str


class RetryWorkRetryWork(TypedDict):
    work: RetryWorkRetryWorkWork | None
    errors: list[RetryWorkRetryWorkErrors]


class RetryWorkData(TypedDict):
    retryWork: RetryWorkRetryWork


class AnnounceCreateUploadUpload(TypedDict):
    id: str
    url: str


class AnnounceCreateUploadErrors(TypedDict):
    code: str
    field: str | None
    message: str


class AnnounceCreateUpload(TypedDict):
    upload: AnnounceCreateUploadUpload | None
    errors: list[AnnounceCreateUploadErrors]


class AnnounceData(TypedDict):
    createUpload: AnnounceCreateUpload


class ImportAgainImportAgainWork(TypedDict):
    id: str


class ImportAgainImportAgainErrors(TypedDict):
    code: str
    field: str | None
    message: str


class ImportAgainImportAgain(TypedDict):
    work: ImportAgainImportAgainWork | None
    errors: list[ImportAgainImportAgainErrors]


class ImportAgainData(TypedDict):
    importAgain: ImportAgainImportAgain


WORKS: Final[Operation[WorksData]] = operation(__file__, "Works")
ONE_WORK: Final[Operation[OneWorkData]] = operation(__file__, "OneWork")
CANCEL_WORK: Final[Operation[CancelWorkData]] = operation(__file__, "CancelWork")
RETRY_WORK: Final[Operation[RetryWorkData]] = operation(__file__, "RetryWork")
ANNOUNCE: Final[Operation[AnnounceData]] = operation(__file__, "Announce")
IMPORT_AGAIN: Final[Operation[ImportAgainData]] = operation(__file__, "ImportAgain")
