"""The answers to `products.graphql`; written by `make schema`."""

from typing import Any, Final, Literal, TypedDict

from console.operations import Operation, operation


class ProductsCatalogueProductsNodesPublications(TypedDict):
    channel: str
    version: int
    publishedAt: str
    visibleFrom: str
    visibleUntil: str | None
    hasChanged: bool


class ProductsCatalogueProductsNodes(TypedDict):
    id: str
    sku: str
    kind: Literal["MODEL", "VARIANT", "SIMPLE"]
    family: str
    parent: str | None
    label: str | None
    updatedAt: str
    publications: list[ProductsCatalogueProductsNodesPublications]


class ProductsCatalogueProductsPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class ProductsCatalogueProducts(TypedDict):
    nodes: list[ProductsCatalogueProductsNodes]
    pageInfo: ProductsCatalogueProductsPageInfo


class ProductsChannels(TypedDict):
    code: str
    name: str


class ProductsData(TypedDict):
    catalogueProducts: ProductsCatalogueProducts | None
    channels: list[ProductsChannels] | None


class OneProductCatalogueProductsNodesPublications(TypedDict):
    channel: str
    version: int
    publishedAt: str
    visibleFrom: str
    visibleUntil: str | None
    hasChanged: bool


class OneProductCatalogueProductsNodes(TypedDict):
    id: str
    sku: str
    kind: Literal["MODEL", "VARIANT", "SIMPLE"]
    family: str
    parent: str | None
    label: str | None
    updatedAt: str
    publications: list[OneProductCatalogueProductsNodesPublications]


class OneProductCatalogueProducts(TypedDict):
    nodes: list[OneProductCatalogueProductsNodes]


class OneProductChannels(TypedDict):
    code: str
    name: str
    locales: list[str]


class OneProductMarkets(TypedDict):
    code: str
    name: str


class OneProductLocales(TypedDict):
    code: str
    name: str


class OneProductProductFamily(TypedDict):
    code: str
    label: str


class OneProductProductCategoriesBreadcrumbs(TypedDict):
    label: str


class OneProductProductCategories(TypedDict):
    code: str
    breadcrumbs: list[OneProductProductCategoriesBreadcrumbs]


class OneProductProductParent(TypedDict):
    sku: str
    name: str | None


class OneProductProductPrice(TypedDict):
    amount: str
    currency: str


class OneProductProductAttributes(TypedDict):
    code: str
    label: str
    group: str | None
    value: Any
    unit: str | None
    locale: str | None


class OneProductProductOptionsValues(TypedDict):
    label: str


class OneProductProductOptions(TypedDict):
    label: str
    values: list[OneProductProductOptionsValues]


class OneProductProductMediaAsset(TypedDict):
    id: str
    code: str


class OneProductProductMedia(TypedDict):
    id: str
    role: Literal["HERO", "GALLERY", "SWATCH", "DETAIL", "PACKAGING", "DOCUMENT", "VIDEO", "CUSTOM"]
    position: int
    inheritedFrom: str | None
    alt: str | None
    availableUntil: str | None
    asset: OneProductProductMediaAsset


class OneProductProductVariantsNodesHeroAsset(TypedDict):
    id: str


class OneProductProductVariantsNodesHero(TypedDict):
    asset: OneProductProductVariantsNodesHeroAsset


class OneProductProductVariantsNodesOptions(TypedDict):
    label: str
    value: str | None


class OneProductProductVariantsNodes(TypedDict):
    sku: str
    name: str | None
    hero: OneProductProductVariantsNodesHero | None
    options: list[OneProductProductVariantsNodesOptions]


class OneProductProductVariants(TypedDict):
    totalCount: int
    nodes: list[OneProductProductVariantsNodes]


class OneProductProduct(TypedDict):
    id: str
    sku: str
    kind: Literal["MODEL", "VARIANT", "SIMPLE"]
    gtin: str | None
    name: str | None
    description: str | None
    resolvedLocale: str | None
    url: str | None
    updatedAt: str
    family: OneProductProductFamily
    categories: list[OneProductProductCategories]
    parent: OneProductProductParent | None
    price: OneProductProductPrice | None
    attributes: list[OneProductProductAttributes]
    options: list[OneProductProductOptions]
    media: list[OneProductProductMedia]
    variants: OneProductProductVariants


