import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.sealing import Keyring, Unsealable

KEYRING = Keyring(bytes(range(32)))
OTHER = Keyring(bytes(range(1, 33)))


@given(st.binary(max_size=1000), st.binary(max_size=200))
def test_what_is_sealed_comes_back(plain: bytes, context: bytes) -> None:
    sealed = KEYRING.seal("answers", context, plain)
    assert KEYRING.unseal("answers", context, sealed) == plain
    assert len(plain) < 8 or plain not in sealed


def test_it_needs_the_same_secret_purpose_and_context_and_every_byte() -> None:
    sealed = KEYRING.seal("answers", b"context", b"plain")
    for keyring, purpose, context in (
        (OTHER, "answers", b"context"),
        (KEYRING, "other", b"context"),
        (KEYRING, "answers", b""),
    ):
        with pytest.raises(Unsealable):
            keyring.unseal(purpose, context, sealed)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Unsealable):
            KEYRING.unseal("answers", b"context", bytes(changed))


def test_the_same_twice_looks_different() -> None:
    assert KEYRING.seal("answers", b"", b"plain") != KEYRING.seal("answers", b"", b"plain")


def test_a_mac_depends_on_secret_purpose_and_message() -> None:
    macs = {
        KEYRING.mac("cards", b"message"),
        OTHER.mac("cards", b"message"),
        KEYRING.mac("handles", b"message"),
        KEYRING.mac("cards", b"another"),
    }
    assert len(macs) == 4
    assert {len(mac) for mac in macs} == {32}
    assert Keyring(bytes(range(32))).mac("cards", b"message") == KEYRING.mac("cards", b"message")


def test_keys_are_derived_as_rfc_5869_says() -> None:
    """Every card that is out there was signed with a key like this one."""
    extracted = hmac.digest(bytes(32), bytes(range(32)), "sha256")
    key = hmac.digest(extracted, b"card-code\x01", "sha256")
    assert KEYRING.mac("card-code", b"message") == hmac.digest(key, b"message", "sha256")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(bytes(31))
