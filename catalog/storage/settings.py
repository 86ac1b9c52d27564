"""Where originals and finished renditions are."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from catalog.settings import SettingsPart, formed


class StoreSettings(SettingsPart):
    """The object store."""

    store_url: Annotated[
        str,
        formed(
            r"(file:///.+|s3://[a-z0-9][a-z0-9.-]+(/.*)?)?",
            "file:///srv/vitrine, a folder, or s3://bucket/prefix",
        ),
    ] = Field(
        default="",
        description="`file:///folder` or `s3://bucket/prefix`; by default `store` in the home",
    )
    s3_endpoint_url: (
        Annotated[
            str,
            formed(
                r"https?://[^\s/?#]+(/[^\s?#]*)?",
                "the URL of its endpoint, such as https://s3.example.com",
            ),
        ]
        | None
    ) = Field(default=None, description="of an S3 that is not Amazon's")
    s3_region: str | None = Field(default=None, description="region of the bucket")
    s3_access_key: SecretStr | None = Field(
        default=None, description="without it the usual AWS sources of credentials"
    )
    s3_secret_key: SecretStr | None = Field(default=None, description="belongs to `s3_access_key`")

    @model_validator(mode="after")
    def _no_credentials_for_everyone(self) -> Self:
        if (self.s3_access_key is None) != (self.s3_secret_key is None):
            raise ValueError(
                "set VITRINE_S3_ACCESS_KEY and VITRINE_S3_SECRET_KEY both, or neither of them"
            )
        return self
