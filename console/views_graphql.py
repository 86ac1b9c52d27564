"""The answers to `views.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class ViewsViewsOwnerPrincipal(TypedDict):
    name: str


class ViewsViews(TypedDict):
    id: str
    name: str
    filters: str
    columns: list[str]
    isShared: bool
    isMine: bool
    isDefault: bool
    ownerPrincipal: ViewsViewsOwnerPrincipal | None


class ViewsData(TypedDict):
    views: list[ViewsViews] | None


class PutViewPutViewsResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PutViewPutViewsResults(TypedDict):
    id: str | None
    errors: list[PutViewPutViewsResultsErrors]


class PutViewPutViewsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PutViewPutViews(TypedDict):
    results: list[PutViewPutViewsResults]
    errors: list[PutViewPutViewsErrors]


class PutViewData(TypedDict):
    putViews: PutViewPutViews


class DeleteViewDeleteViewsResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class DeleteViewDeleteViewsResults(TypedDict):
    errors: list[DeleteViewDeleteViewsResultsErrors]


class DeleteViewDeleteViewsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class DeleteViewDeleteViews(TypedDict):
    results: list[DeleteViewDeleteViewsResults]
    errors: list[DeleteViewDeleteViewsErrors]


class DeleteViewData(TypedDict):
    deleteViews: DeleteViewDeleteViews


class SetDefaultViewSetDefaultViewErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SetDefaultViewSetDefaultView(TypedDict):
    errors: list[SetDefaultViewSetDefaultViewErrors]


class SetDefaultViewData(TypedDict):
    setDefaultView: SetDefaultViewSetDefaultView


VIEWS: Final[Operation[ViewsData]] = operation(__file__, "Views")
PUT_VIEW: Final[Operation[PutViewData]] = operation(__file__, "PutView")
DELETE_VIEW: Final[Operation[DeleteViewData]] = operation(__file__, "DeleteView")
SET_DEFAULT_VIEW: Final[Operation[SetDefaultViewData]] = operation(__file__, "SetDefaultView")
