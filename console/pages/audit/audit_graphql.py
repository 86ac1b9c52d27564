"""The answers to `audit.graphql`; written by `make schema`."""

from typing import Any, Final, Literal, TypedDict

from console.operations import Operation, operation


class NamedPrincipalsNodes(TypedDict):
    id: str
    name: str


class NamedPrincipals(TypedDict):
    nodes: list[NamedPrincipalsNodes]


class NamedData(TypedDict):
    principals: NamedPrincipals | None


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


NAMED: Final[Operation[NamedData]] = operation(__file__, "Named")
AUDIT: Final[Operation[AuditData]] = operation(__file__, "Audit")
