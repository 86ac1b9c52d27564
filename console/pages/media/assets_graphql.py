"""The answers to `assets.graphql`; written by `make schema`."""

from typing import Any, Final, Literal, NotRequired, TypedDict

from console.operations import Operation, operation


class AssetsAssetsNodesRightsGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class AssetsAssetsNodesRightsGrants(TypedDict):
    territory: AssetsAssetsNodesRightsGrantsTerritory
    channels: list[str]
    validFrom: str
    validUntil: str | None


class AssetsAssetsNodesRightsRestrictions(TypedDict):
    validUntil: str | None


class AssetsAssetsNodesRights(TypedDict):
    grants: list[AssetsAssetsNodesRightsGrants]
    restrictions: list[AssetsAssetsNodesRightsRestrictions]


class AssetsAssetsNodes(TypedDict):
    id: str
    code: str
    title: str | None
    kind: Literal["IMAGE", "VIDEO", "DOCUMENT"]
    status: Literal["DRAFT", "APPROVED", "WITHDRAWN", "QUARANTINED"] | None
    legalDemand: bool | None
    availableUntil: str | None
    rights: NotRequired[AssetsAssetsNodesRights]


class AssetsAssetsPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class AssetsAssets(TypedDict):
    nodes: list[AssetsAssetsNodes]
    pageInfo: AssetsAssetsPageInfo


class AssetsData(TypedDict):
    assets: AssetsAssets | None


class OneAssetAssetFocalPoint(TypedDict):
    x: float
    y: float


class OneAssetAssetRightsGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneAssetAssetRightsGrants(TypedDict):
    territory: OneAssetAssetRightsGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    licence: str | None


class OneAssetAssetRightsRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneAssetAssetRightsRestrictions(TypedDict):
    territory: OneAssetAssetRightsRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None


class OneAssetAssetRights(TypedDict):
    authorityUrl: str | None
    epoch: int
    grants: list[OneAssetAssetRightsGrants]
    restrictions: list[OneAssetAssetRightsRestrictions]


class OneAssetAsset(TypedDict):
    id: str
    code: str
    title: str | None
    titleLocale: str | None
    alt: str | None
    caption: str | None
    kind: Literal["IMAGE", "VIDEO", "DOCUMENT"]
    width: int | None
    height: int | None
    mimeType: str | None
    credit: str | None
    licensor: str | None
    licensorUrl: str | None
    licenceUrl: str | None
    revision: int
    dominantColor: str | None
    focalPoint: OneAssetAssetFocalPoint | None
    status: Literal["DRAFT", "APPROVED", "WITHDRAWN", "QUARANTINED"] | None
    legalDemand: bool | None
    availableUntil: str | None
    rights: NotRequired[OneAssetAssetRights]


class OneAssetAssetTermsGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneAssetAssetTermsGrants(TypedDict):
    territory: OneAssetAssetTermsGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    licence: str | None


class OneAssetAssetTermsRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneAssetAssetTermsRestrictions(TypedDict):
    territory: OneAssetAssetTermsRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None


class OneAssetAssetTermsLicencesGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneAssetAssetTermsLicencesGrants(TypedDict):
    territory: OneAssetAssetTermsLicencesGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    licence: str | None


class OneAssetAssetTermsLicencesRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneAssetAssetTermsLicencesRestrictions(TypedDict):
    territory: OneAssetAssetTermsLicencesRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None


class OneAssetAssetTermsLicences(TypedDict):
    id: str
    code: str
    licensor: str
    grants: list[OneAssetAssetTermsLicencesGrants]
    restrictions: list[OneAssetAssetTermsLicencesRestrictions]


class OneAssetAssetTermsCollectionsGrantsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneAssetAssetTermsCollectionsGrants(TypedDict):
    territory: OneAssetAssetTermsCollectionsGrantsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    licence: str | None


class OneAssetAssetTermsCollectionsRestrictionsTerritory(TypedDict):
    include: list[str]
    exclude: list[str]


class OneAssetAssetTermsCollectionsRestrictions(TypedDict):
    territory: OneAssetAssetTermsCollectionsRestrictionsTerritory
    channels: list[str]
    usages: list[str]
    validFrom: str
    validUntil: str | None
    note: str | None


