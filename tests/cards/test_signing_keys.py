"""Keys that follow one another: who signs, who is trusted."""

from datetime import timedelta

import msgspec
import pytest

from cards.certificates import LIFE
from cards.signing_keys import SigningKey, current_key, make_signing_key, open_signing_key, trusted_keys, trusted_until
from ids import ProgramId
from kit.ids import new_id
from kit.sealing import Keyring, Unsealable
from tests.support.card_keys import NOW

KEYRING, PROGRAM = Keyring(bytes(range(32))), ProgramId(new_id())
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def key(created_days: float, waits_days: float = 0) -> SigningKey:
    created = NOW + created_days * DAY
    return make_signing_key(KEYRING, PROGRAM, (), created, created + waits_days * DAY)


def test_without_a_key_nothing_signs() -> None:
    assert current_key([], NOW) is None
    assert trusted_keys([], NOW) == {}


def test_a_new_key_is_known_before_it_signs_and_the_former_one_outlives_its_certificates() -> None:
    first, second = key(0), key(10, 1)
    keys = [first, second]
    for days, signs, known in (
        (0, first, {first}),
        (10.5, first, {first, second}),
        (11, second, {first, second}),
        (40.9, second, {first, second}),
        (41, second, {second}),
    ):
        now = NOW + days * DAY
        there = [each for each in keys if each.created_at <= now]
        assert current_key(there, now) == signs, days
        assert set(trusted_keys(there, now)) == {each.key_id for each in known}, days
    assert trusted_until(first, keys, NOW + 12 * DAY) == NOW + 11 * DAY + LIFE
    assert trusted_until(second, keys, NOW + 12 * DAY) is None
    assert trusted_until(first, keys, NOW + 10.5 * DAY) is None, "it still signs"


def test_a_revoked_key_signs_no_more_and_is_named_as_such() -> None:
    first = key(0)
    revoked = msgspec.structs.replace(key(5), revoked_at=NOW + 6 * DAY)
    now = NOW + 6 * DAY
    assert current_key([first, revoked], now) == first
    assert {i: each.is_revoked for i, each in trusted_keys([first, revoked], now).items()} == {
        first.key_id: False,
        revoked.key_id: True,
    }
    assert set(trusted_keys([first, revoked], now + LIFE)) == {first.key_id}


def test_a_private_key_opens_for_its_program_and_id_only() -> None:
    made = key(0)
    assert open_signing_key(KEYRING, made).public_key().public_bytes_raw() == made.public_key
    for other in (
        msgspec.structs.replace(made, program_id=ProgramId(new_id())),
        msgspec.structs.replace(made, key_id=bytes(a ^ 1 for a in made.key_id)),
    ):
        with pytest.raises(Unsealable):
            open_signing_key(KEYRING, other)
    with pytest.raises(Unsealable):
        open_signing_key(Keyring(b"x" * 32), made)


def test_ids_in_use_are_not_drawn_again() -> None:
    taken = {number.to_bytes(2) for number in range(2**16)} - {b"\x12\x34"}
    assert make_signing_key(KEYRING, PROGRAM, taken, NOW, NOW).key_id == b"\x12\x34"
