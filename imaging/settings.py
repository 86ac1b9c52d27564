"""What gateways and the relay keep of renditions, and how they render."""

from pathlib import Path

from pydantic import Field

from catalog.settings import Folder, SettingsPart


class RenditionSettings(SettingsPart):
    """Finished renditions besides the object store."""

    renditions_memory_mib: int = Field(
        default=128, ge=0, description="finished renditions that a gateway keeps in memory"
    )
    renditions_folder: Folder = Field(
        default=Path(),
        description="folder in which the gateways of a machine keep finished renditions, in front "
        "of an object store in S3; by default `renditions` in the home",
    )
    renditions_folder_max_mib: int = Field(
        default=4096,
        ge=0,
        description="of that folder; what was used least recently is removed beyond; 0: no folder",
    )


class RenderSettings(SettingsPart):
    """Renders, and the masters that they begin at."""

    render_workers: int = Field(
        default=0, ge=0, le=256, description="renders at once in a gateway; 0: two more than cores"
    )
    mezzanines: Folder = Field(
        default=Path(),
        description="folder of a gateway's large masters, decoded once for all their smaller "
        "renditions; by default `mezzanine` in the home",
    )
    mezzanines_max_mib: int = Field(
        default=1024,
        ge=0,
        description="of that folder, 13 MiB a photograph; the least recently used are removed "
        "beyond; 0: none is kept",
    )
    avif_effort: int = Field(
        default=1, ge=0, le=1, description="0 or 1: more effort takes seconds per image"
    )


class ImagingSettings(RenditionSettings, RenderSettings):
    """All that renditions are opened with."""
