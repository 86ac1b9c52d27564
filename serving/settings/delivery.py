"""What gateways and the relay keep, and how they render."""

from pydantic import Field, SecretStr, field_validator

from serving.settings.group import Group

_REDIS_SCHEMES = ("redis://", "rediss://")


class DeliverySettings(Group):
    """Indexes, logs and renditions of gateways; what several processes share in Redis."""

    index_assets: int = Field(
        default=50_000,
        ge=100,
        description="the most assets whose rights a gateway knows by heart, about 5 KB each; the "
        "least recently used beyond are asked for again",
    )
    delivery_log: str = Field(
        default="",
        description="folder of the gateway's delivery log, which `vitrine replay` reads; by "
        "default `delivery-log` in the home",
    )
    delivery_log_max_mib: int = Field(
        default=1024, ge=16, description="of that folder; its oldest files are removed beyond"
    )

    renditions_memory_mib: int = Field(
        default=128, ge=0, description="finished renditions that a gateway keeps in memory"
    )
    renditions_folder: str = Field(
        default="",
        description="folder in which the gateways of a machine keep finished renditions, in front "
        "of an object store in S3; by default `renditions` in the home",
    )
    renditions_folder_max_mib: int = Field(
        default=4096,
        ge=0,
        description="of that folder; what was used least recently is removed beyond; 0: no folder",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="`redis://…` or `rediss://…`: where gateways agree who renders what several "
        "of them miss at once, and apis share finished answers, automatic documents and rates; "
        "without it, or without an answer, each does so for itself",
    )
    redis_wait_s: float = Field(
        default=0.05,
        gt=0,
        le=5,
        description="how long an api waits for Redis, connecting included, before it goes on "
        "without and leaves it alone for a second",
    )
    warm_up: bool = Field(
        default=False,
        description="whether the relay renders the hero images of what is published into the "
        "object store",
    )
    render_workers: int = Field(
        default=0, ge=0, le=256, description="renders at once in a gateway; 0: one per core"
    )
    mezzanines: str = Field(
        default="",
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

    @field_validator("redis_url", mode="after")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(_REDIS_SCHEMES):
            raise ValueError("it begins with redis:// or rediss://")
        return value
