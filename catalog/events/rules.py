"""Which cache tags an event clears: pure."""

from catalog.events.model import Event, Subject

#: The time has come at which a grant, a restriction or a publication begins or ends.
BOUNDARY_REACHED = "rights.boundary_reached"

_TAG_LETTERS = {"asset": "a", "licence": "l", "preset": "v", "key": "k"}
# A new asset makes nothing untrue: nothing but refusals is held of it, and those by gateways alone.
# What a key signed goes on being true while it verifies. A preset's version is in the URL, and no
# edge holds a draft.
_ONLY_ADDS = {
    "asset.ingested",
    "signing_key.created",
    "signing_key.retired",
    "preset.created",
    "preset.updated",
    "preset.retired",
    "preset.draft_saved",
    "preset.draft_discarded",
}
_ENDS_DELIVERY = {"publication.unpublished", "product.moved"}


def tag_of(subject: Subject) -> str | None:
    """Return the tag of the answers that rest on a subject; None: nothing is tagged with its kind.

    `a-{asset}`, `l-{licence}`, `v-{preset}`, `k-{kid}`.
    """
    kind, _, rest = subject.partition(":")
    return f"{_TAG_LETTERS[kind]}-{rest}" if kind in _TAG_LETTERS else None


def tags_of(event: Event) -> tuple[str, ...]:
    """Return the tags under which edges hold what the event makes untrue.

    Those of its subjects, and `p-{owner}` for each owner that may have stopped being live. What
    only adds, such as publishing, purges nothing.
    """
    if event.type in _ONLY_ADDS:
        return ()
    tags: dict[str, None] = {}
    for subject in event.subjects:
        kind, _, rest = subject.partition(":")
        if tag := tag_of(subject):
            tags[tag] = None
        elif kind == "publication" and _ends_delivery(event):
            tags[f"p-{rest.partition(':')[0]}"] = None
    return tuple(tags)


def _ends_delivery(event: Event) -> bool:
    if event.type == BOUNDARY_REACHED:
        return event.data["edge"] == "end"
    return event.type in _ENDS_DELIVERY
