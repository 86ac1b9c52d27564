"""What stands in front of the gateway: trusted hops, and the drivers that purge them."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

_Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
_Secret = Annotated[SecretStr, Field(min_length=16)]
_HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class TrustedHop(_Value):
    """A proxy or CDN whose word on the viewer's country is believed.

    Attributes:
        networks: the addresses that it connects from.
        secret: what it must also send, where it can.
        country_header: where it says the viewer's country (ISO 3166-1 alpha-2).
        territory: what a plain hop may store where the decision depends on the country: `bypass`
            nothing, `vary` by the header, `key` because its own cache key holds the country.
        honours_vary: whether it keeps one copy per value of what `Vary` names.
        kind: `authorising` asks the gateway before every hit; `plain` hands out what it stored.
        driver: the purge driver that clears it; None: only lifetimes do.
    """

    name: _Code
    networks: tuple[IPv4Network | IPv6Network, ...] = Field(min_length=1)
    secret: _Secret | None = None
    country_header: str = Field(default="CF-IPCountry", pattern=r"^[A-Za-z0-9-]+$")
    territory: Literal["vary", "key", "bypass"] = "bypass"
    honours_vary: bool = False
    kind: Literal["plain", "authorising"] = "plain"
    driver: _Code | None = None

    @model_validator(mode="after")
    def _vary_must_be_honoured(self) -> Self:
        if self.territory == "vary" and not self.honours_vary:
            raise ValueError(
                f"hop {self.name}: territory `vary` needs a hop that honours Vary; "
                "set honours_vary if it does, else use `bypass` or `key`"
            )
        return self


class _Driver(_Value):
    """Clears one cache, or one tier of them.

    Attributes:
        after: the driver of the tier behind it: it is purged once that one has confirmed.
    """

    name: _Code
    after: _Code | None = None


class VarnishDriver(_Driver):
    """Purges by xkey at every node."""

    kind: Literal["varnish"]
    nodes: tuple[_HttpUrl, ...] = Field(min_length=1)
    secret: _Secret


class WebhookDriver(_Driver):
    """Posts tags, signed, to a service that purges anything else."""

    kind: Literal["webhook"]
    url: _HttpUrl
    secret: _Secret


PurgeDriver = Annotated[VarnishDriver | WebhookDriver, Field(discriminator="kind")]
