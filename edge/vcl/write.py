"""Writes the VCL of a Varnish that the settings name as a trusted hop.

`common.vcl` holds what all modes share, `images.vcl` what those in front of the gateway do, and a
file of its name the rest of each mode; this fills in addresses, names and secrets.
"""

import re
import string
from collections.abc import Collection, Mapping, Sequence
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal, Protocol, TypeAlias

from pydantic import SecretStr

from catalog.errors import SettingsError
from edge.edges import TrustedHop
from edge.purge_drivers import PurgeDriver, VarnishDriver

Mode: TypeAlias = Literal["authorise", "plain", "answers"]
Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

_KINDS = {"authorise": "authorising", "plain": "plain", "answers": "plain"}
_FILES: Mapping[Mode, Sequence[str]] = {
    "authorise": ("common", "images", "authorise"),
    "plain": ("common", "images", "plain"),
    "answers": ("common", "answers"),
}
#: Options of `vitrine replay` that read what varnishncsa writes by `LOG_FORMAT`.
_READ_BY: Mapping[Mode, str] = {"authorise": "--edge-log", "plain": "--cdn-log"}
#: Of varnishncsa, with `-j`: when it began to answer, what was asked for, and which country was
#: believed. Of a header it writes the last value, which is the one that the VCL set.
LOG_FORMAT = (
    '{"time":%{VSL:Timestamp:Process[1]}x,"url":"%U%q","status":%s,'
    '"country":"%{X-Vitrine-Country}i"}'
)
#: What may stand between quotes in VCL without any escape.
_SAFE = re.compile(r"[A-Za-z0-9._~+/=:@-]+")


class VclSettings(Protocol):
    """What a VCL is written from, as the settings of all processes have it."""

    @property
    def trusted_hops(self) -> Sequence[TrustedHop]:
        """The hops: this Varnish, and those that may stand before it."""
        ...

    @property
    def purge_drivers(self) -> Sequence[PurgeDriver]:
        """Their drivers, which have the secrets of purges."""
        ...

    @property
    def edge_keeps_decisions(self) -> bool:
        """Whether leaves are kept as long as they are proven, or asked for each time."""
        ...

    @property
    def api_host(self) -> str:
        """Where the api listens."""
        ...

    @property
    def api_port(self) -> int:
        """Where the api listens."""
        ...

    @property
    def gateway_host(self) -> str:
        """Where the gateway listens."""
        ...

    @property
    def gateway_port(self) -> int:
        """Where the gateway listens."""
        ...


class _Template(string.Template):
    delimiter = "%%"


def vcl(
    around: VclSettings,
    mode: Mode,
    *,
    hop: str | None = None,
    backend: tuple[str, int] | None = None,
    purge_from: Sequence[Network] = LOOPBACK,
) -> str:
    """Return the VCL for Varnish 7.1 with xkey.

    Args:
        around: as the settings have it. The other trusted hops are those that may stand before this
            Varnish: their word on the country is believed, and they see tags and lifetimes.
        mode: `authorise` delivers by the gateway's decision, `plain` hands out what it stored,
            `answers` does so in front of the api.
        hop: the trusted hop that this Varnish is; None: the only one that fits.
        backend: host and port of gateway, api or the next tier, as seen from this Varnish; None:
            where these settings make it listen.
        purge_from: the addresses of the purgers.

    Raises:
        SettingsError: no hop fits, or more than one; it has no secret, or its purge driver has
            none; a secret holds what VCL cannot.
    """
    this = _this_hop(around, mode, hop)
    fronts = _fronts(around, this)
    host, port = backend or _listener(around, mode)
    headers = {this.country_header, *(each.country_header for each in fronts)}
    text = "".join(files("edge.vcl").joinpath(f"{name}.vcl").read_text() for name in _FILES[mode])
    return _Template(text).substitute(
        mode=mode,
        process=_process(mode),
        backend_host=_safe(host, "the host of the backend"),
        backend_port=str(port),
        purgers=_entries(purge_from),
        purge_secret=_purge_secret(around, this),
        hop_secret=_secret(this.secret, f"hop {this.name}"),
        hop_acls="".join(
            f"acl {_acl(each)} {{\n{_entries(each.networks)}\n}}\n" for each in fronts
        ),
        recognise=_recognise(fronts),
        collect_countries=_for_each(headers, "std.collect(req.http.{});"),
        forget_countries=_for_each(headers, "unset req.http.{};"),
        country_header=this.country_header,
        asks_each_time="false" if around.edge_keeps_decisions else "true",
        how_to_log=_how_to_log(mode),
    )


