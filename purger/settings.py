"""The settings of the purger."""

from pydantic import Field

from catalog.settings import Port, SettingsPart
from serving.settings import ProcessSettings


class PurgerListener(SettingsPart):
    """Where it listens."""

    purger_host: str = Field(
        default="127.0.0.1", description="address of the purger's health and metrics"
    )
    purger_port: Port = Field(default=8002, description="port of the purger's health and metrics")


class PurgerSettings(PurgerListener, ProcessSettings):
    """All that the purger reads."""
