"""Changes of work: cancelled and retried; files brought, and imported."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Annotated

import strawberry

from api.documents.declared import STORED
from api.request.file_links import link_to
from api.request.scene import Info, RequestState
from api.schema.descriptions import allowed, argument, graphql_mutation, graphql_type
from api.schema.payloads import MutationError, mutation_error
from api.schema.works import Work, may_see, works_of
from catalog.access.roles import Action
from catalog.changes import Change
from catalog.delivery.file_links import LIFE
from catalog.errors import InvalidInputError, NotFoundError, VitrineError
from catalog.export.records import known_types
from catalog.work import commands, model, store

_Id = Annotated[strawberry.ID, argument("Of the work.")]
_RECORDS = {".jsonl", ".ndjson"}


@graphql_type
class WorkPayload:
    """The work as it is now, or what went wrong."""

    work: Work | None = strawberry.field(description="Null: it was refused.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class Upload:
    """Where a file may be brought, once."""

    id: strawberry.ID = strawberry.field(description="What `importFile` names it by.")
    url: str = strawberry.field(
        description="PUT the bytes of the file there, with no key; keep it to yourself."
    )
    expires_at: datetime = strawberry.field(description="Until when; announce it again then.")


@graphql_type
class UploadPayload:
    """Where to bring a file, or what went wrong."""

    upload: Upload | None = strawberry.field(description="Null: it was refused.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: bring it.", metadata=STORED.metadata
    )


@graphql_type
class WorkMutations:
    """Changes of work: of one's own, and with `work.manage` of all."""

    @graphql_mutation
    @allowed(Action.WORK_FOLLOW)
    async def cancel_work(self, info: Info, id: _Id) -> WorkPayload:  # noqa: A002 - the argument's name
        """End a work with its present batch; what it has committed stays."""
        return await _change(info, id, commands.cancel_work)

    @graphql_mutation
    @allowed(Action.WORK_FOLLOW)
    async def retry_work(self, info: Info, id: _Id) -> WorkPayload:  # noqa: A002 - the argument's name
        """Go on with a work that failed or was cancelled; of a done one, try what failed again."""
        return await _change(info, id, commands.retry_work, takes=commands.ACTION_OF)

    @graphql_mutation
    @allowed(Action.FILES_IMPORT)
    async def create_upload(
        self, info: Info, name: Annotated[str, argument("Of the file, such as `spring.csv`.")]
    ) -> UploadPayload:
        """Return where a file can be brought, for `importFile`."""
        state = info.context
        try:
            async with state.change() as change:
                upload = await commands.announce_upload(change, name)
        except VitrineError as error:
            return UploadPayload(upload=None, errors=[mutation_error(error)])
        return UploadPayload(
            upload=Upload(
                id=strawberry.ID(upload.public_id),
                url=await link_to(state, "put", upload.public_id),
                expires_at=state.services.now() + LIFE,
            ),
            errors=[],
        )

    @graphql_mutation
    @allowed(Action.FILES_IMPORT)
    async def import_file(  # noqa: PLR0913, PLR0917 - arguments of the schema
        self,
        info: Info,
        upload: Annotated[strawberry.ID, argument("The file: JSON Lines, or CSV.")],
        mapping: Annotated[
            strawberry.ID | None, argument("Upload of the mapping that a CSV needs.")
        ] = None,
        media: Annotated[
            list[strawberry.ID] | None, argument("Uploads of pictures that its records name.")
        ] = None,
        publish: Annotated[
            list[str] | None, argument("Channels to publish every product of the file on.")
        ] = None,
        strict_gtin: Annotated[  # noqa: FBT002 - an argument of the schema
            bool, argument("A wrong GTIN costs its product; else it waits as a task.")
        ] = False,
        check: Annotated[  # noqa: FBT002 - an argument of the schema
            bool, argument("Only say what would happen, row by row; nothing is written.")
        ] = False,
    ) -> WorkPayload:
        """Import a file as `vitrine import` does, as a work; it may have rights and channels."""
        state = info.context
        try:
            async with state.change() as change:
                (file,) = await commands.uploads_for(change, [upload], field="upload")
                named = [] if mapping is None else [mapping]
                maps = await commands.uploads_for(change, named, field="mapping")
                pictures = await commands.uploads_for(change, media or [], field="media")
                _check_files(file, maps, pictures)
                args = {
                    "file": file.public_id,
                    "mapping": mapping,
                    "uploads": [each.public_id for each in (file, *maps, *pictures)],
                    "publish": publish or [],
                    "strict_gtin": strict_gtin,
                    "check": check,
                }
                work = await commands.start_work(change, commands.IMPORT, args)
        except VitrineError as error:
            return WorkPayload(work=None, errors=[mutation_error(error)])
        return WorkPayload(work=(await works_of(info, [work]))[0], errors=[])

    @graphql_mutation
    @allowed(Action.FILES_EXPORT)
    async def export_products(
        self,
        info: Info,
        types: Annotated[
            list[str] | None,
            argument("Types of records of the bulk format, such as `product`; by default all."),
        ] = None,
    ) -> WorkPayload:
        """Write what is stored as `vitrine export` does, as a work whose result is the file."""
        state = info.context
        try:
            wanted = known_types(types)
            async with state.change() as change:
                work = await commands.start_work(change, commands.EXPORT, {"types": wanted})
        except VitrineError as error:
            return WorkPayload(work=None, errors=[mutation_error(error)])
        return WorkPayload(work=(await works_of(info, [work]))[0], errors=[])

    @graphql_mutation
    @allowed(Action.FILES_IMPORT)
    async def import_again(
        self,
        info: Info,
        work: Annotated[strawberry.ID, argument("The import, or the check of one.")],
        upload: Annotated[
            strawberry.ID | None, argument("In place of its file, such as its report, mended.")
        ] = None,
        check: Annotated[  # noqa: FBT002 - an argument of the schema
            bool, argument("Only say what would happen, row by row; nothing is written.")
        ] = False,
    ) -> WorkPayload:
        """Import with all that a former import or check was told: mapping, pictures, channels."""
        state = info.context
        try:
            async with state.change() as change:
                made = await _start_again(state, change, work, upload=upload, is_check=check)
        except VitrineError as error:
            return WorkPayload(work=None, errors=[mutation_error(error)])
        return WorkPayload(work=(await works_of(info, [made]))[0], errors=[])


