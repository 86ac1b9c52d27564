"""Where processes listen, and what images are found under."""

from pydantic import Field

from serving.settings.group import Group, Port


class ListenerSettings(Group):
    """Hosts and ports."""

    api_host: str = Field(default="127.0.0.1", description="address that the api listens on")
    api_port: Port = Field(default=8000, description="port of the api")
    gateway_host: str = Field(
        default="127.0.0.1", description="address that the gateway listens on"
    )
    gateway_port: Port = Field(default=8001, description="port of the gateway")
    purger_host: str = Field(
        default="127.0.0.1", description="address of the purger's health and metrics"
    )
    purger_port: Port = Field(default=8002, description="port of the purger's health and metrics")
    relay_host: str = Field(
        default="127.0.0.1", description="address of the relay's health and metrics"
    )
    relay_port: Port = Field(default=8003, description="port of the relay's health and metrics")
    media_base: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?)?$",
        description="what rendition URLs begin with; by default the gateway itself, "
        "`http://127.0.0.1:{gateway_port}`",
    )
