"""The answers to `roles.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class RolesRoles(TypedDict):
    code: str
    label: str
    actions: list[str]
    isOwn: bool
    isScope: bool


class RolesActions(TypedDict):
    code: str
    allows: str
    isNarrowable: bool


class RolesData(TypedDict):
    roles: list[RolesRoles] | None
    actions: list[RolesActions] | None


class PutRolesPutRolesResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PutRolesPutRolesResults(TypedDict):
    errors: list[PutRolesPutRolesResultsErrors]


class PutRolesPutRolesErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PutRolesPutRoles(TypedDict):
    results: list[PutRolesPutRolesResults]
    errors: list[PutRolesPutRolesErrors]


class PutRolesData(TypedDict):
    putRoles: PutRolesPutRoles


ROLES: Final[Operation[RolesData]] = operation(__file__, "Roles")
PUT_ROLES: Final[Operation[PutRolesData]] = operation(__file__, "PutRoles")
