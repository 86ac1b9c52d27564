"""Changes of saved views: put, deleted, taken as the one that a page opens with.

Only its owner changes a view; who manages people deletes the shared ones of others too, which
would stay when their owner has left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl

from catalog.changes import Change
from catalog.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    VitrineError,
)
from catalog.events.model import Event
from catalog.ids import new_public_id
from catalog.views import store
from catalog.views.model import ListedView, SavedView, ViewDraft, ViewResult

#: Of one person, of all pages together.
MOST_VIEWS: Final = 200
#: Of a name, a path, the code of a column.
MOST_CHARACTERS: Final = 200
MOST_FILTER_CHARACTERS: Final = 2_000
MOST_COLUMNS: Final = 50
_NO_VIEW: Final = "there is no view {}, or it is not shared"
_OTHERS: Final = "this view is somebody else's: save one of your own"


async def put_views(change: Change, drafts: Sequence[ViewDraft]) -> list[ViewResult]:
    """Add views, or change one's own; one that is refused costs only itself."""
    results: list[ViewResult] = []
    own = {
        each.public_id: each for each in await store.lock_own_views(change.conn, change.actor.id)
    }
    found = await store.lock_views(
        change.conn, change.actor.id, [each.id for each in drafts if each.id is not None]
    )
    for draft in drafts:
        try:
            _check(draft)
            view = await _put(change, draft, own, found)
        except VitrineError as error:
            results.append(ViewResult(id=draft.id, error=error))
            continue
        own[view.public_id] = view
        former = found.get(view.public_id)
        is_default = former is not None and former.is_default and former.view.page == view.page
        found[view.public_id] = ListedView(view=view, is_default=is_default)
        results.append(ViewResult(id=view.public_id, view=found[view.public_id]))
    return results


async def delete_views(
    change: Change, public_ids: Sequence[str], *, may_delete_shared: bool
) -> list[ViewResult]:
    """Delete views; `may_delete_shared`: those that others share too."""
    found = await store.lock_views(change.conn, change.actor.id, public_ids)
    results: list[ViewResult] = []
    gone: dict[str, SavedView] = {}
    for each in public_ids:
        there = found.get(each)
        if there is None:
            results.append(
                ViewResult(id=each, error=NotFoundError(_NO_VIEW.format(each), field="ids"))
            )
        elif there.view.owner != change.actor.id and not may_delete_shared:
            results.append(ViewResult(id=each, error=ForbiddenError(_OTHERS, field="ids")))
        else:
            gone[each] = there.view
            results.append(ViewResult(id=each))
    await store.delete_views(change.conn, [*gone.values()])
    await change.record(*(_event("view.deleted", each, before=each) for each in gone.values()))
    return results


async def set_default_view(change: Change, public_id: str, *, is_default: bool) -> ListedView:
    """Let a page open with a view for whoever acts, or no longer; any other gives way.

    Raises:
        NotFoundError: there is none of this id that they can take.
    """
    found = (await store.lock_views(change.conn, change.actor.id, [public_id])).get(public_id)
    if found is None:
        raise NotFoundError(_NO_VIEW.format(public_id), field="id")
    if found.is_default != is_default:
        await store.set_default(change.conn, change.actor.id, found.view, is_default=is_default)
        data = {"isDefault": is_default}
        await change.record(_event("view.default_changed", found.view, data=data))
    return replace(found, is_default=is_default)


async def _put(
    change: Change,
    draft: ViewDraft,
    own: Mapping[str, SavedView],
    found: Mapping[str, ListedView],
) -> SavedView:
    """Add or change one.

    Raises:
        NotFoundError: the one to be changed is not there, or not shared.
        ForbiddenError: it is somebody else's.
        ConflictError: another has its name, or there are enough.
    """
    names = {(each.page, each.name) for each in own.values() if each.public_id != draft.id}
    if (draft.page, draft.name) in names:
        raise ConflictError(
            f"you have a view of the name {draft.name!r} there: choose another", field="name"
        )
    if draft.id is None:
        return await _add(change, draft, count=len(own))
    before = own.get(draft.id)
    if before is None:
        if draft.id in found:
            raise ForbiddenError(_OTHERS, field="id")
        raise NotFoundError(_NO_VIEW.format(draft.id), field="id")
    after = replace(
        before,
        page=draft.page,
        name=draft.name,
        filters=draft.filters,
        columns=draft.columns,
        is_shared=draft.is_shared,
    )
    if after == before:
        return before
    after = replace(after, revision=before.revision + 1)
    await store.change_view(change.conn, after)
    if after.page != before.page:
        await store.unset_for_all(change.conn, after)
    elif not after.is_shared:
        await store.unset_for_others(change.conn, after)
    await change.record(_event("view.changed", after, before=before, after=after))
    return after


async def _add(change: Change, draft: ViewDraft, *, count: int) -> SavedView:
    if count >= MOST_VIEWS:
        raise ConflictError(f"you have {MOST_VIEWS} views: delete some first", field=None)
    drafted = SavedView(
        id=0,
        public_id=new_public_id(),
        revision=1,
        owner=change.actor.id,
        page=draft.page,
        name=draft.name,
        filters=draft.filters,
        columns=draft.columns,
        is_shared=draft.is_shared,
    )
    view = await store.add_view(change.conn, drafted)
    await change.record(_event("view.created", view, after=view))
    return view


def _check(draft: ViewDraft) -> None:
    """Look at what a draft says.

    Raises:
        InvalidInputError: a part of it is nothing that a page could show.
    """
    short = {"page": draft.page, "name": draft.name}
    for field, text in (*short.items(), *(("columns", each) for each in draft.columns)):
        if not text.strip() or len(text) > MOST_CHARACTERS or not text.isprintable():
            raise InvalidInputError(
                f"`{field}` has 1 to {MOST_CHARACTERS} characters, all printable", field=field
            )
    if not draft.page.startswith("/"):
        raise InvalidInputError("`page` is a path, such as `/products`", field="page")
    if len(draft.columns) > MOST_COLUMNS:
        raise InvalidInputError(f"at most {MOST_COLUMNS} columns", field="columns")
    if len(draft.filters) > MOST_FILTER_CHARACTERS or not draft.filters.isascii():
        raise InvalidInputError(
            f"`filters` has at most {MOST_FILTER_CHARACTERS} characters of ASCII", field="filters"
        )
    try:
        parse_qsl(draft.filters, strict_parsing=bool(draft.filters))
    except ValueError as error:
        raise InvalidInputError(
            "`filters` is a query string, such as `state=CHANGED&kind=MODEL`", field="filters"
        ) from error


def _event(
    event_type: str,
    view: SavedView,
    *,
    before: SavedView | None = None,
    after: SavedView | None = None,
    data: Mapping[str, object] | None = None,
) -> Event:
    return Event(
        type=event_type,
        subject=f"view/{view.public_id}",
        version=view.revision,
        data={"view": view.public_id, "page": view.page, **(data or {})},
        before=before,
        after=after,
    )
