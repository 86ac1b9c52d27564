"""What a value is refused with: the rule of its attribute that it breaks. Pure."""

import orjson

from catalog.errors import BrokenRule, UnknownNameError
from catalog.products.model import ValueKey

_LONGEST_GIVEN = 200


class ValueRuleError(UnknownNameError):
    """A value breaks a rule of its attribute; `broken` says which."""

    def __init__(
        self, message: str, *, field: str, key: ValueKey, rule: str, given: object
    ) -> None:
        super().__init__(
            f"{key.attribute}: {message}",
            field=field,
            # an option may be missing because the attribute was refused
            named=(("attribute", key.attribute),),
        )
        self.broken = BrokenRule(**key._asdict(), rule=rule, given=shortened(given))


class BrokenRuleError(Exception):
    """A rule that data break, and where in them: `[2].chest`."""

    def __init__(self, rule: str, message: str, at: str = "") -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.at = at


def shortened(given: object) -> str:
    """Return what was given as a text of at most 200 characters."""
    try:
        text = given if isinstance(given, str) else orjson.dumps(given).decode()
    except (TypeError, ValueError):
        text = repr(given)
    text = text.encode(errors="replace").decode()
    return text if len(text) <= _LONGEST_GIVEN else f"{text[: _LONGEST_GIVEN - 1]}…"
