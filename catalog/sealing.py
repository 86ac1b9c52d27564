"""Secrets at rest: sealed with the master key by AES-256-GCM, bound to what they belong to."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from catalog.errors import SettingsError

_NONCE_BYTES = 12


def seal(secret: bytes, *, master_key: bytes, bound_to: str) -> bytes:
    """Encrypt a secret; `master_key` has 32 bytes."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(master_key).encrypt(nonce, secret, bound_to.encode())


def unseal(sealed: bytes, *, master_key: bytes, bound_to: str) -> bytes:
    """Decrypt what `seal` wrote.

    Raises:
        SettingsError: the master key is another than it was sealed with.
    """
    nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(master_key).decrypt(nonce, body, bound_to.encode())
    except InvalidTag as error:
        raise SettingsError(
            f"VITRINE_MASTER_KEY does not open {bound_to}: it was sealed with another key",
            field="VITRINE_MASTER_KEY",
        ) from error
