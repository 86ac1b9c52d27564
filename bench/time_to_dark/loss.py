"""What a measurement may have to do without."""

from enum import StrEnum


class Loss(StrEnum):
    """What is taken away of all that purges, so that an edge is left to its lifetimes.

    Attributes:
        PURGER: killed, once everything is warm.
        PURGE_API: nobody listens where purges go.
        DRIVERS: the settings name none.
    """

    PURGER = "purger"
    PURGE_API = "purge-api"
    DRIVERS = "drivers"
