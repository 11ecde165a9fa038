"""What the signs of a running system mean to an owner: for each part whether it is fine, and in which words. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from outbox.kinds import ChannelKind

Part = Literal["server", "sending", "providers", "given_up", "phones", "import", "quota", "money"]

# A worker looks for what is due every few seconds; what waits for minutes, nobody looks for.
LONGEST_DUE_S = 120
# Far above what a phone waits on a busy day.
SLOWEST_PHONE_MS = 1000.0
# Some addresses are always dead: worth a look is what stands out.
_FEWEST_GIVEN_UP = 10
LONGEST_IMPORT_S = 300
# Of the day's money: the last fifth is kept for codes and alerts, so that everything else waits from here on.
_MONEY_SHARE = 0.8


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """`failing`: the parts of the server that are. `due_since`: of each channel's first message that waits.
    `turned_away`, `given_up`: messages by channel. `slowest_ms` None: too few phones report to say. `import_since`:
    of one that is not over and that nobody is at. `quota` None: any number of messages.
    """

    now: datetime
    failing: Sequence[str] = ()
    due_since: Mapping[ChannelKind, datetime] = {}
    turned_away: Mapping[ChannelKind, int] = {}
    given_up: Mapping[ChannelKind, int] = {}
    slowest_ms: float | None = None
    import_since: datetime | None = None
    quota_used: int = 0
    quota: int | None = None
    money_spent: int = 0
    money_cap: int | None = None


class Finding(msgspec.Struct, frozen=True):
    """`word`: the name of its sentence. `channels`: those that it speaks of. `figure`: the number in it."""

    part: Part
    is_fine: bool
    word: str
    channels: Sequence[ChannelKind] = ()
    figure: int = 0


def judge(signs: Signs) -> list[Finding]:
    """One finding a part, always in the same order."""
    return [
        *_judge_server(signs),
        _judge_sending(signs),
        _judge_providers(signs),
        _judge_given_up(signs),
        _judge_phones(signs),
        _judge_import(signs),
        _judge_quota(signs),
        _judge_money(signs),
    ]


def _judge_server(signs: Signs) -> list[Finding]:
    if not signs.failing:
        return [Finding("server", True, "server_fine")]
    return [Finding("server", False, f"server_{part}") for part in signs.failing]


def _judge_sending(signs: Signs) -> Finding:
    waited = {channel: (signs.now - since).total_seconds() for channel, since in signs.due_since.items()}
    late = sorted(channel for channel, seconds in waited.items() if seconds > LONGEST_DUE_S)
    if not late:
        return Finding("sending", True, "sending_fine")
    return Finding("sending", False, "sending_late", late, int(max(waited[each] for each in late) // 60))


def _judge_providers(signs: Signs) -> Finding:
    away = {channel: count for channel, count in signs.turned_away.items() if count}
    if not away:
        return Finding("providers", True, "providers_fine")
    return Finding("providers", False, "providers_away", sorted(away), sum(away.values()))


def _judge_given_up(signs: Signs) -> Finding:
    total = sum(signs.given_up.values())
    if total == 0:
        return Finding("given_up", True, "given_up_none")
    word = "given_up_few" if total < _FEWEST_GIVEN_UP else "given_up_many"
    return Finding("given_up", total < _FEWEST_GIVEN_UP, word, sorted(signs.given_up), total)


def _judge_phones(signs: Signs) -> Finding:
    if signs.slowest_ms is None:
        return Finding("phones", True, "phones_quiet")
    is_fine = signs.slowest_ms <= SLOWEST_PHONE_MS
    return Finding("phones", is_fine, "phones_fine" if is_fine else "phones_slow", (), round(signs.slowest_ms))


def _judge_import(signs: Signs) -> Finding:
    waited_s = 0.0 if signs.import_since is None else (signs.now - signs.import_since).total_seconds()
    if waited_s <= LONGEST_IMPORT_S:
        return Finding("import", True, "import_fine")
    return Finding("import", False, "import_waits", (), int(waited_s // 60))


def _judge_quota(signs: Signs) -> Finding:
    if signs.quota is None:
        return Finding("quota", True, "quota_none")
    is_fine = signs.quota_used < signs.quota
    return Finding(
        "quota", is_fine, "quota_fine" if is_fine else "quota_used_up", (), max(0, signs.quota - signs.quota_used)
    )


def _judge_money(signs: Signs) -> Finding:
    if signs.money_cap is None:
        return Finding("money", True, "money_none")
    is_fine = signs.money_spent < signs.money_cap * _MONEY_SHARE
    return Finding("money", is_fine, "money_fine" if is_fine else "money_low")
