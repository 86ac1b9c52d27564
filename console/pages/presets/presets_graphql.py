"""The answers to `presets.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class PresetsPresetsCurrentRecipeRatio(TypedDict):
    width: int
    height: int


class PresetsPresetsCurrentRecipeQuality(TypedDict):
    format: Literal["AVIF", "WEBP", "JPEG", "PNG", "AUTO"]
    percent: int


class PresetsPresetsCurrentRecipe(TypedDict):
    mode: Literal["FIT", "FILL", "PAD"]
    ratio: PresetsPresetsCurrentRecipeRatio | None
    widths: list[int]
    formats: list[Literal["AVIF", "WEBP", "JPEG", "PNG", "AUTO"]]
    quality: list[PresetsPresetsCurrentRecipeQuality]
    background: str
    sharpen: bool
    maxBytes: int | None


class PresetsPresetsCurrent(TypedDict):
    version: int
    audience: Literal["WEB", "STAFF"]
    lifetimeSeconds: int
    recipe: PresetsPresetsCurrentRecipe


class PresetsPresetsDraftRecipeRatio(TypedDict):
    width: int
    height: int


class PresetsPresetsDraftRecipeQuality(TypedDict):
    format: Literal["AVIF", "WEBP", "JPEG", "PNG", "AUTO"]
    percent: int


class PresetsPresetsDraftRecipe(TypedDict):
    mode: Literal["FIT", "FILL", "PAD"]
    ratio: PresetsPresetsDraftRecipeRatio | None
    widths: list[int]
    formats: list[Literal["AVIF", "WEBP", "JPEG", "PNG", "AUTO"]]
    quality: list[PresetsPresetsDraftRecipeQuality]
    background: str
    sharpen: bool
    maxBytes: int | None


class PresetsPresetsDraft(TypedDict):
    version: int
    audience: Literal["WEB", "STAFF"]
    lifetimeSeconds: int
    recipe: PresetsPresetsDraftRecipe


class PresetsPresetsVersions(TypedDict):
    version: int
    state: Literal["DRAFT", "CURRENT", "SUPERSEDED", "RETIRED"]


class PresetsPresets(TypedDict):
    code: str
    current: PresetsPresetsCurrent | None
    draft: PresetsPresetsDraft | None
    versions: list[PresetsPresetsVersions]


class PresetsData(TypedDict):
    presets: list[PresetsPresets] | None


class OnePresetPresetCurrentRecipeRatio(TypedDict):
    width: int
    height: int


class OnePresetPresetCurrentRecipeQuality(TypedDict):
    format: Literal["AVIF", "WEBP", "JPEG", "PNG", "AUTO"]
    percent: int


class OnePresetPresetCurrentRecipe(TypedDict):
    mode: Literal["FIT", "FILL", "PAD"]
    ratio: OnePresetPresetCurrentRecipeRatio | None
    widths: list[int]
    formats: list[Literal["AVIF", "WEBP", "JPEG", "PNG", "AUTO"]]
    quality: list[OnePresetPresetCurrentRecipeQuality]
    background: str
    sharpen: bool
    maxBytes: int | None


class OnePresetPresetCurrent(TypedDict):
    version: int
    audience: Literal["WEB", "STAFF"]
    lifetimeSeconds: int
    recipe: OnePresetPresetCurrentRecipe


class OnePresetPresetDraftRecipeRatio(TypedDict):
    width: int
    height: int


class OnePresetPresetDraftRecipeQuality(TypedDict):
    format: Literal["AVIF", "WEBP", "JPEG", "PNG", "AUTO"]
    percent: int


class OnePresetPresetDraftRecipe(TypedDict):
    mode: Literal["FIT", "FILL", "PAD"]
    ratio: OnePresetPresetDraftRecipeRatio | None
    widths: list[int]
    formats: list[Literal["AVIF", "WEBP", "JPEG", "PNG", "AUTO"]]
    quality: list[OnePresetPresetDraftRecipeQuality]
    background: str
    sharpen: bool
    maxBytes: int | None


class OnePresetPresetDraft(TypedDict):
    version: int
    audience: Literal["WEB", "STAFF"]
    lifetimeSeconds: int
    recipe: OnePresetPresetDraftRecipe


class OnePresetPresetVersions(TypedDict):
    version: int
    state: Literal["DRAFT", "CURRENT", "SUPERSEDED", "RETIRED"]
    servedUntil: str | None


class OnePresetPreset(TypedDict):
    code: str
    current: OnePresetPresetCurrent | None
    draft: OnePresetPresetDraft | None
    versions: list[OnePresetPresetVersions]


class OnePresetData(TypedDict):
    preset: OnePresetPreset | None


class SamplesAssetsNodes(TypedDict):
    id: str
    code: str
    title: str | None
    kind: Literal["IMAGE", "VIDEO", "DOCUMENT"]


class SamplesAssets(TypedDict):
    nodes: list[SamplesAssetsNodes]


class SamplesData(TypedDict):
    assets: SamplesAssets | None


class PresetPicturePresetPreviewImages(TypedDict):
    url: str
    width: int | None
    format: Literal["AVIF", "WEBP", "JPEG", "PNG", "AUTO"]


class PresetPicturePresetPreview(TypedDict):
    images: list[PresetPicturePresetPreviewImages]


class PresetPictureData(TypedDict):
    presetPreview: list[PresetPicturePresetPreview] | None


class SavePresetDraftSavePresetDraftPreset(TypedDict):
    code: str


class SavePresetDraftSavePresetDraftErrors(TypedDict):
    code: str
    field: str | None
    message: str


class SavePresetDraftSavePresetDraft(TypedDict):
    preset: SavePresetDraftSavePresetDraftPreset | None
    errors: list[SavePresetDraftSavePresetDraftErrors]


class SavePresetDraftData(TypedDict):
    savePresetDraft: SavePresetDraftSavePresetDraft


class PublishPresetPublishPresetPreset(TypedDict):
    code: str


class PublishPresetPublishPresetErrors(TypedDict):
    code: str
    field: str | None
    message: str


class PublishPresetPublishPreset(TypedDict):
    preset: PublishPresetPublishPresetPreset | None
    errors: list[PublishPresetPublishPresetErrors]


class PublishPresetData(TypedDict):
    publishPreset: PublishPresetPublishPreset


class DiscardPresetDraftDiscardPresetDraftPreset(TypedDict):
    code: str


class DiscardPresetDraftDiscardPresetDraftErrors(TypedDict):
    code: str
    field: str | None
    message: str


class DiscardPresetDraftDiscardPresetDraft(TypedDict):
    preset: DiscardPresetDraftDiscardPresetDraftPreset | None
    errors: list[DiscardPresetDraftDiscardPresetDraftErrors]


class DiscardPresetDraftData(TypedDict):
    discardPresetDraft: DiscardPresetDraftDiscardPresetDraft


class RetirePresetRetirePresetPreset(TypedDict):
    code: str


class RetirePresetRetirePresetErrors(TypedDict):
    code: str
    field: str | None
    message: str


class RetirePresetRetirePreset(TypedDict):
    preset: RetirePresetRetirePresetPreset | None
    errors: list[RetirePresetRetirePresetErrors]


class RetirePresetData(TypedDict):
    retirePreset: RetirePresetRetirePreset


PRESETS: Final[Operation[PresetsData]] = operation(__file__, "Presets")
ONE_PRESET: Final[Operation[OnePresetData]] = operation(__file__, "OnePreset")
SAMPLES: Final[Operation[SamplesData]] = operation(__file__, "Samples")
PRESET_PICTURE: Final[Operation[PresetPictureData]] = operation(__file__, "PresetPicture")
SAVE_PRESET_DRAFT: Final[Operation[SavePresetDraftData]] = operation(__file__, "SavePresetDraft")
PUBLISH_PRESET: Final[Operation[PublishPresetData]] = operation(__file__, "PublishPreset")
DISCARD_PRESET_DRAFT: Final[Operation[DiscardPresetDraftData]] = operation(__file__, "DiscardPresetDraft")
RETIRE_PRESET: Final[Operation[RetirePresetData]] = operation(__file__, "RetirePreset")
