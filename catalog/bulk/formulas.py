"""Cells that a spreadsheet would take for formulas, made harmless in what we write.

As OWASP has it (CSV injection): an apostrophe before them. It goes again when such a file is read.
"""

import re

# in East Asian locales the wide forms of the signs begin a formula too
_FORMULA = re.compile("'* *[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def harmless(cell: str) -> str:
    """Return a cell as it may be written for people who open it in a spreadsheet."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """Return a cell as it was before it was made harmless."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
