"""The answers to `home.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class HomeTasksNodes(TypedDict):
    id: str
    kind: str
    cause: str
    dueAt: str | None
    escalatedAt: str | None


class HomeTasks(TypedDict):
    nodes: list[HomeTasksNodes]


class HomeData(TypedDict):
    tasks: HomeTasks | None


HOME: Final[Operation[HomeData]] = operation(__file__, "Home")
