"""The settings of the api: what it answers, to whom, how much of it, and what it keeps."""

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from catalog.access.session_model import SessionTimes
from catalog.settings import Port, SettingsPart, formed
from catalog.storage.settings import StoreSettings
from serving.settings import MediaSettings, ProcessSettings, RedisSettings

_Origin = Annotated[
    str,
    formed(
        r"\*|loopback|[a-z][a-z0-9+.-]*://[^\s/?#,]+",
        "origins such as https://shop.example, `loopback` for any port of this machine, or `*`",
    ),
]


class ApiListener(SettingsPart):
    """Where it listens."""

    api_host: str = Field(default="127.0.0.1", description="address that the api listens on")
    api_port: Port = Field(default=8000, description="port of the api")


class GraphSettings(SettingsPart):
    """The graph."""

    cors_origins: Annotated[tuple[_Origin, ...], NoDecode] = Field(
        default=(), description="origins that may query the api from a browser, comma-separated"
    )
    public_reads: bool = Field(
        default=False,
        description="whether public channels may be read without an API key (`vitrine up`: `true`)",
    )

    graphql_ide: bool = Field(
        default=False,
        description="whether `/graphql` shows a browser GraphiQL, a page for trying queries "
        "(`vitrine up`: `true`)",
    )
    demo_shop: bool = Field(
        default=False,
        description="whether the api shows the shop of `examples/storefront` at `/demo`; refused "
        "with a listener that is not on loopback (`vitrine up`: `true`)",
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
        description="cost of GraphQL operations by the minute for an address, or an IPv6 network "
        "of 64 bits, without an API key; 0: no limit",
    )
    graphql_rate_per_key: int = Field(
        default=10_000_000,
        ge=0,
        description="the same for an API key",
    )
    failed_keys_per_address: int = Field(
        default=60,
        ge=0,
        description="API keys that are none which an address, or an IPv6 network of 64 bits, may "
        "send in a minute; 0: no limit",
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
        "`vitrine documents register` stored",
    )

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the source holds
        if isinstance(value, str):
            return [origin.strip().rstrip("/") for origin in value.split(",") if origin.strip()]
        return value


class IdentitySettings(SettingsPart):
    """Logins and sessions."""

    api_base: (
        Annotated[
            str,
            formed(
                r"https://[^\s/?#@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?",
                "an address without a path that begins with `https://`, such as "
                "https://api.shop.example (plain http is for loopback alone, since passwords and "
                "sessions would be read on the way)",
            ),
        ]
        | None
    ) = Field(
        default=None,
        description="address under which people reach the api with a browser; without it nobody "
        "can log in (`vitrine up` on loopback: `http://127.0.0.1:{api_port}`)",
    )
    api_trusts_proxy: bool = Field(
        default=False,
        description="whether a proxy in front of the api sets `X-Forwarded-Proto` itself, whatever "
        "clients send: then a login without it is refused, as is one over plain http; without, an "
        "https address in `VITRINE_API_BASE` is taken at its word, and nobody logs in on loopback "
        "by a proxy",
    )
    local_login: bool = Field(
        default=True,
        description="whether people may log in by a password or a link of `vitrine user "
        "login-link`; turn it off once an identity provider does it",
    )
    session_hours: float = Field(
        default=12.0,
        gt=0,
        le=720,
        description="hours after which a session ends, however much it is used",
    )
    session_idle_minutes: float = Field(
        default=60.0,
        ge=2,
        le=10_080,
        description="minutes without use after which it ends",
    )
    failed_logins_per_address: int = Field(
        default=20,
        ge=0,
        description="logins that fail which an address, or an IPv6 network of 64 bits, may try in "
        "a minute; 0: no limit",
    )

    oidc_issuer: (
        Annotated[
            str,
            formed(
                r"https://[^\s?#@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?[^\s?#@]*",
                "the issuer as its tokens name it, such as https://login.example/tenant",
            ),
        ]
        | None
    ) = Field(
        default=None,
        description="issuer of the identity provider that people log in at, by OpenID Connect",
    )
    oidc_client_id: str = Field(default="vitrine", description="as the provider knows this api")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="by which it knows it; without one PKCE alone has to do"
    )
    oidc_trusts_email: bool = Field(
        default=False,
        description="whether an address is taken as verified where the provider does not say "
        "whether it is, as Entra ID does not",
    )
    oidc_audience: str | None = Field(
        default=None,
        description="audience of tokens of that provider that services may send in place of API "
        "keys; without it none are taken",
    )

    @model_validator(mode="after")
    def _id_tokens_are_no_credentials(self) -> Self:
        if self.oidc_audience is not None and self.oidc_audience == self.oidc_client_id:
            raise ValueError(
                "VITRINE_OIDC_AUDIENCE is VITRINE_OIDC_CLIENT_ID, so tokens of logins would be "
                "taken in place of API keys: name an audience of its own at the provider"
            )
        return self

    @property
    def session_times(self) -> SessionTimes:
        """How long sessions last."""
        return SessionTimes(
            lasts=timedelta(hours=self.session_hours),
            idle=timedelta(minutes=self.session_idle_minutes),
        )


class ApiSettings(
    ApiListener,
    GraphSettings,
    IdentitySettings,
    StoreSettings,
    MediaSettings,
    RedisSettings,
    ProcessSettings,
):
    """All that the api reads."""
