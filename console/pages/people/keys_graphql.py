"""The answers to `keys.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class KeysApiKeysNodesPrincipal(TypedDict):
    id: str
    name: str
    kind: Literal["PERSON", "SERVICE"]


class KeysApiKeysNodesOwner(TypedDict):
    id: str
    name: str


class KeysApiKeysNodes(TypedDict):
    id: str
    name: str
    state: Literal["IN_USE", "REPLACED", "EXPIRED", "ENDED"]
    scopes: list[str]
    createdAt: str
    expiresAt: str | None
    lastUsedAt: str | None
    successor: str | None
    principal: KeysApiKeysNodesPrincipal
    owner: KeysApiKeysNodesOwner | None


class KeysApiKeysPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class KeysApiKeys(TypedDict):
    nodes: list[KeysApiKeysNodes]
    pageInfo: KeysApiKeysPageInfo


class KeysRoles(TypedDict):
    code: str
    isScope: bool


class KeysData(TypedDict):
    apiKeys: KeysApiKeys | None
    roles: list[KeysRoles] | None


class CreateKeyCreateApiKeyKey(TypedDict):
    name: str
    expiresAt: str | None


class CreateKeyCreateApiKeyErrors(TypedDict):
    code: str
    field: str | None
    message: str


class CreateKeyCreateApiKey(TypedDict):
    key: CreateKeyCreateApiKeyKey | None
    secret: str | None
    errors: list[CreateKeyCreateApiKeyErrors]


class CreateKeyData(TypedDict):
    createApiKey: CreateKeyCreateApiKey


class RotateKeyRotateApiKeyKey(TypedDict):
    name: str
    expiresAt: str | None


class RotateKeyRotateApiKeyErrors(TypedDict):
    code: str
    field: str | None
    message: str


class RotateKeyRotateApiKey(TypedDict):
    key: RotateKeyRotateApiKeyKey | None
    secret: str | None
    errors: list[RotateKeyRotateApiKeyErrors]


class RotateKeyData(TypedDict):
    rotateApiKey: RotateKeyRotateApiKey


class EndKeysEndApiKeysResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class EndKeysEndApiKeysResults(TypedDict):
    errors: list[EndKeysEndApiKeysResultsErrors]


class EndKeysEndApiKeysErrors(TypedDict):
    code: str
    field: str | None
    message: str


class EndKeysEndApiKeys(TypedDict):
    results: list[EndKeysEndApiKeysResults]
    errors: list[EndKeysEndApiKeysErrors]


class EndKeysData(TypedDict):
    endApiKeys: EndKeysEndApiKeys


KEYS: Final[Operation[KeysData]] = operation(__file__, "Keys")
CREATE_KEY: Final[Operation[CreateKeyData]] = operation(__file__, "CreateKey")
ROTATE_KEY: Final[Operation[RotateKeyData]] = operation(__file__, "RotateKey")
END_KEYS: Final[Operation[EndKeysData]] = operation(__file__, "EndKeys")
