"""The answers to `health.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class HealthHealthProcessesProblems(TypedDict):
    check: str
    message: str


class HealthHealthProcesses(TypedDict):
    id: str
    kind: Literal["API", "GATEWAY", "PURGER", "RELAY"]
    version: str
    host: str
    startedAt: str
    reportedAt: str
    isReady: bool
    isSilent: bool
    problems: list[HealthHealthProcessesProblems]
    feedLagSeconds: float | None


class HealthHealthDatabase(TypedDict):
    version: str
    mebibytes: float
    connections: int
    mostConnections: int


class HealthHealthStore(TypedDict):
    isReachable: bool
    problem: str | None


class HealthHealthQueue(TypedDict):
    waiting: int
    oldestAt: str | None
    running: int
    failed: int


class HealthHealthPurges(TypedDict):
    due: int
    overdueSeconds: float


class HealthHealthAudit(TypedDict):
    sealedAt: str | None
    unsealed: int


class HealthHealth(TypedDict):
    processes: list[HealthHealthProcesses]
    database: HealthHealthDatabase
    store: HealthHealthStore
    queue: HealthHealthQueue
    purges: HealthHealthPurges
    audit: HealthHealthAudit


class HealthData(TypedDict):
    health: HealthHealth | None


HEALTH: Final[Operation[HealthData]] = operation(__file__, "Health")
