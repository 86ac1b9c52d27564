"""The answers to `audit.graphql`; written by `make schema`."""

from typing import Any, Final, Literal, TypedDict

from console.operations import Operation, operation


class AuditAuditNodesWho(TypedDict):
    name: str
    kind: Literal["PERSON", "SERVICE"]


class AuditAuditNodes(TypedDict):
    id: str
    at: str
    type: str
    subject: str
    subjectName: str | None
    principal: str
    who: AuditAuditNodesWho | None
    address: str | None
    apiKey: str | None
    session: str | None
    data: Any
    before: Any | None
    after: Any | None


class AuditAuditPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class AuditAudit(TypedDict):
    nodes: list[AuditAuditNodes]
    pageInfo: AuditAuditPageInfo


class AuditData(TypedDict):
    audit: AuditAudit | None


AUDIT: Final[Operation[AuditData]] = operation(__file__, "Audit")
