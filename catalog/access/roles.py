"""The table of who may do what: roles by actions. `docs/access.md` shows it; tests walk it.

Every door asks for one of these actions, and every root field of the graph names its own. A new
capability adds its actions here, to the roles that have them, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Action(StrEnum):
    """What can be allowed; the text says what of."""

    CONTENT_READ = "content.read"
    CHANNELS_READ = "channels.read"
    ASSETS_READ = "assets.read"
    CHANGES_FOLLOW = "changes.follow"
    CONTENT_PREVIEW = "content.preview"
    ABSENCES_READ = "absences.read"
    PRODUCTS_READ = "products.read"
    PRODUCTS_EDIT = "products.edit"
    TEXTS_TRANSLATE = "texts.translate"
    PRODUCTS_PUBLISH = "products.publish"
    MEDIA_BIND = "media.bind"
    PRESETS_MANAGE = "presets.manage"
    TASKS_READ = "tasks.read"
    TASKS_CHANGE = "tasks.change"
    RIGHTS_READ = "rights.read"
    RIGHTS_CHANGE = "rights.change"
    ASSETS_APPROVE = "assets.approve"
    WORK_FOLLOW = "work.follow"
    WORK_MANAGE = "work.manage"
    FILES_IMPORT = "files.import"
    FILES_EXPORT = "files.export"
    SYSTEM_WATCH = "system.watch"
    AUDIT_READ = "audit.read"
    PEOPLE_READ = "people.read"
    PEOPLE_MANAGE = "people.manage"
    VIEWS_OWN = "views.own"
    KEYS_OWN = "keys.own"
    KEYS_MANAGE = "keys.manage"


#: What each allows.
MEANINGS: Final[Mapping[Action, str]] = MappingProxyType({
    Action.CONTENT_READ: "read what is published on public channels",
    Action.CHANNELS_READ: "read what is published on channels that are not public",
    Action.ASSETS_READ: "read approved assets by themselves, with URLs bound to no product",
    Action.CHANGES_FOLLOW: "follow changes of assets",
    Action.CONTENT_PREVIEW: "look at drafts of products and presets, and at an instant to come",
    Action.ABSENCES_READ: "know which media are left out, and why; see assets that are not shown",
    Action.PRODUCTS_READ: "see every product as it is kept, published or not",
    Action.PRODUCTS_EDIT: "change products and their values",
    Action.TEXTS_TRANSLATE: "change texts in a locale",
    Action.PRODUCTS_PUBLISH: "publish products, and take them back",
    Action.MEDIA_BIND: "bind media to products, and unbind them",
    Action.PRESETS_MANAGE: "read presets and change them",
    Action.TASKS_READ: "read what waits for a person",
    Action.TASKS_CHANGE: "note, assign, snooze, resolve and comment what waits for a person",
    Action.RIGHTS_READ: "read grants, restrictions, licences, collections; dossier, deliveries",
    Action.RIGHTS_CHANGE: "change grants and restrictions; withdraw, hold, reinstate",
    Action.ASSETS_APPROVE: "approve assets",
    Action.WORK_FOLLOW: "see the work that one has started, cancel it, retry what one may start",
    Action.WORK_MANAGE: "do so with the work of everybody",
    Action.FILES_IMPORT: "bring files and import them, with rights and channels if they have any",
    Action.FILES_EXPORT: "take home all that is stored as a file, with terms, people and roles",
    Action.SYSTEM_WATCH: "see how the purges of each CDN stand",
    Action.AUDIT_READ: "read who changed what, from where, before and after",
    Action.PEOPLE_READ: "read the names of people and services, and what roles allow",
    Action.PEOPLE_MANAGE: "see who may do what; make and end people, services and own roles; give "
    "roles, take them, log people in and out",
    Action.VIEWS_OWN: "save views of lists; see and take those that others share",
    Action.KEYS_OWN: "see one's own API keys; make, rotate and end them",
    Action.KEYS_MANAGE: "do so with the API keys of everybody",
})
#: Those that nothing asks for yet: texts are written by imports, which an operator runs.
WITHOUT_A_DOOR: Final = frozenset({Action.TEXTS_TRANSLATE})
#: Whoever may do nothing else has changed nothing.
READING: Final = frozenset({
    Action.CONTENT_READ,
    Action.CHANNELS_READ,
    Action.ASSETS_READ,
    Action.CHANGES_FOLLOW,
    Action.CONTENT_PREVIEW,
    Action.PEOPLE_READ,
})
#: Those that touch nothing which lies anywhere: names, and what is one's own.
PLACELESS: Final = frozenset({
    Action.PEOPLE_READ,
    Action.VIEWS_OWN,
    Action.KEYS_OWN,
    Action.WORK_FOLLOW,
})
#: Those that a role which is narrowed has somewhere: their doors ask what is touched.
NARROWABLE: Final = PLACELESS | frozenset({
    Action.CONTENT_READ,
    Action.CHANNELS_READ,
    Action.ASSETS_READ,
    Action.CONTENT_PREVIEW,
    Action.ABSENCES_READ,
    Action.PRODUCTS_READ,
    Action.PRODUCTS_PUBLISH,
    Action.MEDIA_BIND,
    Action.RIGHTS_READ,
    Action.TASKS_READ,
    Action.TASKS_CHANGE,
    Action.AUDIT_READ,
})


@dataclass(frozen=True, slots=True)
class Role:
    """A name for what somebody may do.

    Attributes:
        name: for people to read.
    """

    name: str
    actions: frozenset[Action]


def _role(name: str, *actions: Action, of: Role | None = None) -> Role:
    return Role(name, frozenset(actions) if of is None else of.actions.union(actions))


_reader = _role(
    "reads",
    Action.CONTENT_READ,
    Action.CHANNELS_READ,
    Action.ASSETS_READ,
    Action.CHANGES_FOLLOW,
)
_staff = _role(
    "",
    Action.CONTENT_PREVIEW,
    Action.ABSENCES_READ,
    Action.PRODUCTS_READ,
    Action.TASKS_READ,
    Action.TASKS_CHANGE,
    Action.WORK_FOLLOW,
    Action.PEOPLE_READ,
    Action.VIEWS_OWN,
    Action.KEYS_OWN,
    of=_reader,
)

#: Those of people and services, by code.
ROLES: Final[Mapping[str, Role]] = MappingProxyType({
    "anonymous": _role("not known, where `VITRINE_PUBLIC_READS` is on", Action.CONTENT_READ),
    "reader": Role("a site, an app, a colleague who looks", _reader.actions),
    "portal": _role(
        "a partner who picks approved assets",
        Action.CONTENT_READ,
        Action.CHANNELS_READ,
        Action.ASSETS_READ,
    ),
    "editor": _role("keeps products", Action.PRODUCTS_EDIT, Action.MEDIA_BIND, of=_staff),
    "translator": _role("writes texts in other locales", Action.TEXTS_TRANSLATE, of=_staff),
    "media_manager": _role(
        "keeps pictures",
        Action.MEDIA_BIND,
        Action.PRESETS_MANAGE,
        of=_staff,
    ),
    "rights_manager": _role(
        "answers for rights", Action.RIGHTS_READ, Action.RIGHTS_CHANGE, of=_staff
    ),
    "approver": _role("approves", Action.ASSETS_APPROVE, Action.RIGHTS_READ, of=_staff),
    "publisher": _role("publishes", Action.PRODUCTS_PUBLISH, of=_staff),
    "administrator": _role("may do everything", *Action),
    "service": _role(
        "a PIM or a DAM that is connected",
        Action.PRODUCTS_READ,
        Action.PRODUCTS_EDIT,
        Action.PRODUCTS_PUBLISH,
        Action.MEDIA_BIND,
        Action.TASKS_READ,
        Action.TASKS_CHANGE,
        Action.WORK_FOLLOW,
        of=_reader,
    ),
})
#: Scopes of API keys are roles too, of the power that they have always had.
SCOPES: Final[Mapping[str, Role]] = MappingProxyType({
    "read": Role("reads", _reader.actions),
    "preview": _role("previews", Action.CONTENT_PREVIEW, Action.ABSENCES_READ),
    "manage.products": _role(
        "keeps and publishes products",
        Action.PRODUCTS_READ,
        Action.PRODUCTS_EDIT,
        Action.PRODUCTS_PUBLISH,
        Action.TASKS_READ,
        Action.TASKS_CHANGE,
        Action.WORK_FOLLOW,
    ),
    "manage.media": _role(
        "keeps media",
        Action.PRODUCTS_READ,
        Action.TEXTS_TRANSLATE,
        Action.MEDIA_BIND,
        Action.PRESETS_MANAGE,
        Action.TASKS_READ,
        Action.TASKS_CHANGE,
        Action.WORK_FOLLOW,
        Action.ABSENCES_READ,
    ),
    "manage.rights": _role(
        "keeps rights",
        Action.RIGHTS_READ,
        Action.RIGHTS_CHANGE,
        Action.ASSETS_APPROVE,
        Action.ABSENCES_READ,
    ),
    "admin": _role("may do everything", *Action),
})


def roles_table() -> str:
    """Return the table in Markdown, and what its roles and actions are."""
    columns = {**ROLES, **SCOPES}
    lines = [
        f"| action | {' | '.join(f'`{code}`' for code in columns)} |",
        f"| --- |{' :-: |' * len(columns)}",
    ]
    for action in Action:
        marks = ("x" if action in role.actions else "" for role in columns.values())
        lines.append(f"| `{action}` | {' | '.join(marks)} |")
    lines += ["", "| role | who |", "| --- | --- |"]
    lines += [f"| `{code}` | {role.name} |" for code, role in ROLES.items()]
    lines += [
        f"| `{code}` | an API key with this scope: {role.name} |" for code, role in SCOPES.items()
    ]
    lines += ["", "| action | to |", "| --- | --- |"]
    lines += [f"| `{action}` | {meaning} |" for action, meaning in MEANINGS.items()]
    return "\n".join(lines) + "\n"
