"""All settings: the parts of the packages put together, read from variables, refused in words."""

import difflib
import inspect
import ipaddress
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SourceError

from api.settings import ApiListener, ApiSettings, GraphSettings, IdentitySettings
from catalog.errors import SettingsError
from catalog.settings import PREFIX, SettingsPart, absolute
from catalog.storage.settings import StoreSettings
from catalog.wording import in_words
from edge.edges import TrustedHop
from edge.settings import EdgeSettings
from gateway.settings import DeliverySettings, GatewayListener, GatewaySettings
from imaging.settings import RenderSettings, RenditionSettings
from purger.settings import PurgerListener, PurgerSettings
from relay.settings import RelayListener, RelaySettings
from serving.settings import (
    ChangeSettings,
    ConnectionSettings,
    HomeSettings,
    LogSettings,
    MediaSettings,
    RedisSettings,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

#: Each has its fields in the table of `vitrine settings`, in this order.
_PARTS: Final[Sequence[type[SettingsPart]]] = (
    HomeSettings,
    ApiListener,
    GatewayListener,
    PurgerListener,
    RelayListener,
    MediaSettings,
    StoreSettings,
    GraphSettings,
    IdentitySettings,
    EdgeSettings,
    ConnectionSettings,
    DeliverySettings,
    RenditionSettings,
    RedisSettings,
    ChangeSettings,
    RenderSettings,
    LogSettings,
)
#: How a number is said, and its bounds.
_NUMBERS: Mapping[Any, str] = {int: "a whole number", float: "a number"}
_BOUNDS = {"ge": "of at least", "gt": "of more than", "le": "of at most", "lt": "of less than"}
_LOOPBACK_NETWORKS = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
#: Folders that are in the home unless they are set.
_IN_THE_HOME: Mapping[str, str] = {
    "delivery_log": "delivery-log",
    "renditions_folder": "renditions",
    "mezzanines": "mezzanine",
}


class Settings(  # pyright: ignore[reportIncompatibleVariableOverride] - its model_config
    ApiSettings, GatewaySettings, PurgerSettings, RelaySettings, BaseSettings
):
    """Everything that an operator decides."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, defer_build=False)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Say what follows from other settings."""

        def given(name: str) -> Any:  # noqa: ANN401 - whatever was written
            return values.get(name) or cls.model_fields[name].default

        home = _home(given("home"))
        loopback = TrustedHop.model_construct(  # of a wrong header the setting itself is refused
            name="loopback", networks=_LOOPBACK_NETWORKS, country_header=given("country_header")
        )
        usual = {
            **{name: home / folder for name, folder in _IN_THE_HOME.items()},
            "media_base": f"http://127.0.0.1:{given('gateway_port')}",
            "store_url": (home / "store").as_uri(),
            "trusted_hops": (loopback,),
        }
        return values | {name: values.get(name) or value for name, value in usual.items()}

    @model_validator(mode="after")
    def _demo_stays_on_loopback(self) -> Self:
        hosts = (self.api_host, self.gateway_host, self.purger_host, self.relay_host)
        if all(is_loopback(host) for host in hosts):
            return self
        if self.demo_country is not None:
            raise ValueError(
                "VITRINE_DEMO_COUNTRY gives viewers a country that nobody vouches for: it is "
                "refused with a listener that is not on loopback"
            )
        if self.demo_shop:
            raise ValueError(
                "VITRINE_DEMO_SHOP lets visitors choose a country that nobody vouches for: it is "
                "refused with a listener that is not on loopback"
            )
        return self

    @property
    def answer_drivers(self) -> list[str]:
        """The names of those that clear a hop which keeps answers."""
        if not self.answers_cdn_max_age_s:
            return []
        named = {hop.driver for hop in self.trusted_hops if hop.answers != "bypass"}
        return [name for name in self.drivers if name in named]


def load_settings(**overrides: object) -> Settings:
    """Read the settings of this process: overrides first, then `VITRINE_…` variables.

    What is wrong or unknown keeps every process from starting, whoever reads it.

    Raises:
        SettingsError: a value is wrong, or a variable is unknown. Values are never repeated.
    """
    unknown = _unknown_variables()
    if unknown:
        raise SettingsError("; ".join(unknown))
    try:
        return Settings(**overrides)  # pyright: ignore[reportArgumentType] - validated there
    except ValidationError as error:
        problems: dict[str, str] = {}  # of what may be written in several ways, the first
        for fault in error.errors(include_input=False, include_url=False):
            problems.setdefault(_where(fault["loc"]), _what_it_takes(fault))
        raise SettingsError(
            "; ".join(f"{where}: {what}" if where else what for where, what in problems.items())
        ) from None
    except SourceError as error:  # it names the field, and may repeat the value
        name = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), None)
        if name is None:
            raise SettingsError("a list among the settings is not valid JSON") from None
        example = _example(Settings.model_fields[name])
        raise SettingsError(
            f"{PREFIX}{name.upper()} is not valid JSON: write a list{example}", field=name
        ) from None


def setting_fields() -> dict[str, FieldInfo]:
    """Return all settings by name, in the order of the table."""
    names = (name for part in _PARTS for name in inspect.get_annotations(part))
    return {name: Settings.model_fields[name] for name in names if name in Settings.model_fields}


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens on the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _home(given: object) -> Path:
    """Return where the home is; one that is no path is refused as such, wherever it would be."""
    try:
        return absolute(Path(str(given)))
    except ValueError:
        return Path.cwd()


def _unknown_variables() -> list[str]:
    """Say of each `VITRINE_…` variable that is no setting which one is likely to be meant."""
    known = [name.upper() for name in Settings.model_fields]
    problems: list[str] = []
    for name in sorted(os.environ):
        given = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and given not in known:
            near = difflib.get_close_matches(given, known, n=1)
            hint = f"; did you mean {PREFIX}{near[0]}?" if near else ""
            problems.append(f"there is no setting {name}{hint}")
    return problems


def _what_it_takes(fault: "ErrorDetails") -> str:
    """Return what to write instead, with an example where a whole value is wrong."""
    said = in_words(fault, Settings)
    field = Settings.model_fields.get(str(fault["loc"][0])) if len(fault["loc"]) == 1 else None
    if field is None or fault["type"] == "value_error":
        return said
    noun = _NUMBERS.get(field.annotation)
    if noun is not None:
        bounds = [
            f"{words} {getattr(bound, name)}"
            for bound in field.metadata
            for name, words in _BOUNDS.items()
            if hasattr(bound, name)
        ]
        said = " ".join(["write", noun, " and ".join(bounds)]).rstrip()
    return f"{said}{_example(field)}"


def _example(field: FieldInfo) -> str:
    """Return how a value is written, to go on with; empty: the words before say it."""
    if field.examples:
        return f", such as {json.dumps(field.examples[0], ensure_ascii=False)}"
    is_plain = isinstance(field.default, int | float | Path) and not isinstance(field.default, bool)
    return f", such as {field.default}" if is_plain else ""


def _where(loc: Sequence[int | str]) -> str:
    """Write where a fault is: `VITRINE_TRUSTED_HOPS, entry 1, networks`."""
    if not loc:
        return ""
    number = next((part for part in loc if isinstance(part, int)), None)
    keys = [part for part in loc[1:] if isinstance(part, str) and part.isidentifier()]
    return ", ".join([
        f"{PREFIX}{loc[0]}".upper(),
        *([] if number is None else [f"entry {number + 1}"]),
        *keys[-1:],
    ])
