"""What single settings are made of: reading one value, and refusing it."""

import base64
import binascii
import ipaddress

from pydantic import SecretStr

from catalog.errors import SettingsError

PREFIX = "VITRINE_"
_MASTER_KEY_BYTES = 32


def required(url: SecretStr | None, name: str) -> str:
    """Return a URL that has to be set; a secret.

    Raises:
        SettingsError: it is not.
    """
    if url is None:
        raise SettingsError(
            f"set {PREFIX}{name.upper()}, or run everything with `vitrine up`", field=name
        )
    return url.get_secret_value()


def decoded_key(text: str) -> bytes:
    """Return the 32 bytes of a master key, which are written in base64.

    Raises:
        ValueError: it is no such key.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("the master key is not base64") from error
    if len(key) != _MASTER_KEY_BYTES:
        raise ValueError(f"the master key has {len(key)} bytes, not {_MASTER_KEY_BYTES}")
    return key


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens on the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
