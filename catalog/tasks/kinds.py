"""The kinds of tasks: whose work each is, what mends it, and what closes it by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

from catalog.events.model import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """Which tasks of a kind an event has mended; what is None is not looked at.

    Attributes:
        subject: theirs.
        cause: what theirs begins with.
    """

    subject: str | None = None
    cause: str | None = None


#: What is mended by events, by their types.
Closes: TypeAlias = Mapping[str, Callable[[Event], Mended | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What all tasks of a kind have in common.

    Attributes:
        role: whose work they are.
        actions: names of the mutations that mend their cause, the usual one first.
        closes: the events that mend them, in whose transaction they close.
        silent_after: where nothing tells of the mending: closed once it has not happened for so
            long.
        due_after: from when they first happened; None: they are never due.
    """

    name: str
    role: str
    actions: tuple[str, ...] = ()
    closes: Closes = field(default_factory=dict[str, Callable[[Event], Mended | None]])
    silent_after: timedelta | None = None
    due_after: timedelta | None = None


def _new_file(event: Event) -> Mended | None:
    """Of a first version nothing waits yet, and imports bring many."""
    return Mended(subject=event.subject) if event.data["version"] > 1 else None


def _versions_of_preset(event: Event) -> Mended:
    return Mended(cause=f"preset {event.data['preset']}.")


MEDIA_MANAGER: Final = "media_manager"
EDITOR: Final = "editor"

TODO: Final = "todo"
WRONG_GTIN: Final = "wrong_gtin"

_KINDS = (
    Kind(
        name="broken_source",
        role=MEDIA_MANAGER,
        actions=("withdrawAsset",),
        closes={"asset.version_created": _new_file},
        due_after=timedelta(days=2),
    ),
    Kind(
        name="rendition_too_large",
        role=MEDIA_MANAGER,
        actions=("savePresetDraft", "publishPreset"),
        closes={
            "asset.version_created": _new_file,
            "preset.updated": _versions_of_preset,
            "preset.retired": _versions_of_preset,
        },
        due_after=timedelta(days=7),
    ),
    Kind(
        name="rendition_not_stored",
        role="administrator",
        silent_after=timedelta(hours=1),
        due_after=timedelta(days=1),
    ),
    # closed by the command that writes the right GTIN
    Kind(name=WRONG_GTIN, role=EDITOR, due_after=timedelta(days=7)),
    # of people, whose own word closes it
    Kind(name=TODO, role=EDITOR, actions=("resolveTasks",)),
)
KINDS: Final[Mapping[str, Kind]] = {each.name: each for each in _KINDS}
#: Whose work something may be.
ROLES: Final = frozenset({
    *("editor", "translator", "media_manager", "rights_manager"),
    *("approver", "publisher", "administrator"),
})


def kind_named(name: str) -> Kind:
    """Return a kind; of one that only a later version knows, what can be said of it."""
    return KINDS.get(name) or Kind(name=name, role=MEDIA_MANAGER)
