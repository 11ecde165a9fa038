"""A store's check-in codes: what is taken, what is told of what is not, and that nobody invents one."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ids import StoreId
from kit.ids import new_id
from kit.sealing import Keyring
from tests.support.store_display import make_display_code
from visits.store_codes import (
    STEP_S,
    CodeFault,
    Generations,
    derive_display_key,
    judge_store_code,
    make_printed_code,
    read_store_code,
)

KEYRING = Keyring(bytes(range(32)))
STORE = StoreId(UUID("01a20044-7a8a-7175-9221-fa6027398268"))
NOW = datetime(2026, 11, 22, 3, 0, 10, tzinfo=UTC)
HELD = Generations(printed=3, display=2)
DISPLAY_KEY = derive_display_key(KEYRING, STORE, 2)


def judge(text: str, held: Generations = HELD, now: datetime = NOW) -> CodeFault | None:
    code = read_store_code(text)
    assert code is not None
    return judge_store_code(KEYRING, code, held, now)


def shown(skew_s: float = 0.0, key: bytes = DISPLAY_KEY, store_id: StoreId = STORE, generation: int = 2) -> str:
    return make_display_code(key, store_id, generation, NOW + timedelta(seconds=skew_s))


def test_the_vectors_of_the_documentation() -> None:
    printed = make_printed_code(KEYRING, STORE, 1)
    assert printed == "N1SAGRAARD2RJYXLERB7JQCOOMCNAAADZHAVS3A6EEIJZGQ2EIPDRNQ"
    display = make_display_code(bytes(range(32)), STORE, 1, datetime.fromtimestamp(59_841_720 * STEP_S, UTC))
    assert display == "N1DAGRAARD2RJYXLERB7JQCOOMCNAAACA4RDS4JOMQNON5IT26J7QRY6EJ4SY"


@pytest.mark.parametrize(("skew_s", "fault"), [(0, None), (STEP_S, None), (-STEP_S, None), (61, "early"), (-61, "old")])
def test_a_display_may_be_one_step_off(skew_s: float, fault: str | None) -> None:
    assert judge(shown(skew_s)) == fault


def test_the_printed_one_is_good_until_it_is_renewed() -> None:
    code = make_printed_code(KEYRING, STORE, 3)
    assert judge(code) is None
    assert judge(code.lower() + "\n") is None
    assert judge(code, now=NOW + timedelta(days=3650)) is None
    assert judge(code, Generations(4, 2)) == "renewed"
    assert judge(make_printed_code(KEYRING, STORE, 2)) == "renewed"


def test_a_new_key_ends_the_displays_codes() -> None:
    assert judge(shown(), Generations(3, 3)) == "renewed"
    assert judge(shown(), Generations(3, 0)) == "renewed"


def test_nobody_invents_one() -> None:
    other = StoreId(new_id())
    assert judge(make_printed_code(Keyring(bytes(32)), STORE, 3)) == "unknown"
    assert judge(shown(key=derive_display_key(KEYRING, other, 2))) == "unknown"
    assert judge(shown(key=derive_display_key(KEYRING, STORE, 1))) == "unknown"
    assert judge(shown(key=bytes(32))) == "unknown"


@given(place=st.integers(0, 36 * 8 - 1), is_display=st.booleans())
def test_a_bit_flipped_anywhere(place: int, is_display: bool) -> None:
    """Where it leaves a code at all, it is nobody's."""
    raw_bytes = 36 if is_display else 32
    text = shown() if is_display else make_printed_code(KEYRING, STORE, 3)
    code = read_store_code(text)
    assert code is not None
    place %= raw_bytes * 8
    raw = bytearray(code.store_id.bytes + code.generation.to_bytes(2))
    raw += (b"" if code.step is None else code.step.to_bytes(4)) + code.mac
    raw[place // 8] ^= 1 << place % 8
    assert judge(text[:3] + b32encode(raw).rstrip(b"=").decode()) == "unknown"


@given(text=st.text(max_size=80) | st.from_regex(r"\A\s*N1[SD][A-Z2-7]{0,60}\s*\Z"))
def test_nonsense_is_no_code_of_ours(text: str) -> None:
    code = read_store_code(text)
    assert code is None or judge_store_code(KEYRING, code, HELD, NOW) == "unknown"


@pytest.mark.parametrize(
    "text", ["", "N1S", "N1D", "9" * 400, "N1S" + "A" * 51, "N1S" + "A" * 53, "N1S" + "A" * 51 + "1"]
)
def test_what_is_no_code_at_all(text: str) -> None:
    assert read_store_code(text) is None


def test_only_one_spelling_of_the_unused_bits() -> None:
    code = make_printed_code(KEYRING, STORE, 3)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    other = alphabet[alphabet.index(code[-1]) ^ 1]
    assert read_store_code(code[:-1] + other) is None
