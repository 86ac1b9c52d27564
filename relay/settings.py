"""The settings of the relay."""

from pydantic import Field

from catalog.settings import Port, SettingsPart
from catalog.storage.settings import StoreSettings
from imaging.settings import ImagingSettings
from serving.settings import ProcessSettings, RedisSettings


class RelayListener(SettingsPart):
    """Where it listens."""

    relay_host: str = Field(
        default="127.0.0.1", description="address of the relay's health and metrics"
    )
    relay_port: Port = Field(default=8003, description="port of the relay's health and metrics")


class RelaySettings(
    RelayListener,
    ImagingSettings,
    StoreSettings,
    RedisSettings,
    ProcessSettings,
):
    """All that the relay reads."""
