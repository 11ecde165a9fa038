"""What class and object say: always what Google takes, and no more than was asked to be shown."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.google_outcomes import LOCKED_S, WalletBusy, WalletFailure, WalletLocked, WalletRefused, delay_s
from cards.google_pass import (
    CouponText,
    GoogleCard,
    GoogleProgram,
    describe_class,
    describe_ending,
    describe_object,
    fingerprint,
    without_nothing,
)
from cards.google_wallet import GoogleWallet, ServiceAccount
from cards.totp import read_totp_code, totp_digits, totp_prefix
from devtools.google_wallet_rules import LoyaltyClass, LoyaltyObject
from devtools.service_account import make_service_account
from ids import ProgramId
from kit.clock import utc_now
from kit.ids import new_id

ISSUER = "3388000000012345678"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
LOCALES = st.sampled_from(["ja", "en"])
WORDS = st.dictionaries(LOCALES, TEXTS, min_size=1)
CARDS = st.builds(
    GoogleCard,
    member_id=st.uuids(),
    pass_id=st.uuids(),
    program_id=st.uuids(),
    secret=st.binary(min_size=20, max_size=20),
    number=st.just("2912345678906"),
    locale=LOCALES,
    balance=st.none() | st.integers(0, 2**62),
    rank=st.none() | WORDS,
    coupons=st.lists(st.builds(CouponText, WORDS, WORDS), max_size=30),
    places=st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), max_size=20),
)
PROGRAMS = st.builds(
    GoogleProgram,
    program_id=st.uuids(),
    name=TEXTS,
    locale=LOCALES,
    logo_url=st.just("https://kissa.example/l.png"),
    background_color=st.none() | st.just("#7a3b2e"),
)


@given(CARDS)
def test_every_object_is_one_that_google_takes(card: GoogleCard) -> None:
    content = without_nothing(describe_object(ISSUER, card))
    held = msgspec.convert(msgspec.json.decode(msgspec.json.encode(content)), LoyaltyObject)
    assert (held.id, held.class_id) == (f"{ISSUER}.{card.pass_id.hex}", f"{ISSUER}.{card.program_id.hex}")
    assert (held.loyalty_points is None) == (card.balance is None)
    if held.loyalty_points is not None:
        balance = held.loyalty_points.balance
        assert (balance.int, balance.string) in {(card.balance, None), (None, str(card.balance))}
    assert len(held.text_modules_data) == min(5, len(card.coupons))
    assert len(held.merchant_locations) == min(10, len(card.places))


@given(PROGRAMS)
def test_every_class_is_one_that_google_takes(program: GoogleProgram) -> None:
    content = without_nothing(describe_class(ISSUER, program))
    msgspec.convert(msgspec.json.decode(msgspec.json.encode(content)), LoyaltyClass)


@given(CARDS, st.integers(0, 2**40))
def test_the_barcode_is_the_text_that_a_till_reads(card: GoogleCard, step: int) -> None:
    barcode = describe_object(ISSUER, card)["rotatingBarcode"]
    text = barcode["valuePattern"].replace("{totp_value_0}", totp_digits(card.secret, step))
    code = read_totp_code(text)
    assert code is not None
    assert (code.member_id, code.pass_id) == (card.member_id, card.pass_id)
    assert text.startswith(totp_prefix(card.member_id, card.pass_id))
    assert bytes.fromhex(barcode["totpDetails"]["parameters"][0]["key"]) == card.secret


@given(CARDS, CARDS)
def test_equal_fingerprints_are_equal_pictures(one: GoogleCard, other: GoogleCard) -> None:
    first, second = describe_object(ISSUER, one), describe_object(ISSUER, other)
    assert fingerprint(first) == fingerprint(dict(reversed(first.items())))
    assert (fingerprint(first) == fingerprint(second)) == (first == second)
    assert len(fingerprint(first)) == 32


@given(CARDS)
def test_an_ending_takes_away_all_that_was_the_members(card: GoogleCard) -> None:
    shown, ending = describe_object(ISSUER, card), describe_ending(ISSUER, card.pass_id)
    left = {name: value for name, value in (shown | ending).items() if value not in (None, [])}
    kept = {name: shown[name] for name in ("id", "classId", "passConstraints")}
    assert left == kept | {"state": "INACTIVE"}


def test_a_link_stays_far_below_the_documented_limit() -> None:
    account = msgspec.convert(make_service_account("https://oauth2.googleapis.com/token", "p" * 30), ServiceAccount)
    wallet = GoogleWallet(account, "9" * 20)
    assert len(wallet.save_url(ProgramId(UUID(int=2**128 - 1)), new_id(), utc_now())) < 1000


@pytest.mark.parametrize(
    ("failure", "failures", "least_s", "most_s"),
    [
        (WalletBusy("503"), 1, 2, 3),
        (WalletBusy("503"), 5, 32, 48),
        (WalletBusy("503"), 10**6, 900, 1350),
        (WalletBusy("429", 60), 1, 60, 90),
        (WalletBusy("429", 7200), 1, 7200, 10800),
        (WalletLocked("401"), 1, LOCKED_S, LOCKED_S),
        (WalletRefused(400, "no"), 1, 3600, 3600),
    ],
)
def test_when_to_try_again(failure: WalletFailure, failures: int, least_s: float, most_s: float) -> None:
    for jitter in (0.0, 0.5, 0.999):
        assert least_s <= delay_s(failure, failures, jitter) <= most_s
    assert timedelta(seconds=delay_s(failure, failures, 0.999)) < timedelta(hours=4)


def test_a_refusal_does_not_carry_what_was_sent_in_its_text() -> None:
    assert "secret" not in str(WalletRefused(400, "Invalid value: secret"))
