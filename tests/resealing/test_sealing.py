"""A sealed value opens with the master key that it names, as what it was sealed for, or not."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from catalog.errors import SettingsError
from catalog.sealing import MARK, MasterKeyMissingError, MasterKeys, Sealed, seal, unseal

OLD, NEW = MasterKeys([bytes(32)]), MasterKeys([bytes(range(32))])
BOTH = MasterKeys([NEW.newest.secret, OLD.newest.secret])
BOUND_TO = Sealed.SIGNING_KEY.of("k1")


def test_it_opens_wherever_its_key_is_among_the_others() -> None:
    for keys in (OLD, NEW):
        sealed = seal(b"secret", key=keys.newest, bound_to=BOUND_TO)
        assert sealed.startswith(MARK + keys.newest.fingerprint[:8])
        for here in (keys, BOTH):
            assert unseal(sealed, keys=here, bound_to=BOUND_TO) == b"secret"


def test_a_key_that_is_missing_is_named_and_never_shown() -> None:
    sealed = seal(b"secret", key=OLD.newest, bound_to=BOUND_TO)
    with pytest.raises(MasterKeyMissingError) as refused:
        unseal(sealed, keys=NEW, bound_to=BOUND_TO)
    assert refused.value.message.startswith(
        "VITRINE_MASTER_KEY does not open signing key k1: that takes the master key "
        f"{OLD.newest.name}, and here is {NEW.newest.name}. "
    )
    assert "secret" not in repr(BOTH.newest)


def test_a_value_from_before_it_named_its_key_opens_with_any() -> None:
    nonce = os.urandom(12)
    sealed = nonce + AESGCM(OLD.newest.secret).encrypt(nonce, b"secret", BOUND_TO.encode())
    for keys in (OLD, BOTH):
        assert unseal(sealed, keys=keys, bound_to=BOUND_TO) == b"secret"
    with pytest.raises(SettingsError, match="VITRINE_MASTER_KEY does not open signing key k1"):
        unseal(sealed, keys=NEW, bound_to=BOUND_TO)


def test_what_is_damaged_or_another_s_is_no_matter_of_the_key() -> None:
    sealed = seal(b"secret", key=NEW.newest, bound_to=BOUND_TO)
    with pytest.raises(SettingsError, match="signing key k2 is damaged"):
        unseal(sealed, keys=BOTH, bound_to=Sealed.SIGNING_KEY.of("k2"))
    for broken in (sealed[:-1], sealed[:12], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(SettingsError, match="signing key k1 is damaged"):
            unseal(broken, keys=BOTH, bound_to=BOUND_TO)


def test_a_connection_names_no_more_keys_than_its_name_has_room_for() -> None:
    many = MasterKeys([bytes([each]) * 32 for each in range(9)], place="0" * 8)
    assert many.announcement == f"[{' '.join([*many.names[:3], '@' + '0' * 8])}]"
    assert len(f"vitrine-gateway {many.announcement}") < 64
