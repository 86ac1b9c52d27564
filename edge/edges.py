"""What stands in front of gateway and api: trusted hops, and the drivers that purge them."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from catalog.settings import formed
from edge.purge_drivers import (
    CloudflareDriver,
    CloudFrontDriver,
    Code,
    FastlyDriver,
    PurgeDriver,
    Secret,
    WebhookDriver,
)

HeaderName = Annotated[str, formed("[A-Za-z0-9-]+", "the name of a header, such as CF-IPCountry")]


class TrustedHop(BaseModel):
    """A proxy or CDN whose word on the viewer's country is believed.

    Attributes:
        networks: the addresses that it connects from.
        secret: what it must also send, where it can.
        country_header: where it says the viewer's country (ISO 3166-1 alpha-2).
        territory: what a plain hop may store where the decision depends on the country: `bypass`
            nothing, `vary` by the header, `key` because its own cache key holds the country.
        honours_vary: whether it keeps one copy per value of what `Vary` names.
        reads_targeted: whether it obeys `CDN-Cache-Control` (RFC 9213); else its lifetime stands in
            `Cache-Control` too, as `s-maxage`.
        kind: `authorising` delivers by the gateway's decision, asked for each time or kept while it
            is proven; `plain` hands out what it stored.
        driver: the purge driver that clears it; None: only lifetimes do.
        answers: whether it stands in front of the api too, and keeps answers: `bypass` none, `vary`
            by what their `Vary` names, `key` because its own cache key holds that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Code
    networks: tuple[IPv4Network | IPv6Network, ...] = Field(min_length=1)
    secret: Secret | None = None
    country_header: HeaderName = "CF-IPCountry"
    territory: Literal["vary", "key", "bypass"] = "bypass"
    honours_vary: bool = False
    reads_targeted: bool = True
    kind: Literal["plain", "authorising"] = "plain"
    driver: Code | None = None
    answers: Literal["vary", "key", "bypass"] = "bypass"

    @model_validator(mode="after")
    def _vary_must_be_honoured(self) -> Self:
        if self.territory == "vary" and not self.honours_vary:
            raise ValueError(
                f"hop {self.name}: territory `vary` needs a hop that honours Vary; "
                "set honours_vary if it does, else use `bypass` or `key`"
            )
        return self

    @model_validator(mode="after")
    def _answers_must_be_told_apart_and_cleared(self) -> Self:
        if self.answers == "bypass":
            return self
        if self.driver is None or self.kind != "plain":
            raise ValueError(
                f"hop {self.name}: answers are kept by a hop of kind `plain` that names its driver"
            )
        if self.answers == "vary" and not self.honours_vary:
            raise ValueError(
                f"hop {self.name}: answers `vary` needs a hop that honours Vary; set honours_vary "
                "if it does, else use `bypass` or `key`"
            )
        return self


def fitted(hops: Sequence[TrustedHop], drivers: Sequence[PurgeDriver]) -> tuple[TrustedHop, ...]:
    """Return the hops with what follows from the CDN that each one's driver speaks to.

    CloudFront reads no targeted header, and Fastly only where its VCL was written to. Neither
    CloudFront nor what stands behind a webhook, which is unknown here, keeps copies by `Vary`.
    Without a driver nobody but the operator knows.

    Raises:
        ValueError: a hop claims what its CDN does not do, or names a driver that there is not.
    """
    by_name = {driver.name: driver for driver in drivers}
    for hop in hops:
        if hop.driver is not None and hop.driver not in by_name:
            raise ValueError(f"hop {hop.name}: there is no purge driver {hop.driver}")
    return tuple(_fitted(hop, by_name[hop.driver]) if hop.driver else hop for hop in hops)


def _fitted(hop: TrustedHop, driver: PurgeDriver) -> TrustedHop:
    if hop.honours_vary and isinstance(driver, CloudFrontDriver | WebhookDriver):
        raise ValueError(
            f"hop {hop.name}: honours_vary is refused, since driver {driver.name} is of kind "
            f"`{driver.kind}`, whose cache keeps no copies by Vary; use territory `bypass` or `key`"
        )
    is_cloudflares = hop.country_header.lower().startswith("cf-")
    if hop.territory == "vary" and is_cloudflares and isinstance(driver, CloudflareDriver):
        raise ValueError(
            f"hop {hop.name}: Cloudflare keeps {hop.country_header} out of its cache keys; for "
            "territory `vary` let a Transform Rule copy the country into a header of another name"
        )
    if not isinstance(driver, CloudFrontDriver | FastlyDriver):
        return hop
    claims_it = hop.reads_targeted and "reads_targeted" in hop.model_fields_set
    if claims_it and isinstance(driver, CloudFrontDriver):
        raise ValueError(
            f"hop {hop.name}: CloudFront (driver {driver.name}) reads no CDN-Cache-Control; "
            "leave reads_targeted out"
        )
    return hop.model_copy(update={"reads_targeted": claims_it})


def awaited(drivers: Sequence[PurgeDriver]) -> Mapping[str, frozenset[str]]:
    """Return, for each driver, all that it waits for: directly (`after`) or through others.

    Args:
        drivers: of which none waits for itself.
    """
    after = {driver.name: driver.after for driver in drivers}

    def behind(name: str) -> Iterator[str]:
        inner = after[name]
        if inner is not None:
            yield inner
            yield from behind(inner)

    return {name: frozenset(behind(name)) for name in after}


def check_unique(what: str, names: Sequence[str]) -> None:
    """Refuse two of one name.

    Raises:
        ValueError: there are.
    """
    if len(set(names)) != len(names):
        raise ValueError(f"two {what} have the same name")
