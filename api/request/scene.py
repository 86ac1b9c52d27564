"""The state of one request: who asks, in which context, and what was loaded for it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any, TypeAlias
from uuid import UUID

import strawberry
from graphql import OperationType

from api.answers.cards import Cards
from api.documents.declared import Needs
from api.documents.limits import Allowed
from api.documents.preparation import Prepared
from api.errors import NotSupportedError
from api.execution.allowance import Allowance
from api.images.urls import Minter
from api.request.asker import Asker, place_of
from api.request.in_context import read_in_context
from api.request.stated_context import NOTHING_STATED, StatedContext
from catalog.access.model import ApiKey, Identification
from catalog.access.roles import Action
from catalog.access.rules import EVERYWHERE, ActionPlace
from catalog.access.session_model import Session
from catalog.audit.model import Origin
from catalog.changes import Change
from catalog.errors import InvalidInputError
from catalog.graph.category_paths import CategoryPath, PathStep, is_in
from catalog.graph.context import ContextArguments, ReadContext, resolve_context
from catalog.graph.media import Links
from catalog.graph.products import PublishedProduct
from catalog.graph.reference import Reference
from catalog.graph.rules import Media
from catalog.publication.preview import RefusedDraft
from catalog.rights.model import NEVER, Reason
from catalog.settings import MIB
from catalog.subjects import Subject

#: Drafts that would not be published, as far as an answer in a preview tells of them.
MOST_REFUSED_TOLD = 50
_BACK_IN_TIME = timedelta(minutes=1)  # a client's clock may be slow


#: Returns what whoever asks is known by, if it still holds; raises `UnauthenticatedError`.
Recognise: TypeAlias = Callable[[], Awaitable[Identification | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What every type reads from: the context, the loaded media, and the writer of URLs.

    Attributes:
        models: of the variants that are shown, where they are shown, too.
        categories: that products are shown in, where they are shown.
        categories_below: all by the code of the one above, where those below are shown.
        cards: that show products to everybody in the context alike; None: this reader is another.
        place: what decides of the context which card of a product it is.
        ground: what all cards of the context are made of.
    """

    context: ReadContext
    media: Media
    models: Mapping[UUID, PublishedProduct]
    categories: Mapping[str, CategoryPath]
    categories_below: Mapping[str | None, list[PathStep]]
    minter: Minter
    may_see_rights: bool
    cards: Cards | None
    place: tuple[object, ...]
    ground: tuple[object, ...]

    def paths_of(self, product: PublishedProduct) -> Iterator[CategoryPath]:
        """Return the ways to the product's categories that the channel shows, by code."""
        tree = self.context.channel.category_tree
        for code in product.document.get("categories", ()):
            path = self.categories.get(code)
            if path is not None and is_in(path, tree):
                yield path

    def basis_of(self, product: PublishedProduct) -> Sequence[object]:
        """Return all that a product is shown by, its variants and models included."""
        basis = self._own_basis_of(product)
        if self.models:
            shown = (product, *product.variants)
            for each in dict.fromkeys(chain.from_iterable(one.ancestors for one in shown)):
                model = self.models.get(each)
                basis += (each,) if model is None else (each, *self._own_basis_of(model))
        return basis

    def _own_basis_of(self, product: PublishedProduct) -> list[object]:
        basis = self.media.basis_of(product)
        if self.categories:
            for each in (product, *product.variants):
                basis += self.paths_of(each)
        return basis


@dataclass(slots=True, kw_only=True)
class Basis:
    """What the answer to a request rests on, as far as its root fields have said so.

    Attributes:
        roots: keys of the root fields that have.
        subjects: a change of any of them makes the answer untrue.
        good_until: time alone does so no earlier.
    """

    roots: set[str | int] = field(default_factory=set[str | int])
    subjects: set[Subject] = field(default_factory=set[Subject])
    good_until: datetime = NEVER