def _fronts(around: VclSettings, this: TrustedHop) -> list[TrustedHop]:
    """Return the hops that may stand in front of this one, in the order in which they are tried.

    Those that prove themselves come first, so that an address alone does not shadow them.
    """
    others = (each for each in around.trusted_hops if each is not this)
    return sorted(others, key=lambda each: not each.secret)


def _how_to_log(mode: Mode) -> str:
    if mode not in _READ_BY:
        return ""
    return (
        f"# What it delivers, as `vitrine replay {_READ_BY[mode]} FILE` reads it, is written by\n"
        f"#   varnishncsa -D -a -w FILE -j -F '{LOG_FORMAT}'\n"
        "# and by the same `-n FOLDER` beside it where varnishd was started with one.\n"
    )


def _process(mode: Mode) -> str:
    return "api" if mode == "answers" else "gateway"


def _listener(around: VclSettings, mode: Mode) -> tuple[str, int]:
    if mode == "answers":
        return around.api_host, around.api_port
    return around.gateway_host, around.gateway_port


def _this_hop(around: VclSettings, mode: Mode, name: str | None) -> TrustedHop:
    varnishes = {each.name for each in _varnishes(around)}
    fitting = [
        each
        for each in around.trusted_hops
        if each.kind == _KINDS[mode] and each.driver in varnishes and name in (None, each.name)
        if mode != "answers" or each.answers != "bypass"
    ]
    if len(fitting) == 1:
        return fitting[0]
    found = ", ".join(each.name for each in fitting) or "none"
    keeping = " that keeps `answers`" if mode == "answers" else ""
    raise SettingsError(
        f"mode {mode} needs one trusted hop of kind `{_KINDS[mode]}`{keeping} in "
        "VITRINE_TRUSTED_HOPS, "
        f"whose driver in VITRINE_PURGE_DRIVERS is of kind `varnish`; found: {found}",
        field="trusted_hops",
    )


def _purge_secret(around: VclSettings, this: TrustedHop) -> str:
    (driver,) = (each for each in _varnishes(around) if each.name == this.driver)
    return _secret(driver.secret, f"purge driver {driver.name}")


def _varnishes(around: VclSettings) -> list[VarnishDriver]:
    return [each for each in around.purge_drivers if isinstance(each, VarnishDriver)]


def _secret(secret: SecretStr | None, whose: str) -> str:
    value = secret.get_secret_value() if secret else ""
    if not value:
        raise SettingsError(f"{whose}: VCL is not written without its secret", field="secret")
    return _safe(value, f"{whose}: secret")


def _safe(value: str, what: str) -> str:
    if not _SAFE.fullmatch(value):
        raise SettingsError(f"{what}: use letters, digits and ._~+/=:@- only")
    return value


def _for_each(headers: Collection[str], statement: str) -> str:
    return "\n".join("    " + statement.format(each) for each in sorted(headers))


def _entries(networks: Sequence[Network]) -> str:
    return "\n".join(f'    "{each.network_address}"/{each.prefixlen};' for each in networks)


def _acl(hop: TrustedHop) -> str:
    return f"hop_{hop.name.replace('-', '_')}"


def _recognise(fronts: Sequence[TrustedHop]) -> str:
    """Return `if … elseif …`: the first hop that fits is the one in front."""
    return " else".join(_branch(each) for each in fronts)


def _branch(hop: TrustedHop) -> str:
    condition = f"client.ip ~ {_acl(hop)}"
    lines = [
        f'set req.http.X-Vitrine-Hop = "{hop.name}";',
        f"if (req.http.{hop.country_header}) {{",
        f"    set req.http.X-Vitrine-Country = req.http.{hop.country_header};",
        "}",
    ]
    if hop.secret:
        secret = _secret(hop.secret, f"hop {hop.name}")
        condition += f' && req.http.X-Vitrine-Hop-Secret == "{secret}"'
        if hop.kind == "authorising":
            lines.append('set req.http.X-Vitrine-Tier = "1";')
    body = "\n".join(f"        {line}" for line in lines)
    return f"if ({condition}) {{\n{body}\n    }}"
