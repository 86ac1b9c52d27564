"""Why an operation is left to the stock executor; no client ever sees these."""


class UnsupportedError(Exception):
    """The selection cannot be compiled."""


class UnusualValueError(Exception):
    """A value is of a kind that only the stock executor completes, such as an awaitable."""
