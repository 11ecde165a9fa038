"""A till without a line: what it takes, what it refuses and says, and what somebody who steals it can do."""

import json
from datetime import datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cards.certificates import CERTIFICATE_BYTES, LIFE, issue_certificate, read_certificate
from cards.digits import read_digits
from cards.rotating_codes import CODE_BYTES, TrustedKey, judge_code, read_code, step_of, write_code
from devtools.card.phone import ReferencePhone
from devtools.card.till import KeptScan, KeyView, ReferenceTill, RevokedSerial, TillMemory, TrustAnswer
from ids import DeviceId, ProgramId
from kit.ids import from_text, new_id, to_text
from tests.support.card_keys import NOW, Issuer

ISSUER = Issuer()


def trust(
    *revoked: ReferencePhone, sequence: int = 0, issuer: Issuer = ISSUER, is_revoked: bool = False
) -> TrustAnswer:
    serials = [RevokedSerial(serial_of(phone), NOW + LIFE) for phone in revoked]
    key = KeyView(issuer.key_id.hex(), to_text(issuer.public), is_revoked)
    return TrustAnswer(ProgramId(new_id()), 30, 1, [key], serials, sequence)


def serial_of(phone: ReferencePhone) -> str:
    certificate = read_certificate(phone.certificate)
    assert certificate is not None
    return to_text(certificate.serial)


def a_till(now: datetime = NOW, server_time: datetime | None = NOW) -> ReferenceTill:
    till = ReferenceTill()
    till.sync(trust(), now, server_time)
    return till


def after_a_restart(till: ReferenceTill) -> ReferenceTill:
    return ReferenceTill(msgspec.json.decode(msgspec.json.encode(till.memory), type=TillMemory))


def test_it_takes_a_card_without_a_line_and_keeps_it_for_the_report() -> None:
    till, phone = a_till(), ISSUER.phone()
    code = phone.make_code(NOW)
    shown = till.scan(f"{code}\n", NOW)
    assert (shown.refusal, shown.member_id) == (None, phone.member_id)
    assert json.loads(json.dumps(till.report(), default=str)) == {
        "scans": [{"card": code, "scanned_at": msgspec.to_builtins(NOW)}]
    }
    kept = list(after_a_restart(till).memory.unreported)
    assert kept == [KeptScan(code, NOW)]
    till.reported(kept)
    assert till.report() == {"scans": []}


def test_it_takes_a_code_once_also_after_a_restart() -> None:
    till, phone = a_till(), ISSUER.phone()
    code = phone.make_code(NOW)
    assert till.scan(code, NOW).refusal is None
    till.reported(list(till.memory.unreported))
    for again in (till, after_a_restart(till)):
        for later_s in (0, 1, 35, 49):
            assert again.scan(code, NOW + timedelta(seconds=later_s)).refusal == "replayed"
    assert till.scan(phone.make_code(NOW + timedelta(seconds=30)), NOW + timedelta(seconds=30)).refusal is None


def test_it_remembers_a_code_as_long_as_anybody_can_show_it() -> None:
    """A code of the next step is taken now and until the step after that one ends; other cards come in between."""
    till, phone = a_till(), ISSUER.phone()
    code = phone.make_code(NOW + timedelta(seconds=30))
    assert till.scan(code, NOW).refusal is None
    for later_s in (31, 60, 78):
        now = NOW + timedelta(seconds=later_s)
        assert till.scan(ISSUER.phone().make_code(now), now).refusal is None
    assert till.scan(code, NOW + timedelta(seconds=79)).refusal == "replayed"


def test_what_it_remembers_stays_small() -> None:
    till = a_till()
    for number in range(100):
        now = NOW + timedelta(seconds=30 * number)
        assert till.scan(ISSUER.phone().make_code(now), now).refusal is None
    assert len(till.memory.used) <= 5


def test_it_says_why_it_refuses() -> None:
    phone = ISSUER.phone()
    lost, thief, mint = ISSUER.phone(), ISSUER.phone(), ISSUER.phone()
    thief.certificate = phone.certificate
    Issuer(ISSUER.key_id).certify(mint)
    tired = ISSUER.phone(NOW - LIFE)
    till = a_till()
    till.sync(trust(lost), NOW, NOW)
    shown = {
        "old": till.scan(phone.make_code(NOW - timedelta(minutes=5)), NOW),
        "early": till.scan(phone.make_code(NOW + timedelta(minutes=5)), NOW),
        "forged": till.scan(thief.make_code(NOW), NOW),
        "foreign_program": till.scan(Issuer(b"\x07\x07").phone().make_code(NOW), NOW),
        "expired": till.scan(tired.make_code(NOW), NOW),
        "revoked": till.scan(lost.make_code(NOW), NOW),
        "not_a_code": till.scan("2912345678906", NOW),
    }
    assert {name: each.refusal for name, each in shown.items()} == {name: name for name in shown}
    assert till.scan(mint.make_code(NOW), NOW).refusal == "forged"
    assert "300 s too old" in shown["old"].message
    assert "300 s ahead" in shown["early"].message
    assert all(each.member_id is None and each.message for each in shown.values())
    assert till.report() == {"scans": []}


