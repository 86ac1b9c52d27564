"""Finds keys that stand twice in one JSON object, of which a parser would take the last."""

import json
import re
from typing import Any


def repeated_key(raw: bytes) -> tuple[str, int] | None:
    """Return the first key that an object of a line has twice, and the column of its repetition.

    RFC 8259, section 4: what such an object says is not defined.

    Args:
        raw: a line of JSON that is known to be well-formed and not deeply nested.

    Returns:
        The key, and where it stands again, in characters from 1; None: no object repeats one.
    """
    found: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            found.extend(name for place, name in enumerate(names) if name in names[:place])

    text = raw.decode()
    json.loads(text, object_pairs_hook=note)
    if not found:
        return None
    written = re.escape(json.dumps(found[0], ensure_ascii=False))
    places = [match.start() + 1 for match in re.finditer(rf"{written}\s*:", text)]
    return found[0], places[min(1, len(places) - 1)] if places else 1
