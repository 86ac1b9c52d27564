"""The answers to `proof.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class DossierRightsDossierGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class DossierRightsDossierGrantsDocument(TypedDict):
    licence: str
    code: str
    licensor: str
    document: str | None


class DossierRightsDossierGrants(TypedDict):
    territory: DossierRightsDossierGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None
    through: str
    endedAt: str | None
    document: DossierRightsDossierGrantsDocument | None


class DossierRightsDossierRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class DossierRightsDossierRestrictionsDocument(TypedDict):
    licence: str
    code: str
    licensor: str
    document: str | None


class DossierRightsDossierRestrictions(TypedDict):
    territory: DossierRightsDossierRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None
    through: str
    endedAt: str | None
    document: DossierRightsDossierRestrictionsDocument | None


class DossierRightsDossier(TypedDict):
    at: str
    isAllowed: bool
    reason: str | None
    since: str | None
    until: str | None
    grants: list[DossierRightsDossierGrants]
    restrictions: list[DossierRightsDossierRestrictions]


class DossierData(TypedDict):
    rightsDossier: DossierRightsDossier | None


class LastDarknessLastDarkness(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class LastDarknessData(TypedDict):
    lastDarkness: LastDarknessLastDarkness | None


class DarknessPurgeProgressDrivers(TypedDict):
    driver: str
    total: int
    confirmed: int


class DarknessPurgeProgress(TypedDict):
    drivers: list[DarknessPurgeProgressDrivers]
    darkAt: str | None
    isDone: bool


class DarknessData(TypedDict):
    purgeProgress: DarknessPurgeProgress | None


DOSSIER: Final[Operation[DossierData]] = operation(__file__, "Dossier")
LAST_DARKNESS: Final[Operation[LastDarknessData]] = operation(__file__, "LastDarkness")
DARKNESS: Final[Operation[DarknessData]] = operation(__file__, "Darkness")
