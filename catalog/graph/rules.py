"""Which media a product shows in a context: inheritance role by role, then rights. Pure."""

import uuid
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from weakref import ref

from catalog.graph.context import ReadContext
from catalog.graph.findings import Findings
from catalog.graph.media import Link, Links, LiveAsset
from catalog.graph.products import PublishedProduct
from catalog.rights.model import Decision, Question
from catalog.rights.rules import available_until, decide

#: Stands for every role of the house's own, which is the code of an attribute.
CUSTOM_ROLE = "custom"
#: The order in which media are shown; then follow those of the house's own roles.
ROLES = ("hero", "gallery", "swatch", "detail", "packaging", "document", "video")


def owners_of(products: Iterable[PublishedProduct]) -> set[uuid.UUID]:
    """Return the products, their variants and their models: all that may hold their media."""
    owners: set[uuid.UUID] = set()
    for product in products:
        owners.add(product.id)
        owners.update(product.ancestors)
        owners |= owners_of(product.variants)
    return owners


@dataclass(slots=True, kw_only=True)
class Media:
    """The media of one request: what hangs where, and what rights say of each asset.

    Attributes:
        links: by the product that holds them.
        findings: of the request.
        alike: of variants, the siblings that look like them, where pictures may hang on those.
    """

    context: ReadContext
    links: Mapping[uuid.UUID, Links]
    findings: Findings
    alike: Mapping[uuid.UUID, Sequence[uuid.UUID]] = field(
        default_factory=dict[uuid.UUID, Sequence[uuid.UUID]]
    )
    _place: tuple[str, str, int] = field(init=False)

    def __post_init__(self) -> None:
        context = self.context
        self._place = context.channel.code, context.usage, context.territory

    def basis_of(self, product: PublishedProduct) -> list[object]:
        """Return all that the product and its variants are shown by: what publishes and holds it.

        Nothing is kept alive by it. Each stays the same, or equal, while nothing has changed.
        """
        basis: list[object] = [product.variant_count, product.options_below]
        for shown in (product, *product.variants):
            basis += (shown.sku, ref(shown.document))
            for holder in self._holders(shown):
                links = self.links.get(holder)
                basis.append(None if links is None else ref(links))
        return basis

    def _holders(self, product: PublishedProduct) -> tuple[uuid.UUID, ...]:
        """Return what a product shows media of, nearest first."""
        if not self.alike:
            return product.id, *product.ancestors
        return product.id, *self.alike.get(product.id, ()), *product.ancestors

    def of(self, product: PublishedProduct, roles: Container[str] | None = None) -> list[Link]:
        """Return what the product shows, in the order of roles, positions, scopes.

        Of each role the nearest holder counts: the product itself, else the first sibling that
        looks like it, else its model, and so on. That is decided before rights are: a variant
        whose own picture may not be shown shows none, not that of another colour.
        """
        holders = [links for each in self._holders(product) if (links := self.links.get(each))]
        shown: list[Link] = []
        order: Iterable[str] = ROLES
        if roles is None or CUSTOM_ROLE in roles:
            own = {role for links in holders for role in links if role not in ROLES}
            order = (*ROLES, *sorted(own)) if own else ROLES
        for role in order:
            if roles is None or role in roles or role not in ROLES:
                nearest = next((links[role] for links in holders if role in links), ())
                shown += [link for link in nearest if self.is_shown(link.asset)]
        return shown

    def first_of(self, product: PublishedProduct, role: str) -> Link | None:
        """Return the one picture of a role: the closest in scope, then the first in position."""
        shown = self.of(product, (role,))
        if len(shown) <= 1:
            return shown[0] if shown else None
        return min(shown, key=lambda link: (-link.specificity, link.position))

    def is_shown(self, asset: LiveAsset) -> bool:
        """Return whether rights let the asset be shown in the context, at its instant."""
        decision = self.decide(asset)
        if decision.reason is not None:
            self.findings.absent[asset.public_id] = decision.reason
        return decision.is_allowed

    def decide(self, asset: LiveAsset) -> Decision:
        """Return what rights say; what they said before is true until time ends it."""
        context, place = self.context, self._place
        known = asset.decisions.get(place)
        if known is not None and known[0] <= context.now < known[1].holds_until:
            decision = known[1]
        else:
            decision = decide(asset.terms.rights, self._question())
            asset.decisions[place] = context.now, decision
        self.findings.holds_until = min(self.findings.holds_until, decision.holds_until)
        return decision

    def available_until(self, asset: LiveAsset) -> datetime | None:
        """Return when the right ends by time alone; None: never, or there is none."""
        decision = self.decide(asset)
        if not decision.is_allowed:
            return None
        return available_until(asset.terms.rights, self._question(), decision)

    def _question(self) -> Question:
        return Question(
            now=self.context.now,
            countries=self.context.territory,
            channel=self.context.channel.code,
            usage=self.context.usage,
        )
