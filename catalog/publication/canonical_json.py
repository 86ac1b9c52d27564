"""JSON in the one form that everybody writes alike: JSON Canonicalization Scheme (RFC 8785). Pure.

Members by the UTF-16 code units of their names (3.2.3), numbers as ECMAScript writes them
(3.2.2.3), texts with no escape that is not needed (3.2.2.2), and no spaces.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import cast

_FIRST_WITH_EXPONENT = 21  # digits before the point: from 1e21 on numbers have an exponent
_LAST_WITHOUT_EXPONENT = -6  # zeros behind the point: 0.000001 has none, 1e-7 has one


def canonical_json(value: object) -> bytes:
    """Write what JSON can hold; what is equal as JSON is written as the same bytes.

    Whole numbers are IEEE 754 doubles too, as RFC 8785 has all numbers: beyond 2^53 neighbours are
    written alike.

    Raises:
        ValueError: a number that is not finite, or a text with half of a surrogate pair.
        TypeError: something that JSON has no form for.
    """
    return _written(value).encode()


def _written(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        names = sorted(members, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_written(each)}:{_written(members[each])}" for each in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written, cast("list[object]", value))) + "]"
    raise TypeError(f"JSON has no form for {type(value).__name__}")


def _number(value: float) -> str:
    """Write a number as `Number::toString` of ECMA-262 does, from its shortest digits.

    Raises:
        ValueError: it is infinite, or none.
    """
    if value == 0:
        return "0"
    sign, shortest, power = Decimal(repr(value)).normalize().as_tuple()
    if not isinstance(power, int):
        raise ValueError(f"{value} is no number of JSON")  # noqa: TRY004 - infinite, or none
    digits = "".join(map(str, shortest))
    point = len(digits) + power  # of the digits that stand before it
    if 0 < point <= _FIRST_WITH_EXPONENT:
        whole, rest = digits[:point].ljust(point, "0"), digits[point:]
        text = f"{whole}.{rest}" if rest else whole
    elif _LAST_WITHOUT_EXPONENT < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{rest}e{point - 1:+d}"
    return f"-{text}" if sign else text
