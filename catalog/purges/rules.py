"""Which cache tags an event clears: pure."""

import hashlib
import re
from collections.abc import Iterable

from catalog.events.model import Event
from catalog.subjects import Subject, list_subject

#: The time has come at which a grant, a restriction or a publication begins or ends.
BOUNDARY_REACHED = "rights.boundary_reached"
#: Of every answer of the graph: the tag of what each of them rests on.
ANSWERS = "g-all"
#: Rather than more tags at once, such as those of an import, all answers are cleared.
MAX_ANSWER_TAGS = 64

_TAG_LETTERS = {"asset": "a", "licence": "l", "preset": "v", "key": "k"}
#: What answers rest on besides. None has the letter of a picture's tag that does not mean the same:
#: a title that is edited, or a medium that is bound, clears answers and no picture.
_ANSWER_LETTERS = {
    "asset": "a",
    "licence": "l",
    "texts": "t",
    "product": "m",
    "collection": "o",
    "set": "s",
}
#: The first letters of all tags of pictures; `p` is that of an owner.
LETTERS_OF_PICTURES = frozenset({*_TAG_LETTERS.values(), "p"})
#: The first letters of all tags of answers; those of pictures alone are `p`, `v` and `k`.
LETTERS_OF_ANSWERS = frozenset({*_ANSWER_LETTERS.values(), "g", "n", "c"})
#: What every answer rests on, since a change of it is rare.
OF_EVERY_ANSWER = ("channel", "market", "locale", "category", "preset", "key")
#: At a CDN also what may no longer be asked for.
_UNDER_ALL = (*OF_EVERY_ANSWER, "document")
_WRITABLE = re.compile(r"[a-z0-9_-]{1,64}")
_DIGEST_BYTES = 10
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
# URLs that were written before go on verifying, nobody without a key sees a draft, and nothing
# rests on an asset that there was not.
_NOT_IN_ANSWERS = {
    "asset.ingested",
    "signing_key.created",
    "signing_key.retired",
    "preset.draft_saved",
    "preset.draft_discarded",
}
_ENDS_DELIVERY = {"publication.unpublished", "product.moved"}


def tag_of(subject: Subject) -> str | None:
    """Return the tag of the pictures that rest on a subject; None: nothing is tagged with its kind.

    `a-{asset}`, `l-{licence}`, `v-{preset}`, `k-{kid}`.
    """
    kind, _, rest = subject.partition(":")
    return f"{_TAG_LETTERS[kind]}-{rest}" if kind in _TAG_LETTERS else None


def tags_of(event: Event) -> tuple[str, ...]:
    """Return the tags under which edges hold the pictures that the event makes untrue.

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


def answer_tag_of(subject: Subject) -> str | None:
    """Return the tag of the answers that rest on a subject; None: nothing is tagged with its kind.

    `a-{asset}` and `l-{licence}` as pictures have them; `t-{asset}` for its texts, `m-{product}`
    for the media of a product, `n-{product}` for what is published of it, `c-{channel}` for lists
    of what is published there, `o-{collection}`, `s-{territory set}`; `g-all` for what all of
    them rest on.
    """
    kind, _, rest = subject.partition(":")
    if kind in _UNDER_ALL:
        return ANSWERS
    if kind == "publications":
        return f"c-{_writable(rest)}"
    if kind == "publication":
        return f"n-{_writable(rest.partition(':')[0])}"
    return f"{_ANSWER_LETTERS[kind]}-{_writable(rest)}" if kind in _ANSWER_LETTERS else None


def widened(subject: Subject) -> Iterable[Subject]:
    """Return a subject with what it changes besides: a publication changes its channel's lists."""
    yield subject
    kind, _, rest = subject.partition(":")
    if kind == "publication":
        yield list_subject(rest.rpartition(":")[2])


def tags_of_answer(rests_on: Iterable[Subject]) -> tuple[str, ...] | None:
    """Return the tags of an answer; None: it rests on something that no purge would go by.

    An answer that shows a list goes with each publication on its channel, so it needs no tag for
    those that it shows.
    """
    subjects = set(rests_on)
    lists = {each for each in subjects if each.startswith("publications:")}
    if lists:
        subjects = {each for each in subjects if each in lists or lists.isdisjoint(widened(each))}
    tags = {answer_tag_of(subject) for subject in subjects}
    known = {tag for tag in tags if tag is not None}
    return None if len(known) < len(tags) else (ANSWERS, *sorted(known - {ANSWERS}))


def answer_tags_of(event: Event) -> tuple[str, ...]:
    """Return the tags under which edges hold the answers that the event makes untrue."""
    if event.type in _NOT_IN_ANSWERS:
        return ()
    tags = (answer_tag_of(each) for subject in event.subjects for each in widened(subject))
    return tuple(dict.fromkeys(tag for tag in tags if tag is not None))


def _ends_delivery(event: Event) -> bool:
    if event.type == BOUNDARY_REACHED:
        return event.data["edge"] == "end"
    return event.type in _ENDS_DELIVERY


def _writable(code: str) -> str:
    """Return a code as it can stand in a tag: some are words of people's own."""
    if _WRITABLE.fullmatch(code):
        return code
    return hashlib.blake2b(code.encode(), digest_size=_DIGEST_BYTES).hexdigest()
