"""The answers to `home.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class MyTasksTasksNodes(TypedDict):
    id: str
    kind: str
    cause: str
    dueAt: str | None
    escalatedAt: str | None


class MyTasksTasks(TypedDict):
    nodes: list[MyTasksTasksNodes]


class MyTasksTaskCounts(TypedDict):
    role: str
    state: Literal["OPEN", "SNOOZED", "RESOLVED"]
    count: int
    overdue: int


class MyTasksData(TypedDict):
    tasks: MyTasksTasks | None
    taskCounts: list[MyTasksTaskCounts] | None


class FailedWorkWorksNodes(TypedDict):
    id: str
    kind: str
    cause: str | None
    endedAt: str | None


class FailedWorkWorks(TypedDict):
    nodes: list[FailedWorkWorksNodes]


class FailedWorkData(TypedDict):
    works: FailedWorkWorks | None


class DarkSoonGoingDarkNodesAsset(TypedDict):
    id: str
    code: str
    title: str | None


class DarkSoonGoingDarkNodesPlacesProducts(TypedDict):
    sku: str


class DarkSoonGoingDarkNodesPlaces(TypedDict):
    channel: str
    market: str | None
    products: list[DarkSoonGoingDarkNodesPlacesProducts]


class DarkSoonGoingDarkNodes(TypedDict):
    at: str
    asset: DarkSoonGoingDarkNodesAsset
    places: list[DarkSoonGoingDarkNodesPlaces]


class DarkSoonGoingDark(TypedDict):
    nodes: list[DarkSoonGoingDarkNodes]


class DarkSoonData(TypedDict):
    goingDark: DarkSoonGoingDark | None


class ToPublishChangedNodes(TypedDict):
    sku: str
    label: str | None
    updatedAt: str


class ToPublishChanged(TypedDict):
    nodes: list[ToPublishChangedNodes]


class ToPublishUnpublished(TypedDict):
    totalCount: int | None


class ToPublishAll(TypedDict):
    totalCount: int | None


class ToPublishData(TypedDict):
    changed: ToPublishChanged | None
    unpublished: ToPublishUnpublished | None
    all: ToPublishAll | None


class RecentRecentChangesNodesWho(TypedDict):
    name: str


class RecentRecentChangesNodes(TypedDict):
    id: str
    at: str
    type: str
    subject: str
    subjectName: str | None
    who: RecentRecentChangesNodesWho | None


class RecentRecentChanges(TypedDict):
    nodes: list[RecentRecentChangesNodes]


class RecentData(TypedDict):
    recentChanges: RecentRecentChanges | None


MY_TASKS: Final[Operation[MyTasksData]] = operation(__file__, "MyTasks")
FAILED_WORK: Final[Operation[FailedWorkData]] = operation(__file__, "FailedWork")
DARK_SOON: Final[Operation[DarkSoonData]] = operation(__file__, "DarkSoon")
TO_PUBLISH: Final[Operation[ToPublishData]] = operation(__file__, "ToPublish")
RECENT: Final[Operation[RecentData]] = operation(__file__, "Recent")
