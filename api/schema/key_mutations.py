"""Changes of API keys, and of the tokens that an identity provider comes with."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import strawberry

from api.documents.bounds import ROWS
from api.documents.declared import STORED, RowEach
from api.request.scene import Info, RequestState
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_input,
    graphql_mutation,
    graphql_type,
)
from api.schema.payloads import MutationError, mutation_error
from api.schema.principal_mutations import giver_of
from api.schema.principals import ApiKey, keys_of
from api.schema.product_mutations import check_rows
from api.schema.tasks import principal_id
from catalog.access import key_managing, scim
from catalog.access.giving import check_gives_all
from catalog.access.model import ApiKey as StoredKey
from catalog.access.model import IssuedKey
from catalog.access.roles import Action
from catalog.changes import Change
from catalog.errors import ForbiddenError, InvalidInputError, NotFoundError, VitrineError

#: Seconds of the longest overlap of a rotation: a year.
MOST_OVERLAP_S = 31_536_000


@graphql_input
class ApiKeyInput:
    """An API key that is wanted."""

    name: str = strawberry.field(description="For people to read; of the keys in use it is unique.")
    scopes: list[str] = strawberry.field(
        description="What it may do, as roles that are scopes; empty: what its principal may.",
        default_factory=list[str],
    )
    principal: strawberry.ID | None = strawberry.field(
        description="Who acts with it; null: the service of its name, made if there is none.",
        default=None,
    )
    owner: strawberry.ID | None = strawberry.field(
        description="Who answers for it, and with whom it ends.", default=None
    )
    expires_at: datetime | None = strawberry.field(
        description="From then on it is refused; null: never.", default=None
    )


@graphql_type
class ApiKeyPayload:
    """An API key with its secret, which is shown this once, or what went wrong."""

    key: ApiKey | None = strawberry.field(description="Null: it was refused.")
    secret: str | None = strawberry.field(
        description="What clients send as `Authorization: Bearer …`; it is not stored."
    )
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class ApiKeyRow:
    """What became of one id."""

    id: strawberry.ID = strawberry.field(description="As it was given.")
    key: ApiKey | None = strawberry.field(description="As it is now; null: it was refused.")
    errors: list[MutationError] = strawberry.field(
        description="Why it was refused.", metadata=STORED.metadata
    )


@graphql_type
class ApiKeysPayload:
    """One result for each id, in their order."""

    results: list[ApiKeyRow] = strawberry.field(description="Good ones do not wait for bad.")
    errors: list[MutationError] = strawberry.field(
        description="Of the whole call.", metadata=STORED.metadata
    )


@graphql_type
class ScimTokenPayload:
    """A token of the identity provider, which is shown this once, or what went wrong."""

    token: str | None = strawberry.field(
        description="The secret of `/scim/v2`; the one before it works on, and the others end."
    )
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was made.", metadata=STORED.metadata
    )


@graphql_type
class EndScimTokensPayload:
    """How many tokens ended, or what went wrong."""

    ended: int = strawberry.field(description="That worked until now.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class KeyMutations:
    """Changes of API keys: of one's own, and with `keys.manage` of everybody's."""

    @graphql_mutation
    @allowed(Action.KEYS_OWN)
    async def create_api_key(
        self,
        info: Info,
        input: Annotated[ApiKeyInput, argument("Which.")],  # noqa: A002 - its name
    ) -> ApiKeyPayload:
        """Make an API key, which may do no more than you; one's own needs `principal`."""
        try:
            draft = key_managing.KeyDraft(
                name=input.name,
                scopes=input.scopes,
                principal=principal_id(input.principal, "principal"),
                owner=principal_id(input.owner, "owner"),
                expires_at=input.expires_at,
            )
            _check_is_own(info.context, draft)
            async with info.context.change() as change:
                issued = await key_managing.create_own_key(change, draft, giver=giver_of(info))
                return await _issued(info, change, issued)
        except VitrineError as error:
            return _refused(error)

    @graphql_mutation
    @allowed(Action.KEYS_OWN)
    async def rotate_api_key(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Of the key.")],  # noqa: A002 - the argument's name
        overlap_seconds: Annotated[
            int, argument("How long the key before works on, so that no client is cut off.")
        ] = key_managing.OVERLAP_S,
    ) -> ApiKeyPayload:
        """Make the next key of a name, for the same; the one before ends after a while."""
        try:
            overlap = _overlap(overlap_seconds)
            async with info.context.change() as change:
                issued = await key_managing.rotate_own_key(
                    change,
                    _key_id(id),
                    overlap=overlap,
                    may_change=_may_change(info.context),
                    giver=giver_of(info),
                )
                return await _issued(info, change, issued)
        except VitrineError as error:
            return _refused(error)

    @field_with(rows=RowEach("ids"))
    @allowed(Action.KEYS_OWN)
    async def end_api_keys(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], argument("Of keys.", ROWS)],
    ) -> ApiKeysPayload:
        """End API keys, each with those that it replaced; they are refused within a second."""
        try:
            check_rows(ids, "ids")
            wanted = [_key_id(each) for each in ids]
            async with info.context.change() as change:
                results = await key_managing.end_keys(
                    change,
                    wanted,
                    may_change=_may_change(info.context),
                    giver=giver_of(info),
                )
                ended = [each.key for each in results if each.key is not None]
                shown = iter(await keys_of(info, change.conn, ended))
        except VitrineError as error:
            return ApiKeysPayload(results=[], errors=[mutation_error(error)])
        rows = [
            ApiKeyRow(
                id=given,
                key=None if each.key is None else next(shown),
                errors=[] if each.error is None else [mutation_error(each.error)],
            )
            for given, each in zip(ids, results, strict=True)
        ]
        return ApiKeysPayload(results=rows, errors=[])

    @graphql_mutation
    @allowed(Action.PEOPLE_MANAGE, Action.KEYS_MANAGE)
    async def create_scim_token(self, info: Info) -> ScimTokenPayload:
        """Make a token with which an identity provider makes and ends people."""
        try:
            check_gives_all(giver_of(info), field=None)
            async with info.context.change() as change:
                return ScimTokenPayload(token=await scim.create_token(change), errors=[])
        except VitrineError as error:
            return ScimTokenPayload(token=None, errors=[mutation_error(error)])

    @graphql_mutation
    @allowed(Action.PEOPLE_MANAGE, Action.KEYS_MANAGE)
    async def end_scim_tokens(self, info: Info) -> EndScimTokensPayload:
        """End all tokens: no identity provider changes anything until there is a new one."""
        try:
            check_gives_all(giver_of(info), field=None)
            async with info.context.change() as change:
                return EndScimTokensPayload(ended=await scim.end_tokens(change), errors=[])
        except VitrineError as error:
            return EndScimTokensPayload(ended=0, errors=[mutation_error(error)])


def _check_is_own(state: RequestState, draft: key_managing.KeyDraft) -> None:
    """Refuse a key of somebody else to whoever has keys of their own alone.

    Raises:
        ForbiddenError: it is.
    """
    own = state.principal.id
    if state.may(Action.KEYS_MANAGE) or (draft.principal == own and draft.owner in {None, own}):
        return
    raise ForbiddenError(
        f"a key of your own has you as its `principal`; others take `{Action.KEYS_MANAGE}`",
        field="principal",
    )


def _may_change(state: RequestState) -> Callable[[StoredKey], bool]:
    own, may_all = state.principal.id, state.may(Action.KEYS_MANAGE)
    return lambda key: may_all or own in {key.principal.id, key.owner}


def _overlap(seconds: int) -> timedelta:
    """Read an overlap.

    Raises:
        InvalidInputError: it is less than nothing, or longer than a year.
    """
    if not 0 <= seconds <= MOST_OVERLAP_S:
        raise InvalidInputError(f"an overlap is 0 to {MOST_OVERLAP_S} s", field="overlapSeconds")
    return timedelta(seconds=seconds)


def _key_id(text: str) -> UUID:
    """Read the id of a key.

    Raises:
        NotFoundError: it is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundError("there is no API key with this id", field="id") from error


async def _issued(info: Info, change: Change, issued: IssuedKey) -> ApiKeyPayload:
    (shown,) = await keys_of(info, change.conn, [issued.key])
    return ApiKeyPayload(key=shown, secret=issued.secret, errors=[])


def _refused(error: VitrineError) -> ApiKeyPayload:
    return ApiKeyPayload(key=None, secret=None, errors=[mutation_error(error)])
