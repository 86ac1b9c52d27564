"""`vitrine errors`: the table of the api's error codes, as `docs/errors.md` has it."""

import sys

from api.contract.error_table import error_table


def print_errors() -> None:
    """Print every code that the api answers, with its meaning and what to do, in Markdown."""
    sys.stdout.write(error_table())
