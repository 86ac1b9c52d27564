"""What every group of settings has in common."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from serving.values import PREFIX

Port = Annotated[int, Field(ge=1, le=65_535)]


class Group(BaseSettings):
    """Settings of one subject. Field descriptions are the README's table."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )
