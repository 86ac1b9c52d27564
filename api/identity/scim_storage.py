"""SCIM resources in PostgreSQL, as scim2-server asks for them.

What can be found by an index is; any other filter looks at each resource of its type, in bounded
steps between which others are served, and is refused where there are too many.
"""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, cast

from scim2_models import (
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    ScimProvider,
    SearchRequest,
    TooManyException,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.storage import AsyncScimStorage, SearchPage

from catalog.access import scim, scim_store
from catalog.access.scim import DescribedPerson, VersionError
from catalog.access.scim_store import ScimDraft, ScimResource, ScimType
from catalog.audit.model import Origin
from catalog.changes import Change, Changes
from catalog.errors import ConflictError, InvalidInputError, NotFoundError
from catalog.principal import Principal

#: Resources that a filter without an index looks at.
MAX_SCANNED: Final = 20_000
_STEP = 200
_LONGEST_NAME = 100
_LONGEST_EMAIL = 254
_FIRST = uuid.UUID(int=0)
_Found = Resource[Any]


class ScimStorage(AsyncScimStorage):
    """The resources, for one request; each operation of it is one transaction.

    Args:
        provider: of the models.
        changes: begins the transactions.
        principal: who changes what is changed.
        origin: from where.
        to_change: whether what is read is about to be changed, and nobody else may meanwhile.
    """

    def __init__(
        self,
        provider: ScimProvider,
        changes: Changes,
        principal: Principal,
        origin: Origin,
        *,
        to_change: bool,
    ) -> None:
        self._provider = provider
        self._changes = changes
        self._principal = principal
        self._origin = origin
        self._to_change = to_change
        self._open: Change | None = None

    @asynccontextmanager
    async def operation(self) -> AsyncGenerator[None]:
        """Enclose an operation in a transaction, which an error rolls back."""
        async with self._changes.begin(self._principal, self._origin) as change:
            self._open = change
            yield

    @property
    def _change(self) -> Change:
        assert self._open is not None  # noqa: S101 - the handler calls within an operation
        return self._open

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> _Found:
        """Return a resource, whole, whatever of it is answered.

        Raises:
            NotFoundException: there is none.
        """
        del response_parameters  # the service leaves out what was not asked for
        kind = _type_of(resource_type)
        found = await scim_store.find(
            self._change.conn, _id(resource_id), kind, to_change=self._to_change
        )
        if found is None:
            raise NotFoundException(detail=f"there is no {kind} {resource_id[:_LONGEST_NAME]!r}")
        return self._shown(found)

    async def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ANN401 - as scim2-server has it
    ) -> SearchPage:
        """Return a page of what matches, and how much does.

        Raises:
            TooManyException: the filter has no index, and there are too many to look at.
        """
        del position  # no cursors are announced
        start, count = search_request.start_index_0 or 0, search_request.count
        kinds = _types_of(resource_types)
        wanted = search_request.filter
        if wanted is None and search_request.sort_by is None and len(kinds) == 1:
            conn = self._change.conn
            rows = await scim_store.page(conn, kinds[0], offset=start, limit=count)
            total = await scim_store.count(conn, kinds[0])
            return SearchPage(total, [self._shown(row) for row in rows])
        found: list[_Found] = []
        for kind in kinds:
            found += await self._matching(kind, wanted)
        if search_request.sort_by is not None:
            found = search_request.sort(found)
        stop = None if count is None else start + count
        return SearchPage(len(found), found[start:stop])

    async def _matching(self, kind: ScimType, wanted: ScimFilter[Any] | None) -> list[_Found]:
        if wanted is None:
            return [each async for each in self._all(kind)]
        model = self._model(kind)
        if not wanted.models or len(wanted.models) > 1:  # of several types: bound to this one
            wanted = ScimFilter[model](str(wanted))  # pyright: ignore[reportInvalidTypeArguments] - known at run time alone
        named = _named(wanted)
        if named is None:
            return [each async for each in self._all(kind) if wanted.match(each)]
        rows = await scim_store.keyed(self._change.conn, kind, **named)
        return [each for each in map(self._shown, rows) if wanted.match(each)]

    async def _all(self, kind: ScimType) -> AsyncGenerator[_Found]:
        """Yield every resource of a type.

        Raises:
            TooManyException: there are too many.
        """
        conn, last = self._change.conn, _FIRST
        if await scim_store.count(conn, kind) > MAX_SCANNED:
            raise TooManyException(
                detail=f"there are over {MAX_SCANNED:,}: filter by `eq` of userName, externalId "
                "or id alone"
            )
        while rows := await scim_store.after(conn, kind, last, limit=_STEP):
            for row in rows:
                yield self._shown(row)
            last = rows[-1].id
            await asyncio.sleep(0)

    async def create(self, resource_type: ResourceType, resource: _Found) -> _Found:
        """Store a new resource.

        Raises:
            UniquenessException: the name or the address is another's.
        """
        kind = _type_of(resource_type)
        draft, person = _drafted(kind, resource)
        with _as_scim():
            if person is None:
                return self._shown(await scim.create_group(self._change, draft))
            return self._shown(await scim.create_user(self._change, draft, person))

    async def update(
        self,
        resource_type: ResourceType,
        resource: _Found,
        *,
        expected_version: str | None = None,
    ) -> _Found:
        """Store the new state of a resource.

        Raises:
            NotFoundException: there is none.
            PreconditionFailedException: it has another version.
            UniquenessException: the name or the address is another's.
        """
        draft, person = _drafted(_type_of(resource_type), resource)
        with _as_scim():
            updated = await scim.update_resource(
                self._change,
                _id(resource.id or ""),
                draft,
                person=person,
                expected=_number(expected_version),
            )
        return self._shown(updated)

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Remove a resource.

        Raises:
            NotFoundException: there is none.
            PreconditionFailedException: it has another version.
        """
        with _as_scim():
            await scim.delete_resource(
                self._change,
                _id(resource_id),
                _type_of(resource_type),
                expected=_number(expected_version),
            )

    def _model(self, kind: ScimType) -> type[_Found]:
        found = next(each for each in self._provider.resource_types if each.name == kind)
        return cast("type[_Found]", self._provider.model_for(found))

    def _shown(self, stored: ScimResource) -> _Found:
        is_ended_here = not stored.is_in_use and stored.document.get("active", True)
        shown = self._model(stored.type).model_validate({
            **stored.document,
            "id": f"{stored.id}",
            **({"active": False} if is_ended_here else {}),
        })
        shown.meta = Meta(
            resource_type=stored.type,
            created=stored.created_at,
            last_modified=stored.modified_at,
            version=f'W/"{stored.version}"',
        )
        return shown


@contextmanager
def _as_scim() -> Generator[None]:
    """Raise errors of the domain as SCIM says them.

    Raises:
        PreconditionFailedException: the version is another.
        UniquenessException: a name or an address is another's.
        NotFoundException: there is none.
        InvalidValueException: a rule of ours is broken.
    """
    try:
        yield
    except VersionError as error:
        raise PreconditionFailedException(detail=error.message) from error
    except ConflictError as error:
        raise UniquenessException(detail=error.message) from error
    except NotFoundError as error:
        raise NotFoundException(detail=error.message) from error
    except InvalidInputError as error:
        raise InvalidValueException(detail=error.message) from error


def _type_of(resource_type: ResourceType) -> ScimType:
    return "User" if resource_type.name == "User" else "Group"


def _types_of(resource_types: Sequence[ResourceType]) -> list[ScimType]:
    """Return each type once, in its order."""
    kinds: list[ScimType] = []
    for each in map(_type_of, resource_types):
        if each not in kinds:
            kinds.append(each)
    return kinds


def _id(text: str) -> uuid.UUID:
    """Return an id.

    Raises:
        NotFoundException: it is none, so there is nothing of it.
    """
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFoundException(detail="there is nothing with this id") from None


def _number(version: str | None) -> int | None:
    """Return which version an ETag names; one that none has where it is not of ours."""
    if version is None:
        return None
    digits = version.removeprefix("W/").strip('"')
    return int(digits) if digits.isdecimal() and digits.isascii() else -1


def _named(wanted: ScimFilter[Any]) -> dict[str, Any] | None:
    """Return by which index the only comparison of a filter finds all that it matches, if by one.

    The index may find more: letters are folded more widely there.
    """
    node = wanted.ast
    if (
        not isinstance(node, Comparison)
        or node.op != CompareOperator.eq
        or not isinstance(node.value, str)
    ):
        return None
    attribute = f"{node.attr_path}".rpartition(":")[2].lower()
    if attribute == "username":
        return {"key": _key(node.value)}
    if attribute == "externalid":
        return {"external_id": node.value}
    if attribute == "id":
        try:
            return {"resource_id": uuid.UUID(node.value)}
        except ValueError:
            return {}
    return None


def _key(user_name: str) -> str:
    return user_name.casefold()


def _drafted(kind: ScimType, resource: _Found) -> tuple[ScimDraft, DescribedPerson | None]:
    """Return what is stored of a resource, and what a user says of the person."""
    document: dict[str, Any] = resource.model_dump()
    for name in ("id", "meta", "password"):  # ours; and what nobody may read again is not kept
        document.pop(name, None)
    user_name: str = document.get("userName") or ""
    draft = ScimDraft(
        type=kind,
        key=_key(user_name) if kind == "User" else None,
        external_id=document.get("externalId"),
        document=document,
    )
    if kind == "Group":
        return draft, None
    return draft, DescribedPerson(
        name=_name(document, user_name),
        email=_email(document, user_name),
        is_active=document.get("active"),
    )


def _name(document: Mapping[str, Any], user_name: str) -> str:
    name: Mapping[str, str | None] = document.get("name") or {}
    parts = (name.get("givenName"), name.get("familyName"))
    joined = " ".join(part for part in parts if part)
    for text in (document.get("displayName"), name.get("formatted"), joined, user_name):
        plain = "".join(filter(str.isprintable, text or "")).strip()[:_LONGEST_NAME].strip()
        if plain:
            return plain
    return "unnamed"


def _email(document: Mapping[str, Any], user_name: str) -> str | None:
    """Return the address of a person: the primary one, the first one, or a name that is one."""
    emails: Sequence[Mapping[str, Any]] = document.get("emails") or ()
    primary = [each.get("value") for each in emails if each.get("primary")]
    others = [each.get("value") for each in emails]
    for text in (*primary, *others, user_name):
        if text and "@" in text.strip("@") and text.isprintable() and len(text) <= _LONGEST_EMAIL:
            return None if any(map(str.isspace, text)) else text
    return None
