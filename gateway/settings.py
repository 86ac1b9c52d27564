"""The settings of the gateway."""

from pathlib import Path

from pydantic import Field

from catalog.settings import Folder, Port, SettingsPart
from catalog.storage.settings import StoreSettings
from imaging.settings import ImagingSettings
from serving.settings import MediaSettings, ProcessSettings, RedisSettings


class GatewayListener(SettingsPart):
    """Where it listens."""

    gateway_host: str = Field(
        default="127.0.0.1", description="address that the gateway listens on"
    )
    gateway_port: Port = Field(default=8001, description="port of the gateway")


class DeliverySettings(SettingsPart):
    """What it holds in memory, and where it writes down what it delivers."""

    index_assets: int = Field(
        default=50_000,
        ge=100,
        description="the most assets whose rights a gateway holds in memory, about 5 KB each; the "
        "least recently used beyond are asked for again",
    )
    delivery_log: Folder = Field(
        default=Path(),
        description="folder of the gateway's delivery log, which `vitrine replay` reads; by "
        "default `delivery-log` in the home",
    )
    delivery_log_max_mib: int = Field(
        default=1024, ge=16, description="of that folder; its oldest files are removed beyond"
    )


class GatewaySettings(  # what it has of its own, then what it shares
    GatewayListener,
    DeliverySettings,
    ImagingSettings,
    StoreSettings,
    MediaSettings,
    RedisSettings,
    ProcessSettings,
):
    """All that the gateway reads."""