@pytest.mark.parametrize("off", [timedelta(minutes=-10), timedelta(minutes=10)])
def test_a_till_whose_clock_is_ten_minutes_off(off: timedelta) -> None:
    """It knows by how much from its last sync; if the clock jumped since, it says so."""
    phone = ISSUER.phone()
    corrected = a_till(now=NOW + off)
    later = NOW + timedelta(hours=5)
    assert corrected.scan(phone.make_code(later), later + off).refusal is None
    assert corrected.memory.unreported[0].scanned_at == later, "the report has the right time"
    jumped = a_till()
    refused = jumped.scan(phone.make_code(later), later + off)
    assert refused.refusal == ("old" if off > timedelta(0) else "early")
    assert "600 s" in refused.message
    jumped.confirm(later + off, later)
    assert jumped.scan(phone.make_code(later), later + off).refusal is None


def test_a_phone_whose_clock_is_wrong_corrects_it_too() -> None:
    till, phone, wrong = a_till(), ISSUER.phone(), NOW + timedelta(minutes=10)
    assert till.scan(phone.make_code(wrong), NOW).refusal == "early"
    phone.ahead = timedelta(minutes=10)
    assert till.scan(phone.make_code(wrong), NOW).refusal is None


def test_revocations_come_with_the_next_sync() -> None:
    till, stolen, other = a_till(), ISSUER.phone(), ISSUER.phone()
    assert till.scan(stolen.make_code(NOW), NOW).refusal is None
    till.sync(trust(stolen, sequence=1), NOW, NOW)
    till.sync(trust(other, sequence=2), NOW, NOW)  # an answer to since=1 names only the newer one
    later = NOW + timedelta(seconds=30)
    assert {till.scan(each.make_code(later), later).refusal for each in (stolen, other)} == {"revoked"}
    till.sync(trust(other, sequence=1), NOW, NOW)  # the server was restored from a copy: the list is whole
    assert till.scan(stolen.make_code(later), later).refusal is None
    till.sync(trust(sequence=1, is_revoked=True), NOW, NOW)
    again = later + timedelta(seconds=30)
    assert till.scan(stolen.make_code(again), again).refusal == "revoked", "the program's own key"


def test_without_a_sync_or_a_week_after_it_nothing_is_taken() -> None:
    phone = ISSUER.phone()
    assert ReferenceTill().scan(phone.make_code(NOW), NOW).refusal == "never_synced"
    late = NOW + timedelta(days=7, seconds=1)
    assert a_till().scan(phone.make_code(late), late).refusal == "synced_too_long_ago"


def test_a_stolen_till_is_no_mint() -> None:
    """Whatever its storage holds: no code of another step, member or key comes of it."""
    till, phone = a_till(), ISSUER.phone()
    assert till.scan(phone.make_code(NOW), NOW).refusal is None
    loot = msgspec.json.decode(msgspec.json.encode(till.memory), type=TillMemory)
    raw = read_digits(loot.unreported[0].card, CODE_BYTES)
    assert raw is not None
    certificate, signature = raw[:CERTIFICATE_BYTES], raw[CERTIFICATE_BYTES + 4 :]
    held = from_text(loot.keys[ISSUER.key_id.hex()].public_key)
    keys = {ISSUER.key_id: TrustedKey(held, is_revoked=False)}
    later, own = NOW + timedelta(hours=1), ReferencePhone(phone.member_id, phone.device_id)
    own.certificate = certificate
    minted = [
        write_code(certificate, step_of(later), signature),
        own.make_code(later),
        # What it knows of the program is a public key: as a private one, it makes another.
        _certified_by(held, own).make_code(later),
    ]
    for text in minted:
        code = read_code(text)
        assert code is not None
        assert judge_code(code, keys, later) == "forged"
    replayed = read_code(loot.unreported[0].card)
    assert replayed is not None
    assert judge_code(replayed, keys, later) == "old"


def _certified_by(public_key: bytes, phone: ReferencePhone) -> ReferencePhone:
    private = Ed25519PrivateKey.from_private_bytes(public_key)
    forged = ReferencePhone(phone.member_id, DeviceId(new_id()))
    forged.certificate = issue_certificate(private, ISSUER.key_id, phone.member_id, forged.public_key, NOW).to_bytes()
    return forged
