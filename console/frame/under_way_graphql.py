"""The answers to `under_way.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class UnderWayWorksNodes(TypedDict):
    id: str


class UnderWayWorks(TypedDict):
    nodes: list[UnderWayWorksNodes]


class UnderWayData(TypedDict):
    works: UnderWayWorks | None


UNDER_WAY: Final[Operation[UnderWayData]] = operation(__file__, "UnderWay")
