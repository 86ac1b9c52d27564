"""Where a process finds its data: home, databases, master key, object store."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from catalog.errors import SettingsError
from serving.settings.group import Group
from serving.values import PREFIX, decoded_key, required

_OTHERS_MAY_READ = 0o077


class HomeSettings(Group):
    """The home, the databases and the master key."""

    home: Path = Field(
        default=Path(".vitrine"),
        description="folder of the embedded services: data, objects, `master.key`, `run.json`",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="`postgresql://…` of the primary, for the owner of the tables; "
        "without it `vitrine up` runs an embedded PostgreSQL",
    )
    gateway_database_url: SecretStr | None = Field(
        default=None,
        description="the same database for a login that has only the role `vitrine_gateway`",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="32 bytes in base64 that seal the signing keys; without it the file "
        "`master.key` in the home, which `vitrine up` writes",
    )

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("master_key", mode="after")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            decoded_key(value.get_secret_value())
        return value

    @property
    def master_key_path(self) -> Path:
        """The file that holds the master key where no variable does."""
        return self.home / "master.key"

    def master_key_bytes(self) -> bytes:
        """Return the master key.

        Raises:
            SettingsError: there is none, or others may read its file.
        """
        if self.master_key is not None:
            return decoded_key(self.master_key.get_secret_value())
        path = self.master_key_path
        if not path.is_file():
            raise SettingsError(
                f"no master key: set {PREFIX}MASTER_KEY to 32 random bytes in base64, or keep "
                f"them in {path}",
                field="master_key",
            )
        if path.stat().st_mode & _OTHERS_MAY_READ:
            raise SettingsError(f"{path} may be read by others: chmod 600", field="master_key")
        try:
            return decoded_key(path.read_text().strip())
        except ValueError as error:
            raise SettingsError(f"{path}: {error}", field="master_key") from error

    def owner_database(self) -> str:
        """Return the URL of the database for its owner; a secret.

        Raises:
            SettingsError: none is set.
        """
        return required(self.database_url, "database_url")

    def gateway_database(self) -> str:
        """Return the URL of the database for the gateway; a secret.

        Raises:
            SettingsError: none is set; the owner's is never used in its place.
        """
        return required(self.gateway_database_url, "gateway_database_url")


class StoreSettings(Group):
    """Where originals and finished renditions are."""

    store_url: str = Field(
        default="",
        pattern=r"^(file:///.+|s3://[a-z0-9][a-z0-9.-]+(/.*)?)?$",
        description="`file:///folder` or `s3://bucket/prefix`; by default `store` in the home",
    )
    s3_endpoint_url: str | None = Field(default=None, description="of an S3 that is not Amazon's")
    s3_region: str | None = Field(default=None, description="region of the bucket")
    s3_access_key: SecretStr | None = Field(
        default=None, description="without it the usual AWS sources of credentials"
    )
    s3_secret_key: SecretStr | None = Field(default=None, description="belongs to `s3_access_key`")

    @model_validator(mode="after")
    def _no_credentials_for_everyone(self) -> Self:
        if (self.s3_access_key is None) != (self.s3_secret_key is None):
            raise ValueError("s3_access_key and s3_secret_key come together")
        return self
