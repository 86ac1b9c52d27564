"""The answers to `people.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class PeoplePrincipalsNodesRoles(TypedDict):
    role: str
    markets: list[str] | None
    channels: list[str] | None
    locales: list[str] | None
    families: list[str] | None
    categories: list[str] | None
    fields: list[str] | None


class PeoplePrincipalsNodes(TypedDict):
    id: str
    name: str
    kind: Literal["PERSON", "SERVICE"]
    state: Literal["IN_USE", "ENDED"]
    email: str | None
    isOwnService: bool
    lastLoginAt: str | None
    roles: list[PeoplePrincipalsNodesRoles] | None


class PeoplePrincipalsPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class PeoplePrincipals(TypedDict):
    nodes: list[PeoplePrincipalsNodes]
    pageInfo: PeoplePrincipalsPageInfo


class PeopleRoles(TypedDict):
    code: str
    label: str
    isOwn: bool
    canBeGiven: bool


class PeopleActions(TypedDict):
    code: str


class PeopleData(TypedDict):
    principals: PeoplePrincipals | None
    roles: list[PeopleRoles] | None
    actions: list[PeopleActions] | None


class OnePersonMarkets(TypedDict):
    code: str
    name: str


class OnePersonChannels(TypedDict):
    code: str
    name: str


class OnePersonLocales(TypedDict):
    code: str
    name: str


class OnePersonFamilies(TypedDict):
    code: str


class OnePersonAttributes(TypedDict):
    code: str


class OnePersonPrincipalRolesGivenBy(TypedDict):
    id: str
    name: str


class OnePersonPrincipalRoles(TypedDict):
    role: str
    markets: list[str] | None
    channels: list[str] | None
    locales: list[str] | None
    families: list[str] | None
    categories: list[str] | None
    fields: list[str] | None
    givenAt: str | None
    givenBy: OnePersonPrincipalRolesGivenBy | None


class OnePersonPrincipalSessions(TypedDict):
    id: str
    begunAt: str
    usedAt: str
    by: Literal["LINK", "PASSWORD", "OIDC"]
    address: str | None
    isCurrent: bool


class OnePersonPrincipalApiKeys(TypedDict):
    id: str
    name: str
    state: Literal["IN_USE", "REPLACED", "EXPIRED", "ENDED"]
    scopes: list[str]
    lastUsedAt: str | None
    expiresAt: str | None


class OnePersonPrincipal(TypedDict):
    id: str
    name: str
    kind: Literal["PERSON", "SERVICE"]
    state: Literal["IN_USE", "ENDED"]
    email: str | None
    isOwnService: bool
    createdAt: str | None
    endedAt: str | None
    lastLoginAt: str | None
    roles: list[OnePersonPrincipalRoles] | None
    sessions: list[OnePersonPrincipalSessions] | None
    apiKeys: list[OnePersonPrincipalApiKeys] | None


class OnePersonRoles(TypedDict):
    code: str
    label: str
    isOwn: bool
    canBeGiven: bool


class OnePersonData(TypedDict):
    markets: list[OnePersonMarkets] | None
    channels: list[OnePersonChannels] | None
    locales: list[OnePersonLocales] | None
    families: list[OnePersonFamilies] | None
    attributes: list[OnePersonAttributes] | None
    principal: OnePersonPrincipal | None
    roles: list[OnePersonRoles] | None


class PutPeoplePutPeopleResultsPrincipal(TypedDict):
    id: str


class PutPeoplePutPeopleResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PutPeoplePutPeopleResults(TypedDict):
    principal: PutPeoplePutPeopleResultsPrincipal | None
    errors: list[PutPeoplePutPeopleResultsErrors]


class PutPeoplePutPeopleErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PutPeoplePutPeople(TypedDict):
    results: list[PutPeoplePutPeopleResults]
    errors: list[PutPeoplePutPeopleErrors]


class PutPeopleData(TypedDict):
    putPeople: PutPeoplePutPeople


class PutServicesPutServicesResultsPrincipal(TypedDict):
    id: str


class PutServicesPutServicesResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PutServicesPutServicesResults(TypedDict):
    principal: PutServicesPutServicesResultsPrincipal | None
    errors: list[PutServicesPutServicesResultsErrors]


class PutServicesPutServicesErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PutServicesPutServices(TypedDict):
    results: list[PutServicesPutServicesResults]
    errors: list[PutServicesPutServicesErrors]


class PutServicesData(TypedDict):
    putServices: PutServicesPutServices


class EndPrincipalsEndPrincipalsResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class EndPrincipalsEndPrincipalsResults(TypedDict):
    errors: list[EndPrincipalsEndPrincipalsResultsErrors]


class EndPrincipalsEndPrincipalsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class EndPrincipalsEndPrincipals(TypedDict):
    results: list[EndPrincipalsEndPrincipalsResults]
    errors: list[EndPrincipalsEndPrincipalsErrors]


class EndPrincipalsData(TypedDict):
    endPrincipals: EndPrincipalsEndPrincipals


class ResumePrincipalsResumePrincipalsResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class ResumePrincipalsResumePrincipalsResults(TypedDict):
    errors: list[ResumePrincipalsResumePrincipalsResultsErrors]


class ResumePrincipalsResumePrincipalsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class ResumePrincipalsResumePrincipals(TypedDict):
    results: list[ResumePrincipalsResumePrincipalsResults]
    errors: list[ResumePrincipalsResumePrincipalsErrors]


class ResumePrincipalsData(TypedDict):
    resumePrincipals: ResumePrincipalsResumePrincipals


class GiveRoleGiveRoleErrors(TypedDict):
    code: str
    field: str | None
    message: str


class GiveRoleGiveRole(TypedDict):
    errors: list[GiveRoleGiveRoleErrors]


class GiveRoleData(TypedDict):
    giveRole: GiveRoleGiveRole


class TakeRoleTakeRoleErrors(TypedDict):
    code: str
    field: str | None
    message: str


class TakeRoleTakeRole(TypedDict):
    errors: list[TakeRoleTakeRoleErrors]


class TakeRoleData(TypedDict):
    takeRole: TakeRoleTakeRole


class EndSessionsEndSessionsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class EndSessionsEndSessions(TypedDict):
    ended: int
    errors: list[EndSessionsEndSessionsErrors]


class EndSessionsData(TypedDict):
    endSessions: EndSessionsEndSessions


class CreateLoginLinkCreateLoginLinkErrors(TypedDict):
    code: str
    field: str | None
    message: str


class CreateLoginLinkCreateLoginLink(TypedDict):
    url: str | None
    expiresAt: str | None
    errors: list[CreateLoginLinkCreateLoginLinkErrors]


class CreateLoginLinkData(TypedDict):
    createLoginLink: CreateLoginLinkCreateLoginLink


PEOPLE: Final[Operation[PeopleData]] = operation(__file__, "People")
ONE_PERSON: Final[Operation[OnePersonData]] = operation(__file__, "OnePerson")
PUT_PEOPLE: Final[Operation[PutPeopleData]] = operation(__file__, "PutPeople")
PUT_SERVICES: Final[Operation[PutServicesData]] = operation(__file__, "PutServices")
END_PRINCIPALS: Final[Operation[EndPrincipalsData]] = operation(__file__, "EndPrincipals")
RESUME_PRINCIPALS: Final[Operation[ResumePrincipalsData]] = operation(__file__, "ResumePrincipals")
GIVE_ROLE: Final[Operation[GiveRoleData]] = operation(__file__, "GiveRole")
TAKE_ROLE: Final[Operation[TakeRoleData]] = operation(__file__, "TakeRole")
END_SESSIONS: Final[Operation[EndSessionsData]] = operation(__file__, "EndSessions")
CREATE_LOGIN_LINK: Final[Operation[CreateLoginLinkData]] = operation(__file__, "CreateLoginLink")
