"""The answers to `provider.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class CreateScimTokenCreateScimTokenErrors(TypedDict):
    code: str
    field: str | None
    message: str


class CreateScimTokenCreateScimToken(TypedDict):
    token: str | None
    errors: list[CreateScimTokenCreateScimTokenErrors]


class CreateScimTokenData(TypedDict):
    createScimToken: CreateScimTokenCreateScimToken


class EndScimTokensEndScimTokensErrors(TypedDict):
    code: str
    field: str | None
    message: str


class EndScimTokensEndScimTokens(TypedDict):
    ended: int
    errors: list[EndScimTokensEndScimTokensErrors]


class EndScimTokensData(TypedDict):
    endScimTokens: EndScimTokensEndScimTokens


CREATE_SCIM_TOKEN: Final[Operation[CreateScimTokenData]] = operation(__file__, "CreateScimToken")
END_SCIM_TOKENS: Final[Operation[EndScimTokensData]] = operation(__file__, "EndScimTokens")
