"""Who asks, and what they may do: every door of the graph asks here, and the table decides."""

from collections.abc import Collection
from dataclasses import dataclass

from api.request.services import Services
from catalog.access.model import Identification
from catalog.access.roles import READING, ROLES, Action
from catalog.access.rules import (
    EVERY,
    EVERYWHERE,
    ActionPlace,
    Narrowing,
    may,
    may_anywhere_in,
    narrowings_of,
)
from catalog.channels.model import Channel
from catalog.errors import ForbiddenError, UnauthenticatedError
from catalog.graph.context import ReadContext
from catalog.principal import Principal
from catalog.reach import Reach

#: What anybody may, where public reads are on.
_ANONYMOUS = ROLES["anonymous"].actions


@dataclass(slots=True, kw_only=True)
class Asker:
    """Whoever asks.

    Attributes:
        key: what they are known by; None: nobody knows them.
    """

    services: Services
    key: Identification | None

    def may(self, action: Action, place: ActionPlace | None = EVERYWHERE) -> bool:
        """Return whether whoever asks may do something.

        Args:
            action: one of the table of roles.
            place: what it touches; None: anything at all, to be asked about once it is known.
        """
        if action in _ANONYMOUS and self.services.settings.public_reads:
            return True
        return self.key is not None and may(self.key.assignments, action, place)

    def require(self, action: Action, place: ActionPlace | None = EVERYWHERE) -> None:
        """Refuse whoever may not do something; takes what `may` takes.

        Raises:
            UnauthenticatedError: nobody knows who asks.
            ForbiddenError: they have no role for it, or none there.
        """
        if self.may(action, place):
            return
        if self.key is None:
            raise UnauthenticatedError(
                f"this takes `{action}`: send an API key that has it, or log in"
            )
        name = self.key.principal.name
        if may(self.key.assignments, action, None):
            raise ForbiddenError(f"{name!r} has `{action}` elsewhere alone, and not here")
        raise ForbiddenError(f"{name!r} has no role that allows `{action}`")

    def may_within(self, action: Action, **known: Collection[str]) -> bool:
        """Return whether an action is allowed somewhere that has these codes; `()` is all codes."""
        return self.may(action) or (
            self.key is not None and may_anywhere_in(self.key.assignments, action, **known)
        )

    def reach(self, action: Action) -> Reach | None:
        """Return what may be seen of what lies nowhere itself; None: all.

        Raises:
            UnauthenticatedError, ForbiddenError: nothing, as `require`.
        """
        self.require(action, None)
        assert self.key is not None  # noqa: S101 - nobody else may do what this is asked of
        within = narrowings_of(self.key.assignments, action)
        if within is None:
            return None
        slices = [
            {each: _listed(getattr(where, each)) for each in ("families", "categories", "channels")}
            for where in within
        ]
        return Reach(principal=self.key.principal.id, slices=slices)

    def require_within(self, action: Action, **known: Collection[str]) -> None:
        """Refuse whoever may not do something anywhere there.

        Raises:
            UnauthenticatedError, ForbiddenError: as `require`.
        """
        if not self.may_within(action, **known):
            self.require(action)

    @property
    def principal(self) -> Principal:
        """Who asks.

        Raises:
            UnauthenticatedError: nobody knows.
        """
        if self.key is None:
            raise UnauthenticatedError("send an API key, or log in")
        return self.key.principal

    def require_reader(self) -> None:
        """Refuse whoever may read nothing at all.

        Raises:
            UnauthenticatedError: nobody knows who asks, and public channels are not open.
            ForbiddenError: they may not read.
        """
        self.require(Action.CONTENT_READ, None)

    def may_read(self, channel: Channel) -> bool:
        """Return whether anything of a channel may be read."""
        return channel.public or self.may_within(Action.CHANNELS_READ, channels=(channel.code,))

    def products_within(self, context: ReadContext) -> tuple[Narrowing, ...] | None:
        """Return the families and categories of which products may be read there; None: all."""
        if self.key is None or context.channel.public:
            return None
        return narrowings_of(self.key.assignments, Action.CHANNELS_READ, **_touched(context))

    def kept_within(self) -> tuple[Narrowing, ...] | None:
        """Return within what products may be seen as they are kept; None: all; empty: none."""
        if self.key is None:
            return ()
        return narrowings_of(self.key.assignments, Action.PRODUCTS_READ)

    def require_channel(self, context: ReadContext) -> None:
        """Refuse whoever may read no product at all of a channel that is not public, there.

        Raises:
            UnauthenticatedError, ForbiddenError: as `require`.
        """
        if not context.channel.public:
            self.require_within(Action.CHANNELS_READ, **_touched(context))

    @property
    def may_read_all(self) -> bool:
        """Whether all of every channel may be read."""
        return self.may(Action.CHANNELS_READ)

    @property
    def may_change(self) -> bool:
        """Whether whoever asks may have changed something a moment ago, by any process."""
        return self.key is not None and not all(
            each.actions <= READING for each in self.key.assignments
        )


def _listed(codes: frozenset[str]) -> list[str] | None:
    return None if EVERY in codes else sorted(codes)


def _touched(context: ReadContext) -> dict[str, Collection[str]]:
    return {
        "markets": () if context.market is None else (context.market.code,),
        "channels": (context.channel.code,),
        "locales": (context.locale,),
        "fields": (),
    }


def place_of(context: ReadContext) -> ActionPlace:
    """Return what a read in a context touches."""
    return ActionPlace(
        markets=None if context.market is None else frozenset({context.market.code}),
        channels=frozenset({context.channel.code}),
        locales=frozenset({context.locale}),
    )
