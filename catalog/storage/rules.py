"""The one rule of keys, the same for every store: what breaks it reaches no disk and no network."""

import re

from catalog.errors import InvalidInputError

_SEGMENT = r"[a-z0-9_-][a-z0-9._-]*"  # never begins with a dot: no `..`, no hidden files
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
MAX_KEY_BYTES = 512


def checked_key(key: str) -> str:
    """Return the key as it is.

    Raises:
        InvalidInputError: it isn't `[a-z0-9._-]` segments between single slashes, or is too long.
    """
    if len(key) > MAX_KEY_BYTES or _KEY.fullmatch(key) is None:
        raise InvalidInputError("This is not a key of the object store.", field="key")
    return key
