"""Numbers that browsers send: read within what the graph takes."""

from typing import Final

from catalog.errors import InvalidInputError

#: The largest `Int` of GraphQL (October 2021, section 3.5.1).
INT_MOST: Final = 2_147_483_647


def whole_number(text: str, name: str, *, most: int = INT_MOST) -> int:
    """Read a whole number that a browser sent.

    Raises:
        InvalidInputError: it is none of 0 to so many.
    """
    digits = text.strip()
    is_one = digits.isascii() and digits.isdigit() and len(digits) <= len(f"{most}")
    if not is_one or int(digits) > most:
        raise InvalidInputError(f"{name} is a whole number of 0 to {most}", field=name)
    return int(digits)