async def _start_again(
    state: RequestState, change: Change, work: str, *, upload: str | None, is_check: bool
) -> model.Work:
    """Start an import with what a former one was told.

    Raises:
        NotFoundError: there is no such import, or a file of it is gone.
    """
    former = await store.find_work(change.conn, work)
    if former is None or former.kind != commands.IMPORT or not may_see(state, former):
        raise NotFoundError(f"there is no import {work}", field="work")
    told = former.args
    (file,) = await commands.uploads_for(change, [upload or told["file"]], field="upload")
    kept = [each for each in told["uploads"] if each != told["file"]]
    await commands.uploads_for(change, kept, field="work")
    args = {**told, "file": file.public_id, "uploads": [file.public_id, *kept], "check": is_check}
    args.pop(commands.AGAIN, None)
    return await commands.start_work(change, commands.IMPORT, args)


def _check_files(
    file: model.Upload, maps: list[model.Upload], pictures: list[model.Upload]
) -> None:
    """Refuse what could not be imported, before a relay looks at it.

    Raises:
        InvalidInputError: the sort of the file and its mapping do not fit, or two files have one
            name.
    """
    suffix = PurePath(file.name).suffix.lower()
    if suffix not in {".csv", *_RECORDS}:
        raise InvalidInputError("a file to import is .jsonl, .ndjson or .csv", field="upload")
    if (suffix == ".csv") != bool(maps):
        said = "a CSV needs a mapping" if suffix == ".csv" else "records need no mapping"
        raise InvalidInputError(said, field="mapping")
    names = [each.name for each in (file, *maps, *pictures)]
    if len(set(names)) < len(names):
        raise InvalidInputError("each file of an import has a name of its own", field="media")


async def _change(
    info: Info,
    public_id: str,
    command: Callable[[Change, str], Awaitable[model.Work]],
    *,
    takes: Mapping[str, Action] | None = None,
) -> WorkPayload:
    # `takes`: the action that it takes besides, by kind
    state = info.context
    try:
        async with state.change() as change:
            found = await store.find_work(change.conn, public_id)
            if found is None or not may_see(state, found):
                raise NotFoundError(f"there is no work {public_id}", field="id")
            if takes is not None:
                state.require(takes[found.kind])
            work = await command(change, public_id)
    except VitrineError as error:
        return WorkPayload(work=None, errors=[mutation_error(error)])
    return WorkPayload(work=(await works_of(info, [work]))[0], errors=[])
