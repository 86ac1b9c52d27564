"""The settings that processes share: home, media, connections, Redis, changes, logs."""

import base64
import hashlib
import platform
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from catalog.errors import SettingsError
from catalog.purges.model import PurgeTimes
from catalog.sealing import MasterKeys
from catalog.settings import PREFIX, Folder, SettingsPart, formed
from edge.settings import EdgeSettings
from serving.connections import ConnectionLimits
from serving.private_files import read_private

_MASTER_KEY_BYTES = 32
_HOW_A_KEY_IS_MADE = "write what `openssl rand -base64 32` prints"
_REDIS_SCHEMES = ("redis", "rediss")
_PURGE_MARGIN_S = 5.0
_COMMIT_S = 1.0  # from the last statement of a transaction until its end is seen


class HomeSettings(SettingsPart):
    """The home, the databases and the master key."""

    home: Folder = Field(
        default=Path(".vitrine"),
        description="folder of the embedded services: data, objects, `master.key`, `run.json`",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="`postgresql://…` of the primary, for the owner of the tables, or for api, "
        "purger and relay a login of `vitrine_process`; without it `vitrine up` runs an embedded "
        "PostgreSQL",
    )
    gateway_database_url: SecretStr | None = Field(
        default=None,
        description="the same database for a login that has only the role `vitrine_gateway`",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="32 bytes in base64 that seal secrets in the database; without it the file "
        "`master.key` in the home, which `vitrine up` writes",
    )
    former_master_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="former master keys, comma-separated: they open what they sealed until "
        "`vitrine key master rotate` has sealed it anew",
    )

    @field_validator("former_master_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the source holds
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("master_key", mode="after")
    @classmethod
    def _is_master_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            decoded_key(value.get_secret_value())
        return value

    @field_validator("former_master_keys", mode="after")
    @classmethod
    def _are_master_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for each in value:
            decoded_key(each.get_secret_value())
        return value

    @property
    def master_key_path(self) -> Path:
        """The file that holds the master key where no variable does, and former ones below it."""
        return self.home / "master.key"

    def master_keys(self) -> MasterKeys:
        """Return the master keys: the newest, and former ones.

        Raises:
            SettingsError: there is none, or others may read its file.
        """
        if self.master_key is not None:
            written = (self.master_key, *self.former_master_keys)
            return MasterKeys([decoded_key(each.get_secret_value()) for each in written])
        return MasterKeys(
            self._keys_in_file(), reread=self._keys_in_file, place=place_of(self.master_key_path)
        )

    def _keys_in_file(self) -> list[bytes]:
        path = self.master_key_path
        if not path.is_file():
            raise SettingsError(
                f"no master key: set {PREFIX}MASTER_KEY to 32 random bytes in base64, or keep "
                f"them in {path}",
                field="master_key",
            )
        text = read_private(path, field="master_key")
        try:
            in_file = [decoded_key(each) for each in text.split()]
        except ValueError as error:
            raise SettingsError(f"{path}: {error}", field="master_key") from error
        if not in_file:
            raise SettingsError(f"{path} is empty: {_HOW_A_KEY_IS_MADE}", field="master_key")
        return [
            *in_file,
            *(decoded_key(each.get_secret_value()) for each in self.former_master_keys),
        ]

    def owner_database(self) -> str:
        """Return the URL of the database for its owner; a secret.

        Raises:
            SettingsError: none is set.
        """
        return _required(self.database_url, "database_url")

    def gateway_database(self) -> str:
        """Return the URL of the database for the gateway; a secret.

        Raises:
            SettingsError: none is set; the owner's is never used in its place.
        """
        return _required(self.gateway_database_url, "gateway_database_url")


class MediaSettings(SettingsPart):
    """What images are found under."""

    media_base: Annotated[
        str,
        formed(
            r"(https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?)?",
            "an address without `/` at its end, such as https://media.shop.example",
        ),
    ] = Field(
        default="",
        description="what rendition URLs begin with; by default the gateway itself, "
        "`http://127.0.0.1:{gateway_port}`",
    )


class ConnectionSettings(SettingsPart):
    """How long an answer of the feed may be relied upon, and what a connection may take."""

    lease_s: float = Field(
        default=1.0, ge=0.3, le=10, description="how long one answer of the feed may be relied upon"
    )
    send_timeout_s: float = Field(
        default=30.0, ge=1, le=300, description="when a response that is not sent is aborted"
    )
    head_timeout_s: float = Field(
        default=10.0,
        gt=0,
        le=300,
        description="within which the head of a request has to come, or the connection ends",
    )
    body_timeout_s: float = Field(
        default=20.0, gt=0, le=300, description="the same for its body, and a WebSocket's message"
    )
    max_connections: int = Field(
        default=8_192,
        ge=16,
        description="connections of a process; one more is answered 503 and closed",
    )
    max_connections_per_address: int = Field(
        default=256,
        ge=0,
        description="those of one address, or of one IPv6 network of 64 bits, that is no trusted "
        "hop's; 0: no limit but the process's",
    )


class RedisSettings(SettingsPart):
    """What several processes share to be quicker."""

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

    @field_validator("redis_url", mode="after")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_address_of_redis(value.get_secret_value()):
            raise ValueError("write redis://host:6379, or rediss:// for TLS")
        return value


class ChangeSettings(ConnectionSettings):
    """What follows a change: jobs and purges."""

    warm_up: bool = Field(
        default=False,
        description="whether the relay renders the hero images of what is published into the "
        "object store",
    )

    @property
    def purge_times(self) -> PurgeTimes:
        """When purges are due after the first."""
        return PurgeTimes(
            second_s=self.lease_s + _COMMIT_S,
            last_s=self.lease_s + self.send_timeout_s + _PURGE_MARGIN_S,
        )


class LogSettings(SettingsPart):
    """Traces and logs."""

    otlp_endpoint: (
        Annotated[
            str,
            formed(
                r"https?://[^\s?#]*[^\s?#/]",
                "an address without `/` at its end, such as http://collector:4318",
            ),
        ]
        | None
    ) = Field(
        default=None,
        description="`http://collector:4318`: where OpenTelemetry traces are sent, as OTLP over "
        "HTTP; without it none are made",
    )
    trace_share: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="share of the requests that are traced, besides those that say they are",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="the least that is logged",
    )
    log_format: Literal["json", "console"] = Field(
        default="json",
        description="`json`, one JSON object a line, or `console`, text for people",
    )


