"""All settings together, in the order of the README's table, and what follows from several."""

import ipaddress
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from serving.connections import ConnectionLimits
from serving.settings.delivery import DeliverySettings
from serving.settings.edge import EdgeSettings
from serving.settings.graph import GraphSettings
from serving.settings.home import HomeSettings, StoreSettings
from serving.settings.listeners import ListenerSettings
from serving.settings.logs import LogSettings
from serving.values import is_loopback

_LOOPBACK_NETWORKS = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


class Settings(  # fields of the last base come first
    LogSettings,
    DeliverySettings,
    EdgeSettings,
    GraphSettings,
    StoreSettings,
    ListenerSettings,
    HomeSettings,
):
    """Everything that an operator decides."""

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

    @model_validator(mode="after")
    def _demo_stays_on_loopback(self) -> Self:
        hosts = (self.api_host, self.gateway_host, self.purger_host, self.relay_host)
        if self.demo_country is not None and not all(is_loopback(host) for host in hosts):
            raise ValueError(
                "demo_country gives viewers a country that nobody vouches for: it is refused "
                "with a listener that is not on loopback"
            )
        return self

    @property
    def answer_drivers(self) -> list[str]:
        """The names of those that clear a hop which keeps answers."""
        if not self.answers_cdn_max_age_s:
            return []
        named = {hop.driver for hop in self.trusted_hops if hop.answers != "bypass"}
        return [name for name in self.drivers if name in named]

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

    def delivery_log_folder(self) -> Path:
        """Return the folder that gateways write to and the replay reads."""
        return Path(self.delivery_log or self.home / "delivery-log").expanduser().absolute()

    def renditions_path(self) -> Path:
        """Return the folder in which gateways keep finished renditions."""
        return Path(self.renditions_folder or self.home / "renditions").expanduser().absolute()

    def mezzanines_folder(self) -> Path:
        """Return the folder that gateways keep decoded masters in."""
        return Path(self.mezzanines or self.home / "mezzanine").expanduser().absolute()