@dataclass(slots=True, kw_only=True)
class RequestState(Asker):
    """Strawberry's context value; a document has one operation, so one context.

    Attributes:
        address: of the client, where it is known.
        stated: of the context, beside the document.
        recognise: finds the key anew, for what outlives a request.
        prepared: the document that is executed; None: none is yet.
        refused_drafts: of a preview, those that would not be published, by sku.
    """

    now: datetime
    address: str | None = None
    stated: StatedContext = field(default_factory=lambda: NOTHING_STATED)
    recognise: Recognise | None = None
    prepared: Prepared | None = None
    minter: Minter | None = None
    basis: Basis = field(default_factory=Basis)
    refused_drafts: dict[str, RefusedDraft] = field(default_factory=dict[str, RefusedDraft])
    allowance: Allowance = field(init=False)

    def __post_init__(self) -> None:
        """Begin to count what the operation takes."""
        self._allow()

    def _allow(self) -> None:
        settings = self.services.settings
        self.allowance = Allowance(
            limit_s=settings.graphql_timeout_s,
            most_bytes=settings.graphql_answer_max_mib * MIB,
        )

    @property
    def allowed(self) -> Allowed:
        """What the document of whoever asks may have."""
        settings = self.services.settings
        return Allowed(
            aliases=settings.graphql_max_aliases,
            introspection=settings.graphql_introspection or self.key is not None,
        )

    def change(self, *, dry_run: bool = False) -> AbstractAsyncContextManager[Change]:
        """Begin a change by whoever asks, who may make it.

        Args:
            dry_run: nothing of it stays.

        Raises:
            UnauthenticatedError: nobody knows who asks.
        """
        principal, known_by = self.principal, self.key
        origin = Origin(
            address=self.address,
            api_key=known_by.id if isinstance(known_by, ApiKey) else None,
            session=known_by.id if isinstance(known_by, Session) else None,
        )
        return self.services.changes.begin(principal, origin, dry_run=dry_run)

    @property
    def may_know_absences(self) -> bool:
        """Whether the reader may know which media rights leave out."""
        return self.key is not None and self.may(Action.ABSENCES_READ, self.place)

    @property
    def place(self) -> ActionPlace:
        """What a read touches: its market, channel and locale; before they are known, all."""
        if self.minter is None:
            return EVERYWHERE
        return place_of(self.minter.context)

    async def reference(self) -> Reference:
        """Return locales, markets and channels.

        Raises:
            UnauthenticatedError, ForbiddenError: as `require_reader`.
        """
        self.require_reader()
        return (await self.services.known.of(None)).reference

    @property
    def context(self) -> ReadContext:
        """The request's context, once `minter_of` has settled it."""
        assert self.minter is not None  # noqa: S101 - root fields call `minter_of` first
        return self.minter.context

    def staged(
        self,
        links: Mapping[UUID, Links],
        models: Mapping[UUID, PublishedProduct] | None = None,
        categories: Mapping[str, CategoryPath] | None = None,
        categories_below: Mapping[str | None, list[PathStep]] | None = None,
        alike: Mapping[UUID, Sequence[UUID]] | None = None,
    ) -> Scene:
        """Return the scene of a root field with its media, models and categories."""
        assert self.minter is not None  # noqa: S101 - root fields call `minter_of` first
        context, minter = self.context, self.minter
        is_alone = self.recognise is not None  # a stream writes its messages itself
        is_like_all = not (is_alone or self.may_change or context.is_staff)
        return Scene(
            context=context,
            media=Media(context=context, links=links, findings=minter.findings, alike=alike or {}),
            models=models or {},
            categories=categories or {},
            categories_below=categories_below or {},
            minter=minter,
            may_see_rights=self.key is not None and self.may(Action.RIGHTS_READ, self.place),
            # a card knows the way to its categories, and not what is below them
            cards=self.services.cards if is_like_all and not categories_below else None,
            place=(context.reading, context.territory, minter.minted_as),
            ground=(context.channel, context.market, minter.presets),
        )

    def needs(self, info: "Info") -> Needs:
        """Return what is selected below a root field has to be loaded with."""
        assert self.prepared is not None  # noqa: S101 - it is executed
        untyped: Any = info
        return self.prepared.needs(untyped._raw_info)  # noqa: SLF001 - no public way in

    def rests_on(
        self, info: "Info", subjects: Iterable[Subject], *, until: datetime | None = None
    ) -> None:
        """Say what the answer of a root field rests on; what does not is not kept."""
        self.basis.roots.add(info.path.key)
        self.basis.subjects.update(subjects)
        self.basis.good_until = min(self.basis.good_until, until or NEVER)

    def kept_until(self, roots: Iterable[str]) -> datetime | None:
        """Return how long the answer with these root fields may be kept; None: not at all.

        No longer than what rights allow is allowed, and while its URLs last half as long as the
        channel promises of new ones.
        """
        if self.key is not None or not self.basis.roots.issuperset(roots):
            return None
        until, minter = self.basis.good_until, self.minter
        if minter is not None:
            margin = timedelta(seconds=minter.context.channel.token_min_life_s / 2)
            found = minter.findings
            until = min(until, found.holds_until, found.urls_valid_until - margin)
        return until

    async def minter_of(self, info: "Info") -> Minter:
        """Return the request's writer of URLs, which holds its context.

        Raises:
            InvalidInputError: the context names what does not exist, or an instant in the past.
            UnauthenticatedError, ForbiddenError: the reader may not see it.
        """
        known = await self.services.known.of(None)
        if self.minter is None:
            asked = read_in_context(info.operation, info.variable_values, self.stated)
            is_change = info.operation.operation is OperationType.MUTATION
            if is_change:  # whoever may change something sees what came of it, here and now
                asked = replace(asked, at=None, preview=False)
            else:
                self._check(asked, info.operation.operation)
            context = resolve_context(
                known.reference,
                asked,
                now=self.now,
                may_read_all=is_change or self.may_read_all,
                may_read=self.may_read,
            )
            if not is_change:
                self.require_channel(context)
            if context.is_staff:
                self.require(Action.CONTENT_PREVIEW, place_of(context))
            self.minter = Minter(
                context=context,
                presets=known.presets,
                keys=known.keys,
                media_base=self.services.settings.media_base,
                now=self.now,
                actor=None if self.key is None else str(self.key.principal.id),
            )
        return self.minter

    def _refused_drafts(self) -> list[dict[str, str]] | None:
        """Return which drafts would not be published, and why, to whoever sees all of them."""
        if not self.refused_drafts or not self.may(Action.PRODUCTS_READ):
            return None
        shown = islice(self.refused_drafts.values(), MOST_REFUSED_TOLD)
        return [{"sku": each.sku, "code": each.code, "message": each.message} for each in shown]

    async def minter_for(self, info: "Info", action: Action) -> Minter:
        """Do the same for what is allowed in some contexts and not in others.

        Raises:
            InvalidInputError: as `minter_of`.
            UnauthenticatedError, ForbiddenError: it is not, or not in this one.
        """
        self.require(action, None)
        minter = await self.minter_of(info)
        self.require(action, self.place)
        return minter

    async def renew(self, info: "Info") -> ReadContext:
        """Find out anew who asks and in which context: a subscription outlives both.

        Raises:
            UnauthenticatedError, ForbiddenError: the reader may not see it any more.
        """
        if self.recognise is not None:
            self.key = await self.recognise()
        self.now, self.minter = self.services.now(), None
        self._allow()
        return (await self.minter_of(info)).context

    def _check(self, asked: ContextArguments, kind: OperationType) -> None:
        self.require_reader()
        if asked.preview or asked.at is not None:
            self.require(Action.CONTENT_PREVIEW, None)
        if asked.preview and kind is OperationType.SUBSCRIPTION:
            raise NotSupportedError(
                "nothing tells of drafts: ask for them anew, in a query", field="preview"
            )
        if asked.at is not None and asked.at < self.now - _BACK_IN_TIME:
            raise InvalidInputError("`at` is now or later", field="at")

    def report(self) -> dict[str, Any] | None:
        """Return `extensions.context`: what was used, of what there is; None: nothing was."""
        if self.minter is None:
            return None
        context, found = self.minter.context, self.minter.findings
        has_urls = found.urls_valid_until < NEVER
        used: dict[str, Any] = {
            "market": context.market.code if context.market else None,
            "locale": context.locale,
            "channel": context.channel.code,
            "usage": context.usage,
            "at": context.now.isoformat() if context.is_staff else None,
            "preview": context.is_preview or None,
            "refusedDrafts": self._refused_drafts(),
            "urlsValidUntil": found.urls_valid_until.isoformat() if has_urls else None,
        }
        report = {name: value for name, value in used.items() if value is not None}
        if self.may_know_absences:
            report["absentMedia"] = _absences(found.absent)
        return report


def _absences(absent: Mapping[str, Reason]) -> dict[str, Any]:
    reasons: dict[str, int] = {}
    for reason in absent.values():
        reasons[reason.value] = reasons.get(reason.value, 0) + 1
    return {"count": len(absent), "reasons": reasons}


Info: TypeAlias = strawberry.Info[RequestState, None]