class ProcessSettings(HomeSettings, EdgeSettings, ChangeSettings, LogSettings):
    """What every process reads."""

    def connection_limits(self) -> ConnectionLimits:
        """Return what connections may take; trusted hops are many people behind one address."""
        return ConnectionLimits(
            head_s=self.head_timeout_s,
            body_s=self.body_timeout_s,
            send_s=self.send_timeout_s,
            most=self.max_connections,
            most_per_address=self.max_connections_per_address,
            exempt=tuple(network for hop in self.trusted_hops for network in hop.networks),
        )


def _required(url: SecretStr | None, name: str) -> str:
    """Return a URL that has to be set; a secret.

    Raises:
        SettingsError: it is not.
    """
    if url is None:
        raise SettingsError(
            f"set {PREFIX}{name.upper()}, or run everything with `vitrine up`", field=name
        )
    return url.get_secret_value()


def place_of(path: Path) -> str:
    """Return what tells a file from those of other folders and machines, in 8 characters."""
    return hashlib.sha256(f"{platform.node()}:{path.resolve()}".encode()).hexdigest()[:8]


def decoded_key(text: str) -> bytes:
    """Return the 32 bytes of a master key, which are written in base64.

    Raises:
        ValueError: it is no such key.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:  # also of what is not ASCII
        raise ValueError(f"the master key is not base64: {_HOW_A_KEY_IS_MADE}") from error
    if len(key) != _MASTER_KEY_BYTES:
        raise ValueError(
            f"the master key has {len(key)} bytes, not {_MASTER_KEY_BYTES}: {_HOW_A_KEY_IS_MADE}"
        )
    return key


def _is_address_of_redis(text: str) -> bool:
    try:
        scheme, port = urlsplit(text).scheme, urlsplit(text).port
    except ValueError:  # its host or its port is none
        return False
    return scheme in _REDIS_SCHEMES and port != 0
