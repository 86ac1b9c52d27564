"""The steps of the proof, in their order: those that are built, and those that are to come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog.errors import NotFoundError
from vitrine.poc import (
    catalogue,
    console,
    delivery,
    edges,
    families,
    graph,
    leaver,
    localisation,
    publishing,
    replay,
    rights,
)
from vitrine.poc.evidence import Evidence
from vitrine.poc.house import House
from vitrine.poc.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofStep:
    """One thing that the proof shows.

    Attributes:
        shows: in one sentence.
        walk: asserts it; None: the product cannot do it yet.
        after: the steps whose state it needs; they are walked before it.
    """

    name: str
    shows: str
    walk: Callable[[House, Scenario, Evidence], None] | None = None
    after: tuple[str, ...] = ()


STEPS: Sequence[ProofStep] = (
    ProofStep(
        name="catalogue",
        shows="Products, pictures and licences of five regions go in; what is wrong costs itself, "
        "comes back with its reason, is mended and goes in; a second import changes nothing.",
        walk=catalogue.walk,
    ),
    ProofStep(
        name="ingest",
        shows="Pictures in bulk: equal bytes are one asset, a GTIN in a file finds its product.",
    ),
    ProofStep(
        name="associations",
        shows="PIM, DAM and machines bind pictures at the same time, and nothing drifts apart.",
    ),
    ProofStep(
        name="families",
        shows="A family with two levels of axes goes in, is read by group, and a change of it is "
        "tried before it is made: what would be lost, and what incomplete.",
        walk=families.walk,
        after=("catalogue",),
    ),
    ProofStep(
        name="localisation",
        shows="Five regions are enriched with units and overrides, each answer tells where it "
        "comes from, and it is told what is missing.",
        walk=localisation.walk,
        after=("families",),
    ),
    ProofStep(
        name="approvals",
        shows="A brief becomes a job with lanes that approve; one that is late escalates.",
    ),
    ProofStep(
        name="graph",
        shows="One query serves each region its language, currency and pictures; what may not be "
        "shown there is absent; marketplaces and print see their own.",
        walk=graph.walk,
        after=("catalogue",),
    ),
    ProofStep(
        name="publishing",
        shows="A draft is seen by staff alone, published, rolled back, shown from one instant to "
        "another, and restored; versions tell their differences.",
        walk=publishing.walk,
        after=("catalogue",),
    ),
    ProofStep(name="search", shows="Products and pictures are found by text, facets and synonyms."),
    ProofStep(
        name="delivery",
        shows="Signed URLs give pictures of the width and format that they name, decided for the "
        "viewer's country; forged, altered and foreign requests are refused.",
        walk=delivery.walk,
        after=("catalogue",),
    ),
    ProofStep(
        name="marketplaces",
        shows="Two marketplaces get valid feeds; what they refuse comes back, is mended, goes out.",
    ),
    ProofStep(
        name="rights",
        shows="Rights end under load, and from the instant at which a change is told to be dark no "
        "gateway delivers it; what is given back is there again.",
        walk=rights.walk,
        after=("catalogue",),
    ),
    ProofStep(
        name="edges",
        shows="Caches and CDNs in front forget what has ended, by purges that they confirm, "
        "and by a real Varnish where one is installed.",
        walk=edges.walk,
        after=("catalogue",),
    ),
    ProofStep(
        name="print",
        shows="Sixteen pages are planned and filled; what may not be printed stops its page.",
    ),
    ProofStep(
        name="webhooks",
        shows="A receiver is down, is told again, and what it never took can be replayed.",
    ),
    ProofStep(name="experiments", shows="Pictures compete, and a known effect is found."),
    ProofStep(
        name="leaver",
        shows="A leaver is out: somebody whom the identity provider brings logs in, does what the "
        "role allows and no more, is set inactive there, and is refused everywhere at once; the "
        "audit says who did what, and holds.",
        walk=leaver.walk,
        after=("catalogue",),
    ),
    ProofStep(
        name="console",
        shows="A rights manager logs in, withdraws a picture on its page, reads there when it was "
        "dark, and brings it back; pages that the role does not allow are closed.",
        walk=console.walk,
        after=("catalogue",),
    ),
    ProofStep(
        name="recovery", shows="A backup is restored in a time that is told, with equal digests."
    ),
    ProofStep(name="exit", shows="All goes out into an empty house, and its graph is the same."),
    ProofStep(name="measures", shows="Time to market, reuse and egress, recomputed from events."),
    ProofStep(
        name="replay",
        shows="Every answer of all gateways is decided again by the rights that stood on record at "
        "its instant: no incident.",
        walk=replay.walk,
        after=("delivery", "rights", "edges"),
    ),
)


def chosen_steps(names: Sequence[str]) -> Sequence[ProofStep]:
    """Return the steps to walk: those named and what they need, or all.

    Raises:
        NotFoundError: there is no such step.
    """
    known = {step.name: step for step in STEPS}
    for name in names:
        if name not in known:
            there = ", ".join(known)
            raise NotFoundError(f"there is no step {name!r}; there are: {there}", field="step")
    wanted: set[str] = set()
    waiting = list(names or known)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(known[name].after)
    return [step for step in STEPS if step.name in wanted]
