from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.rotating_codes import step_of
from cards.totp import (
    TotpCode,
    find_totp_step,
    new_totp_secret,
    open_totp_secret,
    read_totp_code,
    seal_totp_secret,
    totp_digits,
    totp_prefix,
)
from ids import MemberId
from kit.sealing import Keyring, Unsealable

NOW = datetime(2026, 11, 21, 9, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("second", "digits"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_it_is_rfc_6238(second: int, digits: str) -> None:
    """Appendix B, SHA-1."""
    assert totp_digits(b"12345678901234567890", step_of(datetime.fromtimestamp(second, UTC))) == digits


@given(st.integers(-200, 200))
def test_one_step_of_skew_is_taken(later_s: int) -> None:
    secret, shown = b"s" * 20, step_of(NOW)
    found = find_totp_step(secret, totp_digits(secret, shown), NOW + timedelta(seconds=later_s))
    assert found == (shown if -40 <= later_s < 50 else None)


@given(st.uuids(), st.uuids(), st.integers(0, 10**8 - 1))
def test_a_code_comes_back(member_id: MemberId, pass_id: UUID, number: int) -> None:
    digits = f"{number:08d}"
    text = totp_prefix(member_id, pass_id) + digits
    assert len(text) == 63
    assert read_totp_code(f" {text.lower()}\n") == TotpCode(member_id, pass_id, digits)
    assert read_totp_code(text[:-1]) is None
    assert read_totp_code(text + "0") is None


@given(st.text(max_size=70))
def test_any_text_may_be_scanned(text: str) -> None:
    read_totp_code(text)
    read_totp_code("N1T" + text)
    assert read_totp_code("N1T" + "A" * 51 + "B" + "12345678") is None, "one spelling"


def test_a_secret_opens_for_its_own_pass_only() -> None:
    keyring, secret, member_id, pass_id = Keyring(bytes(32)), new_totp_secret(), MemberId(UUID(int=1)), UUID(int=2)
    sealed = seal_totp_secret(keyring, member_id, pass_id, secret)
    assert secret not in sealed
    assert open_totp_secret(keyring, member_id, pass_id, sealed) == secret
    with pytest.raises(Unsealable):
        open_totp_secret(keyring, member_id, UUID(int=3), sealed)
