"""`./run bench verify`: how long a till takes to judge a card's code without a line.

Digits, two signatures, the clock. The processor's time is measured beside the wall's: others who take the machine for
a time slice show in the latter's p99 only.
"""

import argparse
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.figures import Spread
from cards.certificates import issue_certificate
from cards.rotating_codes import TrustedKey, judge_code, read_code
from devtools.card.phone import ReferencePhone
from ids import DeviceId, MemberId
from kit.ids import new_id

_KEY_ID = b"\x00\x01"
_NOW = datetime(2026, 11, 21, 9, 0, 10, tzinfo=UTC)


class Round(msgspec.Struct, frozen=True):
    """Milliseconds a code."""

    p50_ms: float
    p99_ms: float
    cpu_p99_ms: float


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench verify", description="how long a till takes to judge a code")
    parser.add_argument("--codes", type=int, default=2000, help="codes a round, each of another phone")
    parser.add_argument("--runs", type=int, default=5, help="rounds after one of warm-up")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    rounds = measure_rounds(options.codes, options.runs)
    p50, p99 = Spread.over(each.p50_ms for each in rounds), Spread.over(each.p99_ms for each in rounds)
    cpu_p99 = Spread.over(each.cpu_p99_ms for each in rounds)
    print(f"{options.codes} codes, {options.runs} rounds, one core: ms a code p50 {p50}, p99 {p99}, CPU p99 {cpu_p99}")
    if options.json:
        medians = {"ms_p50": p50.median, "ms_p99": p99.median, "cpu_ms_p99": cpu_p99.median}
        figures = {f"offline_verify_{name}": round(value, 4) for name, value in medians.items()}
        print(msgspec.json.encode(figures).decode())
    return 0


def measure_rounds(codes: int, runs: int) -> list[Round]:
    """So many codes a round, each of another phone; one round of warm-up comes before."""
    signing = Ed25519PrivateKey.generate()
    keys = {_KEY_ID: TrustedKey(signing.public_key().public_bytes_raw(), is_revoked=False)}
    made = [_make_code(signing) for _ in range(codes)]
    return [_measure(made, keys) for _ in range(runs + 1)][1:]


def _make_code(signing: Ed25519PrivateKey) -> str:
    phone = ReferencePhone(MemberId(new_id()), DeviceId(new_id()))
    phone.certificate = issue_certificate(signing, _KEY_ID, phone.member_id, phone.public_key, _NOW).to_bytes()
    return phone.make_code(_NOW)


def _measure(codes: Sequence[str], keys: dict[bytes, TrustedKey]) -> Round:
    taken_ms, cpu_ms = [], []
    for text in codes:
        started, cpu_started = time.perf_counter(), time.thread_time()
        code = read_code(text)
        refusal = "not_a_code" if code is None else judge_code(code, keys, _NOW)
        taken_ms.append((time.perf_counter() - started) * 1000)
        cpu_ms.append((time.thread_time() - cpu_started) * 1000)
        if refusal is not None:
            raise AssertionError(refusal)
    taken_ms.sort()
    cpu_ms.sort()
    last_percent = len(codes) * 99 // 100
    return Round(taken_ms[len(codes) // 2], taken_ms[last_percent], cpu_ms[last_percent])
