"""What stands in front of gateway and api, and how long copies may live there."""

from graphlib import CycleError, TopologicalSorter
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from catalog.settings import SettingsPart, formed
from edge.edges import HeaderName, TrustedHop, check_unique, fitted
from edge.purge_drivers import PurgeDriver

Country = Annotated[str, formed("[A-Z]{2}", "a country of ISO 3166-1, such as US")]


class EdgeSettings(SettingsPart):
    """Trusted hops, purge drivers and lifetimes."""

    country_header: HeaderName = Field(
        default="CF-IPCountry",
        description="the viewer's country, as the default hop on loopback says it",
    )
    purge_drivers: tuple[PurgeDriver, ...] = Field(
        default=(),
        description="JSON list of what is purged: `name` and `kind`, for `varnish` `nodes` and "
        "`secret`, for `fastly` `service` and `token`, for `cloudflare` `zone`, `token` and `plan`,"
        " for `cloudfront` `distribution`, for `webhook` `url` and `secret`; `after` names the "
        "driver of the tier behind",
        examples=[[{"name": "cdn", "kind": "fastly", "service": "…", "token": "…"}]],
    )
    trusted_hops: tuple[TrustedHop, ...] = Field(
        default=(),
        description="JSON list of the proxies and CDNs in front of gateway and api: `name`, "
        "`networks`, `secret`, `country_header`, `territory` (`vary`, `key`, `bypass`), "
        "`honours_vary`, `reads_targeted`, `kind` (`plain`, `authorising`), `driver`, `answers` "
        "(`vary`, `key`, `bypass`); by default loopback",
        examples=[[{"name": "cdn", "networks": ["192.0.2.0/24"]}]],
    )
    demo_country: Country | None = Field(
        default=None,
        description="country of loopback viewers that name none; refused with any other listener "
        "(`vitrine up`: `US`)",
    )
    edge_keeps_decisions: bool = Field(
        default=True,
        description="whether an authorising edge may keep a leave, the decision that it may "
        "deliver, for as long as that is proven, at most the lease; else it asks before each "
        "delivery, and the gateways' log has them all",
    )
    browser_max_age_s: int = Field(
        default=60, ge=0, le=3600, description="longest life of an image in a browser's own cache"
    )

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

    @property
    def country_headers(self) -> list[str]:
        """The names of the headers by which trusted hops state a country."""
        return sorted({hop.country_header for hop in self.trusted_hops})

    @property
    def drivers(self) -> list[str]:
        """The names of all purge drivers."""
        return [driver.name for driver in self.purge_drivers]
