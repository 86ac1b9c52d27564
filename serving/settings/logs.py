"""What processes tell of themselves."""

from typing import Literal

from pydantic import Field

from serving.settings.group import Group


class LogSettings(Group):
    """Traces and logs."""

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
