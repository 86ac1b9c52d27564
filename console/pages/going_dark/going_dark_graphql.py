"""The answers to `going_dark.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class GoingDarkGoingDarkNodesAsset(TypedDict):
    id: str
    code: str
    title: str | None


class GoingDarkGoingDarkNodesPlacesProducts(TypedDict):
    id: str
    sku: str
    role: Literal["HERO", "GALLERY", "SWATCH", "DETAIL", "PACKAGING", "DOCUMENT", "VIDEO", "CUSTOM"]


class GoingDarkGoingDarkNodesPlaces(TypedDict):
    channel: str
    market: str | None
    countries: list[str]
    usage: str
    reason: str
    products: list[GoingDarkGoingDarkNodesPlacesProducts]


class GoingDarkGoingDarkNodes(TypedDict):
    at: str
    asset: GoingDarkGoingDarkNodesAsset
    places: list[GoingDarkGoingDarkNodesPlaces]


class GoingDarkGoingDarkPageInfo(TypedDict):
    hasNextPage: bool
    endCursor: str | None


class GoingDarkGoingDark(TypedDict):
    nodes: list[GoingDarkGoingDarkNodes]
    pageInfo: GoingDarkGoingDarkPageInfo


class GoingDarkChannels(TypedDict):
    code: str
    name: str


class GoingDarkMarkets(TypedDict):
    code: str
    name: str


class GoingDarkData(TypedDict):
    goingDark: GoingDarkGoingDark | None
    channels: list[GoingDarkChannels] | None
    markets: list[GoingDarkMarkets] | None


GOING_DARK: Final[Operation[GoingDarkData]] = operation(__file__, "GoingDark")
