"""The answers to `changes.graphql`; written by `make schema`."""

from typing import Final, TypedDict

from console.operations import Operation, operation


class ChannelsChannels(TypedDict):
    code: str
    name: str
    usages: list[str]


class ChannelsData(TypedDict):
    channels: list[ChannelsChannels] | None


class WithdrawAssetWithdrawAssetDarkAt(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class WithdrawAssetWithdrawAssetErrors(TypedDict):
    code: str
    field: str | None
    message: str


class WithdrawAssetWithdrawAsset(TypedDict):
    darkAt: WithdrawAssetWithdrawAssetDarkAt | None
    errors: list[WithdrawAssetWithdrawAssetErrors]


class WithdrawAssetData(TypedDict):
    withdrawAsset: WithdrawAssetWithdrawAsset


class HoldAssetHoldAssetDarkAt(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class HoldAssetHoldAssetErrors(TypedDict):
    code: str
    field: str | None
    message: str


class HoldAssetHoldAsset(TypedDict):
    darkAt: HoldAssetHoldAssetDarkAt | None
    errors: list[HoldAssetHoldAssetErrors]


class HoldAssetData(TypedDict):
    holdAsset: HoldAssetHoldAsset


class ReinstateAssetReinstateAssetDarkAt(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class ReinstateAssetReinstateAssetErrors(TypedDict):
    code: str
    field: str | None
    message: str


class ReinstateAssetReinstateAsset(TypedDict):
    darkAt: ReinstateAssetReinstateAssetDarkAt | None
    errors: list[ReinstateAssetReinstateAssetErrors]


class ReinstateAssetData(TypedDict):
    reinstateAsset: ReinstateAssetReinstateAsset


class SetGrantsSetGrantsDarkAt(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class SetGrantsSetGrantsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SetGrantsSetGrants(TypedDict):
    darkAt: SetGrantsSetGrantsDarkAt | None
    errors: list[SetGrantsSetGrantsErrors]


class SetGrantsData(TypedDict):
    setGrants: SetGrantsSetGrants


class SetRestrictionsSetRestrictionsDarkAt(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class SetRestrictionsSetRestrictionsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SetRestrictionsSetRestrictions(TypedDict):
    darkAt: SetRestrictionsSetRestrictionsDarkAt | None
    errors: list[SetRestrictionsSetRestrictionsErrors]


class SetRestrictionsData(TypedDict):
    setRestrictions: SetRestrictionsSetRestrictions


class ApproveAssetApproveAssetErrors(TypedDict):
    code: str
    field: str | None
    message: str


class ApproveAssetApproveAsset(TypedDict):
    errors: list[ApproveAssetApproveAssetErrors]


class ApproveAssetData(TypedDict):
    approveAsset: ApproveAssetApproveAsset


class SetLicenceGrantsSetLicenceGrantsDarkAt(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class SetLicenceGrantsSetLicenceGrantsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SetLicenceGrantsSetLicenceGrants(TypedDict):
    darkAt: SetLicenceGrantsSetLicenceGrantsDarkAt | None
    errors: list[SetLicenceGrantsSetLicenceGrantsErrors]


class SetLicenceGrantsData(TypedDict):
    setLicenceGrants: SetLicenceGrantsSetLicenceGrants


class SetLicenceRestrictionsSetLicenceRestrictionsDarkAt(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class SetLicenceRestrictionsSetLicenceRestrictionsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SetLicenceRestrictionsSetLicenceRestrictions(TypedDict):
    darkAt: SetLicenceRestrictionsSetLicenceRestrictionsDarkAt | None
    errors: list[SetLicenceRestrictionsSetLicenceRestrictionsErrors]


class SetLicenceRestrictionsData(TypedDict):
    setLicenceRestrictions: SetLicenceRestrictionsSetLicenceRestrictions


class SetCollectionGrantsSetCollectionGrantsDarkAt(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class SetCollectionGrantsSetCollectionGrantsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SetCollectionGrantsSetCollectionGrants(TypedDict):
    darkAt: SetCollectionGrantsSetCollectionGrantsDarkAt | None
    errors: list[SetCollectionGrantsSetCollectionGrantsErrors]


class SetCollectionGrantsData(TypedDict):
    setCollectionGrants: SetCollectionGrantsSetCollectionGrants


class SetCollectionRestrictionsSetCollectionRestrictionsDarkAt(TypedDict):
    changed: str
    gateways: str
    edges: str | None


class SetCollectionRestrictionsSetCollectionRestrictionsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SetCollectionRestrictionsSetCollectionRestrictions(TypedDict):
    darkAt: SetCollectionRestrictionsSetCollectionRestrictionsDarkAt | None
    errors: list[SetCollectionRestrictionsSetCollectionRestrictionsErrors]


class SetCollectionRestrictionsData(TypedDict):
    setCollectionRestrictions: SetCollectionRestrictionsSetCollectionRestrictions


class RehearseRehearseTermsGoesDarkAsset(TypedDict):
    id: str
    code: str
    title: str | None


class RehearseRehearseTermsGoesDarkPlacesProducts(TypedDict):
    id: str
    sku: str


class RehearseRehearseTermsGoesDarkPlaces(TypedDict):
    channel: str
    market: str | None
    countries: list[str]
    usage: str
    products: list[RehearseRehearseTermsGoesDarkPlacesProducts]


class RehearseRehearseTermsGoesDark(TypedDict):
    asset: RehearseRehearseTermsGoesDarkAsset
    places: list[RehearseRehearseTermsGoesDarkPlaces]


class RehearseRehearseTermsErrors(TypedDict):
    code: str
    field: str | None
    message: str


class RehearseRehearseTerms(TypedDict):
    goesDark: list[RehearseRehearseTermsGoesDark]
    lookedAt: int
    assetCount: int
    errors: list[RehearseRehearseTermsErrors]


class RehearseData(TypedDict):
    rehearseTerms: RehearseRehearseTerms | None


CHANNELS: Final[Operation[ChannelsData]] = operation(__file__, "Channels")
WITHDRAW_ASSET: Final[Operation[WithdrawAssetData]] = operation(__file__, "WithdrawAsset")
HOLD_ASSET: Final[Operation[HoldAssetData]] = operation(__file__, "HoldAsset")
REINSTATE_ASSET: Final[Operation[ReinstateAssetData]] = operation(__file__, "ReinstateAsset")
SET_GRANTS: Final[Operation[SetGrantsData]] = operation(__file__, "SetGrants")
SET_RESTRICTIONS: Final[Operation[SetRestrictionsData]] = operation(__file__, "SetRestrictions")
APPROVE_ASSET: Final[Operation[ApproveAssetData]] = operation(__file__, "ApproveAsset")
SET_LICENCE_GRANTS: Final[Operation[SetLicenceGrantsData]] = operation(__file__, "SetLicenceGrants")
SET_LICENCE_RESTRICTIONS: Final[Operation[SetLicenceRestrictionsData]] = operation(__file__, "SetLicenceRestrictions")
SET_COLLECTION_GRANTS: Final[Operation[SetCollectionGrantsData]] = operation(__file__, "SetCollectionGrants")
SET_COLLECTION_RESTRICTIONS: Final[Operation[SetCollectionRestrictionsData]] = operation(__file__, "SetCollectionRestrictions")
REHEARSE: Final[Operation[RehearseData]] = operation(__file__, "Rehearse")
