"""The reference till: it judges cards without a line, with public keys and a list of revocations, and reports later.

Its whole storage is `TillMemory`, beside the till's own bearer token. No secret of a member or of the program is in it,
so a stolen till can make no code.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import msgspec

from cards.rotating_codes import SKEW_STEPS, STEP_S, Refusal, TrustedKey, judge_code, off_by, read_code
from ids import MemberId, ProgramId
from kit.ids import from_text, to_text

# Older lists of revocations are not believed, and older scans are not taken by the server.
MAX_OFFLINE = timedelta(days=7)


class KeyView(msgspec.Struct, frozen=True):
    key_id: str
    public_key: str
    is_revoked: bool


class RevokedSerial(msgspec.Struct, frozen=True):
    serial: str
    expires_at: datetime


class TrustAnswer(msgspec.Struct, frozen=True):
    """The answer of GET /v1/till/offline-verification."""

    program_id: ProgramId
    step_s: int
    skew_steps: int
    keys: list[KeyView]
    revocations: list[RevokedSerial]
    sequence: int


class KeptScan(msgspec.Struct, frozen=True):
    """What the till will report: as POST /v1/scans/offline takes it."""

    card: str
    scanned_at: datetime


class TillMemory(msgspec.Struct):
    """All that a till keeps on its disk. `ahead_s`: its clock less the server's at the last sync."""

    synced_at: datetime | None = None
    ahead_s: float = 0.0
    sequence: int = 0
    keys: dict[str, KeyView] = {}
    revoked: dict[str, datetime] = {}
    used: dict[str, datetime] = {}
    unreported: list[KeptScan] = []


TillRefusal: TypeAlias = Refusal | Literal["not_a_code", "never_synced", "synced_too_long_ago"]


class Shown(msgspec.Struct, frozen=True):
    """What the cashier sees: `refusal` None where the card is good. `member_id` is told for a good one only."""

    refusal: TillRefusal | None
    message: str
    member_id: MemberId | None = None


_MESSAGES: dict[TillRefusal, str] = {
    "not_a_code": "This is no card of ours. Scan again.",
    "never_synced": "This till has never had a line: it cannot check cards yet.",
    "synced_too_long_ago": "This till had no line for a week: it cannot check cards any more.",
    "forged": "This code was not made by the shopper's app.",
    "foreign_program": "This is the card of another program.",
    "expired": "The app was not online for a month: ask the shopper to open it where there is signal.",
    "old": "This code is {off} s too old: a picture, or a clock that is wrong. Ask for the card in the app.",
    "early": "This code is {off} s ahead: the phone's clock or this till's is wrong.",
    "revoked": "This card was taken to another phone, or reported lost.",
    "replayed": "This code was used already. The app shows the next one within half a minute.",
}


class ReferenceTill:
    def __init__(self, memory: TillMemory | None = None) -> None:
        self.memory = memory or TillMemory()

    def sync(self, answer: TrustAnswer, now: datetime, server_time: datetime | None) -> None:
        """Take over the answer to `?since=` and our sequence; `now` is our clock, `server_time` its Date header."""
        memory = self.memory
        is_whole = answer.sequence < memory.sequence
        memory.revoked = {} if is_whole else memory.revoked
        memory.revoked |= {each.serial: each.expires_at for each in answer.revocations}
        memory.keys = {each.key_id: each for each in answer.keys}
        memory.sequence = answer.sequence
        self.confirm(now, server_time)

    def confirm(self, now: datetime, server_time: datetime | None) -> None:
        """The server answered (304: nothing has changed)."""
        self.memory.synced_at = now
        if server_time is not None:
            self.memory.ahead_s = (now - server_time).total_seconds()

    def scan(self, text: str, now: datetime) -> Shown:
        """Judge a code without a line, and keep it for the report if it is good. `now` by the till's clock."""
        code, at = read_code(text), now - timedelta(seconds=self.memory.ahead_s)
        if self.memory.synced_at is None:
            return _refuse("never_synced")
        if now - self.memory.synced_at > MAX_OFFLINE:
            return _refuse("synced_too_long_ago")
        if code is None:
            return _refuse("not_a_code")
        refusal = judge_code(code, self._keys(), at)
        serial = to_text(code.certificate.serial)
        if refusal is None and serial in self.memory.revoked:
            refusal = "revoked"
        use = f"{serial} {code.step}"
        if refusal is None and use in self.memory.used:
            refusal = "replayed"
        if refusal is not None:
            return _refuse(refusal, abs(int(off_by(code, at).total_seconds())))
        self._keep(use, text.strip(), at)
        return Shown(None, "Welcome. The visit counts when the till has a line again.", code.certificate.member_id)

    def report(self) -> dict[str, Any]:
        """The body of POST /v1/scans/offline."""
        return {"scans": msgspec.to_builtins(self.memory.unreported)}

    def reported(self, scans: Sequence[KeptScan]) -> None:
        """The server has answered for these, whatever the answer was."""
        self.memory.unreported = [each for each in self.memory.unreported if each not in scans]

    def _keys(self) -> dict[bytes, TrustedKey]:
        return {
            bytes.fromhex(each.key_id): TrustedKey(from_text(each.public_key), each.is_revoked)
            for each in self.memory.keys.values()
        }

    def _keep(self, use: str, text: str, at: datetime) -> None:
        memory = self.memory
        stale = at - timedelta(seconds=STEP_S * (2 * SKEW_STEPS + 2))  # by then a code is old, whoever shows it
        memory.used = {key: used_at for key, used_at in memory.used.items() if used_at > stale} | {use: at}
        memory.revoked = {serial: until for serial, until in memory.revoked.items() if until > at}
        memory.unreported = [*memory.unreported, KeptScan(text, at)]


def _refuse(refusal: TillRefusal, off_s: int = 0) -> Shown:
    return Shown(refusal, _MESSAGES[refusal].format(off=off_s))
