"""The settings of every process, parsed once from `VITRINE_…` variables.

What is wrong or unknown keeps the process from starting.
"""

import difflib
import ipaddress
import os
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SourceError

from catalog.errors import SettingsError
from catalog.events.model import PurgeTimes
from serving.connections import ConnectionLimits
from serving.edges import TrustedHop, check_unique, fitted
from serving.purge_drivers import PurgeDriver
from serving.values import PREFIX, decoded_key, is_loopback, required

MIB = 1024 * 1024

_LOOPBACK_NETWORKS = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_REDIS_SCHEMES = ("redis://", "rediss://")
_PURGE_MARGIN_S = 5.0
_COMMIT_S = 1.0  # from the last statement of a transaction until its end is seen
_OTHERS_MAY_READ = 0o077

_Port = Annotated[int, Field(ge=1, le=65_535)]


class Settings(BaseSettings):
    """Everything that an operator decides. Field descriptions are the README's table."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

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

    api_host: str = Field(default="127.0.0.1", description="address that the api listens on")
    api_port: _Port = Field(default=8000, description="port of the api")
    gateway_host: str = Field(
        default="127.0.0.1", description="address that the gateway listens on"
    )
    gateway_port: _Port = Field(default=8001, description="port of the gateway")
    purger_host: str = Field(
        default="127.0.0.1", description="address of the purger's health and metrics"
    )
    purger_port: _Port = Field(default=8002, description="port of the purger's health and metrics")
    relay_host: str = Field(
        default="127.0.0.1", description="address of the relay's health and metrics"
    )
    relay_port: _Port = Field(default=8003, description="port of the relay's health and metrics")
    media_base: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?)?$",
        description="what rendition URLs begin with; by default the gateway itself, "
        "`http://127.0.0.1:{gateway_port}`",
    )

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

    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="origins that may query the api from a browser, comma-separated"
    )
    public_reads: bool = Field(
        default=False,
        description="whether public channels may be read without an API key (`vitrine up`: `true`)",
    )

    graphql_ide: bool = Field(
        default=False,
        description="whether `/graphql` shows a browser a page for trying queries "
        "(`vitrine up`: `true`)",
    )
    graphql_introspection: bool = Field(
        default=True,
        description="whether those without an API key may ask for the schema itself",
    )
    graphql_max_aliases: int = Field(
        default=200,
        ge=0,
        description="aliases that a document may have of fields with arguments or a selection; "
        "those of others cost nothing",
    )
    graphql_answer_max_mib: int = Field(
        default=16,
        ge=1,
        le=1_024,
        description="MiB that an answer of the api may have, and an event of a subscription",
    )
    graphql_timeout_s: float = Field(
        default=10.0,
        gt=0,
        le=60,
        description="seconds that an operation may take; it is ended, and answered `TIMED_OUT`",
    )
    graphql_rate_per_address: int = Field(
        default=1_000_000,
        ge=0,
        description="cost of GraphQL operations by the minute for an address without an API key; "
        "0: no limit",
    )
    graphql_rate_per_key: int = Field(
        default=10_000_000,
        ge=0,
        description="the same for an API key",
    )
    failed_keys_per_address: int = Field(
        default=60,
        ge=0,
        description="API keys that are none which an address may send in a minute; 0: no limit",
    )
    published_documents_max_mib: int = Field(
        default=160,
        ge=0,
        le=65_536,
        description="MiB of published documents, about, that a process keeps parsed; 0: none",
    )
    live_media_max_mib: int = Field(
        default=192,
        ge=0,
        le=65_536,
        description="MiB of media with their rights, about, that a process keeps until an event "
        "names them; 0: none",
    )
    cards_max_mib: int = Field(
        default=64,
        ge=0,
        le=65_536,
        description="MiB of products as they were selected, about, that a process keeps completed; "
        "0: none",
    )
    answers_max_mib: int = Field(
        default=64,
        ge=0,
        le=65_536,
        description="MiB of finished answers to those without an API key that a process keeps; "
        "0: none, and none are shared",
    )
    answers_cdn_max_age_s: int = Field(
        default=300,
        ge=0,
        le=3600,
        description="longest life of an answer in a CDN in front of the api, whose hop says "
        "`answers`; 0: none keeps any",
    )
    trusted_documents_only: bool = Field(
        default=False,
        description="whether those without an API key may ask for nothing but what "
        "`vitrine documents register` was told",
    )

    country_header: str = Field(
        default="CF-IPCountry",
        pattern=r"^[A-Za-z0-9-]+$",
        description="the viewer's country, as the default hop on loopback says it",
    )
    purge_drivers: tuple[PurgeDriver, ...] = Field(
        default=(),
        description="JSON list of what is purged: `name` and `kind`, for `varnish` `nodes` and "
        "`secret`, for `fastly` `service` and `token`, for `cloudflare` `zone`, `token` and `plan`,"
        " for `cloudfront` `distribution`, for `webhook` `url` and `secret`; `after` names the "
        "driver of the tier behind",
    )
    trusted_hops: tuple[TrustedHop, ...] = Field(
        default=(),
        description="JSON list of the proxies and CDNs in front of gateway and api: `name`, "
        "`networks`, `secret`, `country_header`, `territory` (`vary`, `key`, `bypass`), "
        "`honours_vary`, `reads_targeted`, `kind` (`plain`, `authorising`), `driver`, `answers` "
        "(`vary`, `key`, `bypass`); by default loopback",
    )
    demo_country: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}$",
        description="country of loopback viewers that name none; refused with any other listener "
        "(`vitrine up`: `US`)",
    )
    edge_keeps_decisions: bool = Field(
        default=True,
        description="whether an authorising edge may keep a decision for as long as it is proven, "
        "at most the lease; else it asks before each delivery, and the gateways' log has them all",
    )
    browser_max_age_s: int = Field(
        default=60, ge=0, le=3600, description="longest life of an image in a browser's own cache"
    )
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
    otlp_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]*[^\s?#/]$",
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
        default="info", description="the least that is logged"
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="one JSON object a line, or text for people"
    )

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the source holds
        if isinstance(value, str):
            return [origin.strip().rstrip("/") for origin in value.split(",") if origin.strip()]
        return value

    @field_validator("master_key", mode="after")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            decoded_key(value.get_secret_value())
        return value

    @field_validator("redis_url", mode="after")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(_REDIS_SCHEMES):
            raise ValueError("it begins with redis:// or rediss://")
        return value

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, values: dict[str, Any]) -> dict[str, Any]:
        home = Path(values.get("home") or ".vitrine").expanduser().absolute()
        port = values.get("gateway_port") or cls.model_fields["gateway_port"].default
        header = values.get("country_header") or cls.model_fields["country_header"].default
        loopback = {
            "name": "loopback",
            "networks": _LOOPBACK_NETWORKS,
            "country_header": header,
        }
        return {
            **values,
            "media_base": values.get("media_base") or f"http://127.0.0.1:{port}",
            "store_url": values.get("store_url") or (home / "store").as_uri(),
            "trusted_hops": values.get("trusted_hops") or (loopback,),
        }

    @field_validator("purge_drivers", mode="after")
    @classmethod
    def _tiers_fit(cls, drivers: tuple[PurgeDriver, ...]) -> tuple[PurgeDriver, ...]:
        names = [driver.name for driver in drivers]
        check_unique("purge drivers", names)
        for driver in drivers:
            if driver.after is not None and driver.after not in set(names) - {driver.name}:
                raise ValueError(f"driver {driver.name}: there is no other driver {driver.after}")
        tiers = {driver.name: [driver.after] if driver.after else [] for driver in drivers}
        try:
            TopologicalSorter(tiers).prepare()
        except CycleError as error:
            cycle: list[str] = error.args[1]
            raise ValueError(f"drivers wait for each other: {', '.join(cycle)}") from error
        return drivers

    @field_validator("trusted_hops", mode="after")
    @classmethod
    def _hops_fit(
        cls, hops: tuple[TrustedHop, ...], info: ValidationInfo
    ) -> tuple[TrustedHop, ...]:
        check_unique("hops", [hop.name for hop in hops])
        # absent: the drivers were refused, which is said already
        return fitted(hops, info.data["purge_drivers"]) if "purge_drivers" in info.data else hops

    @model_validator(mode="after")
    def _demo_stays_on_loopback(self) -> Self:
        hosts = (self.api_host, self.gateway_host, self.purger_host, self.relay_host)
        if self.demo_country is not None and not all(is_loopback(host) for host in hosts):
            raise ValueError(
                "demo_country gives viewers a country that nobody vouches for: it is refused "
                "with a listener that is not on loopback"
            )
        return self

    @model_validator(mode="after")
    def _no_credentials_for_everyone(self) -> Self:
        if (self.s3_access_key is None) != (self.s3_secret_key is None):
            raise ValueError("s3_access_key and s3_secret_key come together")
        return self

    @property
    def country_headers(self) -> list[str]:
        """The names of the headers by which trusted hops tell a country."""
        return sorted({hop.country_header for hop in self.trusted_hops})

    @property
    def drivers(self) -> list[str]:
        """The names of all purge drivers."""
        return [driver.name for driver in self.purge_drivers]

    @property
    def answer_drivers(self) -> list[str]:
        """The names of those that clear a hop which keeps answers."""
        if not self.answers_cdn_max_age_s:
            return []
        named = {hop.driver for hop in self.trusted_hops if hop.answers != "bypass"}
        return [name for name in self.drivers if name in named]

    @property
    def purge_times(self) -> PurgeTimes:
        """When purges are due after the first."""
        return PurgeTimes(
            second_s=self.lease_s + _COMMIT_S,
            last_s=self.lease_s + self.send_timeout_s + _PURGE_MARGIN_S,
        )

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

    @property
    def master_key_path(self) -> Path:
        """The file that holds the master key where no variable does."""
        return self.home / "master.key"

    def delivery_log_folder(self) -> Path:
        """Return the folder that gateways write to and the replay reads."""
        return Path(self.delivery_log or self.home / "delivery-log").expanduser().absolute()

    def renditions_path(self) -> Path:
        """Return the folder in which gateways keep finished renditions."""
        return Path(self.renditions_folder or self.home / "renditions").expanduser().absolute()

    def mezzanines_folder(self) -> Path:
        """Return the folder that gateways keep decoded masters in."""
        return Path(self.mezzanines or self.home / "mezzanine").expanduser().absolute()

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


def load_settings(**overrides: object) -> Settings:
    """Read the settings of this process: overrides first, then `VITRINE_…` variables.

    Raises:
        SettingsError: a value is wrong, or a variable is unknown. Values are never repeated.
    """
    _refuse_unknown_variables()
    try:
        return Settings(**overrides)  # pyright: ignore[reportArgumentType] - validated there
    except ValidationError as error:
        problems = [
            f"{PREFIX}{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            if problem["loc"]
            else problem["msg"]
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError("; ".join(problems)) from None
    except SourceError as error:  # it names the field, and may repeat the value
        name = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), None)
        which = f"{PREFIX}{name.upper()}" if name else "a list among the settings"
        raise SettingsError(f"{which} is not valid JSON", field=name) from None


def _refuse_unknown_variables() -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsError(f"there is no setting {name}{hint}")
