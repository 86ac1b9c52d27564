"""The answers to `purge_drivers.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class PurgeDriversPurgeDrivers(TypedDict):
    name: str
    circuit: Literal["CLOSED", "OPEN", "HALF_OPEN"] | None
    failures: int
    since: str | None
    nextTryAt: str | None
    lastError: str | None
    due: int
    overdueSeconds: float
    lastConfirmedAt: str | None


class PurgeDriversData(TypedDict):
    purgeDrivers: list[PurgeDriversPurgeDrivers] | None


PURGE_DRIVERS: Final[Operation[PurgeDriversData]] = operation(__file__, "PurgeDrivers")