class OneAssetAssetTermsCollections(TypedDict):
    code: str
    name: str
    grants: list[OneAssetAssetTermsCollectionsGrants]
    restrictions: list[OneAssetAssetTermsCollectionsRestrictions]


class OneAssetAssetTerms(TypedDict):
    revision: int
    grants: list[OneAssetAssetTermsGrants]
    restrictions: list[OneAssetAssetTermsRestrictions]
    licences: list[OneAssetAssetTermsLicences]
    collections: list[OneAssetAssetTermsCollections]


class OneAssetWouldGoDarkPlacesProducts(TypedDict):
    id: str
    sku: str
    role: Literal["HERO", "GALLERY", "SWATCH", "DETAIL", "PACKAGING", "DOCUMENT", "VIDEO", "CUSTOM"]


class OneAssetWouldGoDarkPlaces(TypedDict):
    channel: str
    market: str | None
    countries: list[str]
    usage: str
    products: list[OneAssetWouldGoDarkPlacesProducts]


class OneAssetWouldGoDark(TypedDict):
    productCount: int
    places: list[OneAssetWouldGoDarkPlaces]


class OneAssetAssetBindingsNodes(TypedDict):
    productId: str
    sku: str
    role: Literal["HERO", "GALLERY", "SWATCH", "DETAIL", "PACKAGING", "DOCUMENT", "VIDEO", "CUSTOM"]
    channel: str | None
    market: str | None
    locale: str | None
    status: Literal["PROPOSED", "APPROVED", "REJECTED", "RETIRED"]
    isPublished: bool


class OneAssetAssetBindingsPageInfo(TypedDict):
    hasNextPage: bool


class OneAssetAssetBindings(TypedDict):
    nodes: list[OneAssetAssetBindingsNodes]
    pageInfo: OneAssetAssetBindingsPageInfo


class OneAssetAssetVersions(TypedDict):
    number: int
    createdAt: str
    bytes: float
    mimeType: str
    width: int | None
    height: int | None
    hasAlpha: bool
    sha256: str
    isCurrent: bool


class OneAssetDeliveryRecordDelivered(TypedDict):
    country: str
    channel: str
    preset: str
    how: str
    requests: int
    bytes: float
    last: str


class OneAssetDeliveryRecordDenied(TypedDict):
    country: str
    channel: str
    reason: str
    count: int
    last: str


class OneAssetDeliveryRecord(TypedDict):
    since: str
    delivered: list[OneAssetDeliveryRecordDelivered]
    denied: list[OneAssetDeliveryRecordDenied]


class OneAssetAuditNodesWho(TypedDict):
    name: str


class OneAssetAuditNodes(TypedDict):
    id: str
    at: str
    type: str
    who: OneAssetAuditNodesWho | None
    before: Any | None
    after: Any | None


class OneAssetAuditPageInfo(TypedDict):
    hasNextPage: bool


class OneAssetAudit(TypedDict):
    nodes: list[OneAssetAuditNodes]
    pageInfo: OneAssetAuditPageInfo


class OneAssetData(TypedDict):
    asset: OneAssetAsset | None
    assetTerms: NotRequired[OneAssetAssetTerms | None]
    wouldGoDark: NotRequired[OneAssetWouldGoDark | None]
    assetBindings: NotRequired[OneAssetAssetBindings | None]
    assetVersions: NotRequired[list[OneAssetAssetVersions] | None]
    deliveryRecord: NotRequired[OneAssetDeliveryRecord | None]
    audit: NotRequired[OneAssetAudit | None]


class AssetPictureAssetPreview(TypedDict):
    url: str


class AssetPictureAsset(TypedDict):
    kind: Literal["IMAGE", "VIDEO", "DOCUMENT"]
    status: Literal["DRAFT", "APPROVED", "WITHDRAWN", "QUARANTINED"] | None
    legalDemand: bool | None
    preview: AssetPictureAssetPreview | None


class AssetPictureData(TypedDict):
    asset: AssetPictureAsset | None


ASSETS: Final[Operation[AssetsData]] = operation(__file__, "Assets")
ONE_ASSET: Final[Operation[OneAssetData]] = operation(__file__, "OneAsset")
ASSET_PICTURE: Final[Operation[AssetPictureData]] = operation(__file__, "AssetPicture")
