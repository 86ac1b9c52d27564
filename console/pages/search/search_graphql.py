"""The answers to `search.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class SearchSearchAsset(TypedDict):
    id: str


class SearchSearch(TypedDict):
    kind: Literal["PRODUCT", "ASSET", "LICENCE", "COLLECTION", "CATEGORY", "PRESET", "TASK", "PERSON"]
    id: str
    code: str
    label: str | None
    match: Literal["EXACT", "PREFIX", "WORD"]
    isPublished: bool | None
    asset: SearchSearchAsset | None


class SearchData(TypedDict):
    search: list[SearchSearch] | None


SEARCH: Final[Operation[SearchData]] = operation(__file__, "Search")
