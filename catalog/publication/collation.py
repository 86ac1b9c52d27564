"""How names sort in a language: keys that compare as its dictionaries do (UTS #10, CLDR)."""

from functools import lru_cache
from importlib import import_module
from typing import Any

_MAX_NAME_LENGTH = 200
_MAX_KEY_BYTES = 600  # written as twice as many digits; a B-tree takes 2,700 bytes


def sort_key(name: str, locale: str) -> str:
    """Return a text that sorts, byte by byte, where the name does in the locale's language.

    Some 1 us. Hexadecimal, so that it is a text that anything can hold, and order stays the same.

    Args:
        name: as people read it; only its beginning counts.
        locale: of BCP 47; `de-DE-u-co-phonebk` sorts as German phone books do.
    """
    key: bytes = _collator(locale).getSortKey(name[:_MAX_NAME_LENGTH])
    return key.rstrip(b"\0")[:_MAX_KEY_BYTES].hex()


def version() -> str:
    """Return by which rules keys are made; those of others do not compare."""
    return str(_icu().ICU_VERSION)


@lru_cache(maxsize=64)
def _collator(locale: str) -> Any:  # noqa: ANN401 - PyICU has no types
    icu = _icu()
    return icu.Collator.createInstance(icu.Locale.forLanguageTag(locale))


def _icu() -> Any:  # noqa: ANN401 - PyICU has no types
    return import_module("icu")  # 30 MB, that only those who publish load