class OneProductData(TypedDict):
    catalogueProducts: OneProductCatalogueProducts | None
    channels: list[OneProductChannels] | None
    markets: list[OneProductMarkets] | None
    locales: list[OneProductLocales] | None
    product: OneProductProduct | None


class PublishPublishProductsResultsBelowErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PublishPublishProductsResultsBelow(TypedDict):
    sku: str
    outcome: Literal["PUBLISHED", "UNCHANGED", "UNPUBLISHED", "REJECTED"]
    errors: list[PublishPublishProductsResultsBelowErrors]


class PublishPublishProductsResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PublishPublishProductsResults(TypedDict):
    sku: str
    outcome: Literal["PUBLISHED", "UNCHANGED", "UNPUBLISHED", "REJECTED"]
    below: list[PublishPublishProductsResultsBelow]
    errors: list[PublishPublishProductsResultsErrors]


class PublishPublishProductsDarkAt(TypedDict):
    gateways: str


class PublishPublishProductsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PublishPublishProducts(TypedDict):
    results: list[PublishPublishProductsResults]
    darkAt: PublishPublishProductsDarkAt | None
    errors: list[PublishPublishProductsErrors]


class PublishData(TypedDict):
    publishProducts: PublishPublishProducts


class UnpublishUnpublishProductsResultsBelowErrors(TypedDict):
    code: str
    field: str | None
    message: str


class UnpublishUnpublishProductsResultsBelow(TypedDict):
    sku: str
    outcome: Literal["PUBLISHED", "UNCHANGED", "UNPUBLISHED", "REJECTED"]
    errors: list[UnpublishUnpublishProductsResultsBelowErrors]


class UnpublishUnpublishProductsResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class UnpublishUnpublishProductsResults(TypedDict):
    sku: str
    outcome: Literal["PUBLISHED", "UNCHANGED", "UNPUBLISHED", "REJECTED"]
    below: list[UnpublishUnpublishProductsResultsBelow]
    errors: list[UnpublishUnpublishProductsResultsErrors]


class UnpublishUnpublishProductsDarkAt(TypedDict):
    gateways: str


class UnpublishUnpublishProductsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class UnpublishUnpublishProducts(TypedDict):
    results: list[UnpublishUnpublishProductsResults]
    darkAt: UnpublishUnpublishProductsDarkAt | None
    errors: list[UnpublishUnpublishProductsErrors]


class UnpublishData(TypedDict):
    unpublishProducts: UnpublishUnpublishProducts


class BindBindMediaResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class BindBindMediaResults(TypedDict):
    id: str | None
    errors: list[BindBindMediaResultsErrors]


class BindBindMediaErrors(TypedDict):
    code: str
    field: str | None
    message: str


class BindBindMedia(TypedDict):
    results: list[BindBindMediaResults]
    errors: list[BindBindMediaErrors]


class BindData(TypedDict):
    bindMedia: BindBindMedia


class UnbindUnbindMediaResultsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class UnbindUnbindMediaResults(TypedDict):
    id: str | None
    errors: list[UnbindUnbindMediaResultsErrors]


class UnbindUnbindMediaErrors(TypedDict):
    code: str
    field: str | None
    message: str


class UnbindUnbindMedia(TypedDict):
    results: list[UnbindUnbindMediaResults]
    errors: list[UnbindUnbindMediaErrors]


class UnbindData(TypedDict):
    unbindMedia: UnbindUnbindMedia


class FindAssetSearch(TypedDict):
    id: str
    code: str


class FindAssetData(TypedDict):
    search: list[FindAssetSearch] | None


PRODUCTS: Final[Operation[ProductsData]] = operation(__file__, "Products")
ONE_PRODUCT: Final[Operation[OneProductData]] = operation(__file__, "OneProduct")
PUBLISH: Final[Operation[PublishData]] = operation(__file__, "Publish")
UNPUBLISH: Final[Operation[UnpublishData]] = operation(__file__, "Unpublish")
BIND: Final[Operation[BindData]] = operation(__file__, "Bind")
UNBIND: Final[Operation[UnbindData]] = operation(__file__, "Unbind")
FIND_ASSET: Final[Operation[FindAssetData]] = operation(__file__, "FindAsset")
