"""The answers to `holders.graphql`; written by `make schema`."""

from typing import Any, Final, Literal, TypedDict

from console.operations import Operation, operation


class LicencesLicencesNodesGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class LicencesLicencesNodesGrants(TypedDict):
    territory: LicencesLicencesNodesGrantsTerritory
    channels: list[str]
    validFrom: str
    validUntil: str | None


class LicencesLicencesNodes(TypedDict):
    id: str
    code: str
    licensor: str
    document: str | None
    assetCount: int
    grants: list[LicencesLicencesNodesGrants]


class LicencesLicencesPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class LicencesLicences(TypedDict):
    nodes: list[LicencesLicencesNodes]
    pageInfo: LicencesLicencesPageInfo


class LicencesData(TypedDict):
    licences: LicencesLicences | None


class OneLicenceAuditNodesWho(TypedDict):
    name: str


class OneLicenceAuditNodes(TypedDict):
    at: str
    type: str
    who: OneLicenceAuditNodesWho | None
    before: Any | None
    after: Any | None


class OneLicenceAuditPageInfo(TypedDict):
    hasNextPage: bool


class OneLicenceAudit(TypedDict):
    nodes: list[OneLicenceAuditNodes]
    pageInfo: OneLicenceAuditPageInfo


class OneLicenceLicenceGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneLicenceLicenceGrants(TypedDict):
    territory: OneLicenceLicenceGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    licence: str | None


class OneLicenceLicenceRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneLicenceLicenceRestrictions(TypedDict):
    territory: OneLicenceLicenceRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None


class OneLicenceLicence(TypedDict):
    id: str
    code: str
    licensor: str
    document: str | None
    timeZone: str
    credit: str | None
    webStatement: str | None
    licensorUrl: str | None
    revision: int
    assetCount: int
    grants: list[OneLicenceLicenceGrants]
    restrictions: list[OneLicenceLicenceRestrictions]


class OneLicenceAssetsNodes(TypedDict):
    id: str
    code: str
    title: str | None
    kind: Literal["IMAGE", "VIDEO", "DOCUMENT"]
    status: Literal["DRAFT", "APPROVED", "WITHDRAWN", "QUARANTINED"] | None
    legalDemand: bool | None


class OneLicenceAssetsPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class OneLicenceAssets(TypedDict):
    nodes: list[OneLicenceAssetsNodes]
    pageInfo: OneLicenceAssetsPageInfo


class OneLicenceData(TypedDict):
    audit: OneLicenceAudit | None
    licence: OneLicenceLicence | None
    assets: OneLicenceAssets | None


class CollectionsCollectionsNodesGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class CollectionsCollectionsNodesGrants(TypedDict):
    territory: CollectionsCollectionsNodesGrantsTerritory
    channels: list[str]
    validFrom: str
    validUntil: str | None


class CollectionsCollectionsNodes(TypedDict):
    code: str
    name: str
    assetCount: int
    grants: list[CollectionsCollectionsNodesGrants]


class CollectionsCollectionsPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class CollectionsCollections(TypedDict):
    nodes: list[CollectionsCollectionsNodes]
    pageInfo: CollectionsCollectionsPageInfo


class CollectionsData(TypedDict):
    collections: CollectionsCollections | None


class OneCollectionAuditNodesWho(TypedDict):
    name: str


class OneCollectionAuditNodes(TypedDict):
    at: str
    type: str
    who: OneCollectionAuditNodesWho | None
    before: Any | None
    after: Any | None


class OneCollectionAuditPageInfo(TypedDict):
    hasNextPage: bool


class OneCollectionAudit(TypedDict):
    nodes: list[OneCollectionAuditNodes]
    pageInfo: OneCollectionAuditPageInfo


class OneCollectionCollectionGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneCollectionCollectionGrants(TypedDict):
    territory: OneCollectionCollectionGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    licence: str | None


class OneCollectionCollectionRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneCollectionCollectionRestrictions(TypedDict):
    territory: OneCollectionCollectionRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None


class OneCollectionCollection(TypedDict):
    code: str
    name: str
    assetCount: int
    grants: list[OneCollectionCollectionGrants]
    restrictions: list[OneCollectionCollectionRestrictions]


class OneCollectionAssetsNodes(TypedDict):
    id: str
    code: str
    title: str | None
    kind: Literal["IMAGE", "VIDEO", "DOCUMENT"]
    status: Literal["DRAFT", "APPROVED", "WITHDRAWN", "QUARANTINED"] | None
    legalDemand: bool | None


class OneCollectionAssetsPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class OneCollectionAssets(TypedDict):
    nodes: list[OneCollectionAssetsNodes]
    pageInfo: OneCollectionAssetsPageInfo


class OneCollectionData(TypedDict):
    audit: OneCollectionAudit | None
    collection: OneCollectionCollection | None
    assets: OneCollectionAssets | None


class TermsOfAssetAsset(TypedDict):
    code: str
    title: str | None


class TermsOfAssetAssetTermsGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class TermsOfAssetAssetTermsGrants(TypedDict):
    territory: TermsOfAssetAssetTermsGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    licence: str | None


class TermsOfAssetAssetTermsRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class TermsOfAssetAssetTermsRestrictions(TypedDict):
    territory: TermsOfAssetAssetTermsRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None


class TermsOfAssetAssetTerms(TypedDict):
    revision: int
    grants: list[TermsOfAssetAssetTermsGrants]
    restrictions: list[TermsOfAssetAssetTermsRestrictions]


class TermsOfAssetData(TypedDict):
    asset: TermsOfAssetAsset | None
    assetTerms: TermsOfAssetAssetTerms | None


class TermsOfLicenceLicenceGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class TermsOfLicenceLicenceGrants(TypedDict):
    territory: TermsOfLicenceLicenceGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    licence: str | None


class TermsOfLicenceLicenceRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class TermsOfLicenceLicenceRestrictions(TypedDict):
    territory: TermsOfLicenceLicenceRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None


class TermsOfLicenceLicence(TypedDict):
    code: str
    revision: int
    grants: list[TermsOfLicenceLicenceGrants]
    restrictions: list[TermsOfLicenceLicenceRestrictions]


class TermsOfLicenceData(TypedDict):
    licence: TermsOfLicenceLicence | None


class TermsOfCollectionCollectionGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class TermsOfCollectionCollectionGrants(TypedDict):
    territory: TermsOfCollectionCollectionGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    licence: str | None


class TermsOfCollectionCollectionRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class TermsOfCollectionCollectionRestrictions(TypedDict):
    territory: TermsOfCollectionCollectionRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None


class TermsOfCollectionCollection(TypedDict):
    code: str
    grants: list[TermsOfCollectionCollectionGrants]
    restrictions: list[TermsOfCollectionCollectionRestrictions]


class TermsOfCollectionData(TypedDict):
    collection: TermsOfCollectionCollection | None


LICENCES: Final[Operation[LicencesData]] = operation(__file__, "Licences")
ONE_LICENCE: Final[Operation[OneLicenceData]] = operation(__file__, "OneLicence")
COLLECTIONS: Final[Operation[CollectionsData]] = operation(__file__, "Collections")
ONE_COLLECTION: Final[Operation[OneCollectionData]] = operation(__file__, "OneCollection")
TERMS_OF_ASSET: Final[Operation[TermsOfAssetData]] = operation(__file__, "TermsOfAsset")
TERMS_OF_LICENCE: Final[Operation[TermsOfLicenceData]] = operation(__file__, "TermsOfLicence")
TERMS_OF_COLLECTION: Final[Operation[TermsOfCollectionData]] = operation(__file__, "TermsOfCollection")
