"""The answers to `tasks.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class TasksTasksNodes(TypedDict):
    id: str
    kind: str
    subject: str | None
    role: str
    state: Literal["OPEN", "SNOOZED", "RESOLVED"]
    cause: str
    count: int
    assignee: str | None
    dueAt: str | None
    snoozedUntil: str | None
    escalatedAt: str | None
    lastAt: str


class TasksTasksPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class TasksTasks(TypedDict):
    nodes: list[TasksTasksNodes]
    pageInfo: TasksTasksPageInfo


class TasksData(TypedDict):
    tasks: TasksTasks | None


class OneTaskTaskComments(TypedDict):
    text: str
    createdBy: str
    createdAt: str


class OneTaskTask(TypedDict):
    id: str
    kind: str
    subject: str | None
    role: str
    state: Literal["OPEN", "SNOOZED", "RESOLVED"]
    cause: str
    count: int
    assignee: str | None
    dueAt: str | None
    snoozedUntil: str | None
    escalatedAt: str | None
    lastAt: str
    actions: list[str]
    firstAt: str
    resolvedAt: str | None
    resolution: str | None
    comments: list[OneTaskTaskComments]


class OneTaskData(TypedDict):
    task: OneTaskTask | None


class CreateTaskCreateTaskTask(TypedDict):
    id: str


class CreateTaskCreateTaskErrors(TypedDict):
    code: str
    field: str | None
    message: str


class CreateTaskCreateTask(TypedDict):
    task: CreateTaskCreateTaskTask | None
    errors: list[CreateTaskCreateTaskErrors]


class CreateTaskData(TypedDict):
    createTask: CreateTaskCreateTask


class AssignTasksAssignTasksResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class AssignTasksAssignTasksResults(TypedDict):
    id: str
    errors: list[AssignTasksAssignTasksResultsErrors]


class AssignTasksAssignTasksErrors(TypedDict):
    code: str
    field: str | None
    message: str


class AssignTasksAssignTasks(TypedDict):
    results: list[AssignTasksAssignTasksResults]
    errors: list[AssignTasksAssignTasksErrors]


class AssignTasksData(TypedDict):
    assignTasks: AssignTasksAssignTasks


class SnoozeTasksSnoozeTasksResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SnoozeTasksSnoozeTasksResults(TypedDict):
    id: str
    errors: list[SnoozeTasksSnoozeTasksResultsErrors]


class SnoozeTasksSnoozeTasksErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SnoozeTasksSnoozeTasks(TypedDict):
    results: list[SnoozeTasksSnoozeTasksResults]
    errors: list[SnoozeTasksSnoozeTasksErrors]


class SnoozeTasksData(TypedDict):
    snoozeTasks: SnoozeTasksSnoozeTasks


class ResolveTasksResolveTasksResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class ResolveTasksResolveTasksResults(TypedDict):
    id: str
    errors: list[ResolveTasksResolveTasksResultsErrors]


class ResolveTasksResolveTasksErrors(TypedDict):
    code: str
    field: str | None
    message: str


class ResolveTasksResolveTasks(TypedDict):
    results: list[ResolveTasksResolveTasksResults]
    errors: list[ResolveTasksResolveTasksErrors]


class ResolveTasksData(TypedDict):
    resolveTasks: ResolveTasksResolveTasks


class CommentTaskCommentTaskTask(TypedDict):
    id: str


class CommentTaskCommentTaskErrors(TypedDict):
    code: str
    field: str | None
    message: str


class CommentTaskCommentTask(TypedDict):
    task: CommentTaskCommentTaskTask | None
    errors: list[CommentTaskCommentTaskErrors]


class CommentTaskData(TypedDict):
    commentTask: CommentTaskCommentTask


TASKS: Final[Operation[TasksData]] = operation(__file__, "Tasks")
ONE_TASK: Final[Operation[OneTaskData]] = operation(__file__, "OneTask")
CREATE_TASK: Final[Operation[CreateTaskData]] = operation(__file__, "CreateTask")
ASSIGN_TASKS: Final[Operation[AssignTasksData]] = operation(__file__, "AssignTasks")
SNOOZE_TASKS: Final[Operation[SnoozeTasksData]] = operation(__file__, "SnoozeTasks")
RESOLVE_TASKS: Final[Operation[ResolveTasksData]] = operation(__file__, "ResolveTasks")
COMMENT_TASK: Final[Operation[CommentTaskData]] = operation(__file__, "CommentTask")
