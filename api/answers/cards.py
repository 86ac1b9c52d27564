"""Products that were shown before, completed: a page of them is put together from finished parts.

A card is true for as long as what it was made of is the same: documents of publications, live
media, context, presets and keys; and until time turns a right, or the hour comes for other tokens.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary, ref

import orjson
import prometheus_client

from catalog.graph.findings import Findings
from catalog.memory.kept import Kept

_CARDS = prometheus_client.Counter(
    "vitrine_graphql_cards",
    "Products that may be cards: shown as they were kept, or made.",
    ("how",),
)
_HIT, _MADE = (_CARDS.labels(how) for how in ("hit", "made"))
_BYTES = prometheus_client.Gauge(
    "vitrine_graphql_cards_bytes", "What is kept of completed products, up to its bound."
)

#: Of memory, about, besides the JSON.
_OVERHEAD_BYTES, _BASIS_BYTES, _ABSENT_BYTES = 1_000, 16, 200
#: Which selection, which stays one object while it is compiled; of which product, where.
Key: TypeAlias = tuple[ref[Any], *tuple[object, ...]]
#: What a card was made of: objects, or weak references to them, that stay the same or equal while
#: nothing has changed. A card that outlives them is not true any more.
Basis: TypeAlias = tuple[object, ...]


class _Card(NamedTuple):
    written: orjson.Fragment
    basis: Basis
    made_at: datetime
    findings: Findings

    def is_true(self, basis: Basis, now: datetime) -> bool:
        return self.basis == basis and self.made_at <= now < self.findings.good_until


class Cards:
    """Keeps what was completed last.

    Args:
        max_bytes: of their JSON, and of what is remembered with each.
    """

    def __init__(self, max_bytes: int) -> None:
        self.kept: Kept[Key, _Card] = Kept(max_bytes)
        self._first_asked: WeakKeyDictionary[object, datetime] = WeakKeyDictionary()
        _BYTES.set_function(lambda: self.kept.weight)

    def completed(
        self,
        key: Key,
        basis: Basis,
        now: datetime,
        findings: Findings,
        make: Callable[[], dict[str, Any]],
    ) -> orjson.Fragment:
        """Return the JSON of what was completed before, or have it made.

        What `make` raises is raised.

        Args:
            key: of the card.
            basis: what it is made of now.
            now: of the request.
            findings: of the request, which gets those of the card.
            make: completes it, and notes what it finds there.
        """
        card = self.kept.get(key)
        if card is None or not card.is_true(basis, now):
            before = findings.taken()
            try:
                body = bytes(memoryview(orjson.dumps(make())))  # without the room it was written in
                card = _Card(orjson.Fragment(body), basis, now, findings.taken())
            finally:
                findings.add(before)
            self._keep(key, card, len(body))
            _MADE.inc()
        else:
            _HIT.inc()
        findings.add(card.findings)
        return card.written

    def _keep(self, key: Key, card: _Card, size: int) -> None:
        """Keep a card, unless nobody has asked for its selection before: nobody may ever again."""
        if self._first_asked.setdefault(key[0](), card.made_at) != card.made_at:
            beside = _BASIS_BYTES * len(card.basis) + _ABSENT_BYTES * len(card.findings.absent)
            self.kept.put(key, card, weight=size + beside + _OVERHEAD_BYTES)
