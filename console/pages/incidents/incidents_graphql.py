"""The answers to `incidents.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class ReplaysReplaysNodesWho(TypedDict):
    name: str


class ReplaysReplaysNodes(TypedDict):
    id: str
    ranAt: str
    who: ReplaysReplaysNodesWho | None
    first: str | None
    last: str | None
    judged: int
    delivered: int
    incidents: int
    late: int
    notSeen: list[str]


class ReplaysReplaysPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class ReplaysReplays(TypedDict):
    nodes: list[ReplaysReplaysNodes]
    pageInfo: ReplaysReplaysPageInfo


class ReplaysData(TypedDict):
    replays: ReplaysReplays | None


class IncidentsReplayIncidentsNodes(TypedDict):
    at: str
    assetId: str
    channel: str
    country: str | None
    how: str
    reason: str | None
    darkSince: str | None
    overdueSeconds: float | None
    place: str


class IncidentsReplayIncidentsPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class IncidentsReplayIncidents(TypedDict):
    nodes: list[IncidentsReplayIncidentsNodes]
    pageInfo: IncidentsReplayIncidentsPageInfo


class IncidentsData(TypedDict):
    replayIncidents: IncidentsReplayIncidents | None


REPLAYS: Final[Operation[ReplaysData]] = operation(__file__, "Replays")
INCIDENTS: Final[Operation[IncidentsData]] = operation(__file__, "Incidents")
