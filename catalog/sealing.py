"""Secrets at rest: sealed with a master key by AES-256-GCM, bound to what they belong to.

A sealed value is `vmk1`, 8 bytes that name the master key, a nonce of 12 bytes, and what AES-GCM
(NIST SP 800-38D) made. Values from before there was more than one key begin with the nonce. Which
key seals is stated in the database (`catalog.events.sealing_key`); all that a process has open.
"""

import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from catalog.errors import SettingsError

#: What a sealed value begins with, and how many bytes name its master key after it.
MARK: Final = b"vmk1"
NAME_BYTES: Final = 8
_NONCE_BYTES = 12
_PURPOSE = b"vitrine shared settings"
_OWN_NAME = b'["master_key",null]'
_SHOWN_DIGITS = 8
#: Of a process, in the name that PostgreSQL shows, which has room for 63 characters.
_MOST_ANNOUNCED = 3


class Sealed(StrEnum):
    """What is sealed, as it is called before an id."""

    SIGNING_KEY = "signing key"
    ONE_TIME_CODES = "one-time codes of"
    AUDIT_KEY = "audit key"

    def of(self, name: object) -> str:
        """Say which one: a sealed value opens as that alone."""
        return f"{self.value} {name}"


@dataclass(frozen=True, kw_only=True)
class MasterKey:
    """One key.

    Attributes:
        secret: of 32 bytes.
    """

    secret: bytes = field(repr=False)

    @cached_property
    def fingerprint(self) -> bytes:
        """What tells it from others, and tells nobody what it is; 32 bytes."""
        return self.digest(_OWN_NAME)

    @property
    def name(self) -> str:
        """The beginning of the fingerprint, for people to read."""
        return name_of(self.fingerprint)

    def digest(self, written: bytes) -> bytes:
        """Return what only holders of this key can make of something; 32 bytes."""
        return hmac.digest(hmac.digest(self.secret, _PURPOSE, "sha256"), written, "sha256")


class MasterKeys:
    """The master keys that a process has, the newest first.

    Args:
        secrets: of 32 bytes each; at least one.
        reread: reads them anew where they lie in a file, when one is asked for that is not here: so
            a rotation reaches a process that runs.
        place: what tells that file from others; None: they lie in none.
    """

    def __init__(
        self,
        secrets: Sequence[bytes],
        *,
        reread: Callable[[], Sequence[bytes]] | None = None,
        place: str | None = None,
    ) -> None:
        self._keys = _keys_of(secrets)
        self._reread = reread
        self.place = place

    def __iter__(self) -> Iterator[MasterKey]:
        return iter(self._keys)

    @property
    def newest(self) -> MasterKey:
        """The key that seals once a rotation has stated it."""
        return self._keys[0]

    @property
    def names(self) -> list[str]:
        """Their names, for people to read."""
        return [each.name for each in self._keys]

    @property
    def announcement(self) -> str:
        """What the name of a connection says of them, so that a rotation sees who lacks one."""
        place = [] if self.place is None else [f"@{self.place}"]
        return f"[{' '.join([*self.names[:_MOST_ANNOUNCED], *place])}]"

    def find(self, fingerprint: bytes) -> MasterKey | None:
        """Return the key of a fingerprint, or of its first bytes; None: it is not here."""
        found = self._find(fingerprint)
        if found is None and self._reread is not None:
            known = [each.secret for each in self._keys]  # none is lost while it is in use
            self._keys = _keys_of([*self._reread(), *known])
            found = self._find(fingerprint)
        return found

    def _find(self, fingerprint: bytes) -> MasterKey | None:
        length = len(fingerprint)
        return next((each for each in self._keys if each.fingerprint[:length] == fingerprint), None)


class MasterKeyMissingError(SettingsError):
    """A master key is needed that is not here.

    Args:
        fault: what cannot be done without it.
        fingerprint: of the key, or its first bytes.
        keys: that are here.
    """

    def __init__(self, fault: str, fingerprint: bytes, keys: MasterKeys) -> None:
        super().__init__(
            f"{fault}: that takes the master key {name_of(fingerprint)}, and here is "
            f"{', '.join(keys.names)}. Set it as VITRINE_MASTER_KEY, or beside a newer one in "
            "VITRINE_FORMER_MASTER_KEYS",
            field="VITRINE_MASTER_KEY",
        )


def name_of(fingerprint: bytes) -> str:
    """Return how people call the master key of a fingerprint, or of its first bytes."""
    return fingerprint.hex()[:_SHOWN_DIGITS]


def seal(secret: bytes, *, key: MasterKey, bound_to: str) -> bytes:
    """Encrypt a secret."""
    nonce = os.urandom(_NONCE_BYTES)
    body = AESGCM(key.secret).encrypt(nonce, secret, bound_to.encode())
    return MARK + key.fingerprint[:NAME_BYTES] + nonce + body


def unseal(sealed: bytes, *, keys: MasterKeys, bound_to: str) -> bytes:
    """Decrypt what `seal` wrote.

    Raises:
        MasterKeyMissingError: the master key that it was sealed with is not among these.
        SettingsError: the same, of a value that does not name its key; or it is damaged.
    """
    if not sealed.startswith(MARK):
        return _unseal_unnamed(sealed, keys, bound_to)
    name, body = sealed[len(MARK) :][:NAME_BYTES], sealed[len(MARK) + NAME_BYTES :]
    key = keys.find(name)
    if key is None:
        raise MasterKeyMissingError(f"VITRINE_MASTER_KEY does not open {bound_to}", name, keys)
    secret = _opened(body, key, bound_to)
    if secret is None:
        raise SettingsError(
            f"{bound_to} is damaged: the master key {key.name} sealed it, and does not open it; "
            "restore it from a backup"
        )
    return secret


def _unseal_unnamed(sealed: bytes, keys: MasterKeys, bound_to: str) -> bytes:
    for key in keys:
        secret = _opened(sealed, key, bound_to)
        if secret is not None:
            return secret
    raise SettingsError(
        f"VITRINE_MASTER_KEY does not open {bound_to}: it was sealed with another key",
        field="VITRINE_MASTER_KEY",
    )


def _opened(body: bytes, key: MasterKey, bound_to: str) -> bytes | None:
    nonce, encrypted = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
    try:
        return AESGCM(key.secret).decrypt(nonce, encrypted, bound_to.encode())
    except (InvalidTag, ValueError):  # the latter of what is too short
        return None


def _keys_of(secrets: Sequence[bytes]) -> list[MasterKey]:
    return [MasterKey(secret=each) for each in dict.fromkeys(secrets)]
