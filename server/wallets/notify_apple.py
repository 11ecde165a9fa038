"""`notify_apple`: push to the phones that hold a changed pass, and record the outcomes.

A registration that was leased and not recorded is due again when its lease ends; a phone that is notified twice asks
for the pass once more.
"""

import random
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog

from cards import apple_passes_repository
from cards.apple_registration import DueRegistration
from cards.pass_tokens import open_push_token
from kit.clock import utc_now
from kit.database import Pool, in_transaction
from kit.sealing import Keyring, Unsealable
from push.apns import ApnsSender
from push.apns_outcomes import ApnsOutcome, judge_apns

LEASE = timedelta(seconds=60)
MAX_AT_ONCE = 200

log = structlog.get_logger()


async def notify_apple(pool: Pool, keyring: Keyring, sender: ApnsSender) -> int:
    """How many phones were due. Raises DatabaseUnavailable."""
    now = utc_now()
    leased = await in_transaction(
        pool, lambda conn: apple_passes_repository.lease_registrations(conn, now, now + LEASE, MAX_AT_ONCE)
    )
    if leased:
        outcomes = await _send(keyring, sender, leased)
        _log_faults(outcomes)
        await _record(pool, list(zip(leased, outcomes, strict=True)))
    return len(leased)


async def _send(keyring: Keyring, sender: ApnsSender, leased: Sequence[DueRegistration]) -> list[ApnsOutcome]:
    tokens = [_open(keyring, each) for each in leased]
    answers = iter(await sender.send([token for token in tokens if token is not None]))
    now = utc_now()
    return [
        ApnsOutcome("unregistered")
        if token is None
        else judge_apns(next(answers), attempts=each.attempts, now=now, jitter=random.random())  # noqa: S311
        for each, token in zip(leased, tokens, strict=True)
    ]


def _open(keyring: Keyring, due: DueRegistration) -> str | None:
    """None for one that was sealed under another secret of the installation: it can never be sent."""
    try:
        return open_push_token(keyring, (due.member_id, due.device_id), due.device_library_hash, due.sealed_push_token)
    except Unsealable:
        return None


def _log_faults(outcomes: Sequence[ApnsOutcome]) -> None:
    ours = sum(outcome.is_our_fault for outcome in outcomes)
    failed = sum(outcome.state == "failed" for outcome in outcomes)
    if ours:
        log.error("apple_wallet.refused_by_apns", pushes=ours, hint="is the pass type's certificate still valid?")
    if failed:
        log.warning("apple_wallet.pushes_failed", pushes=failed)


async def _record(pool: Pool, judged: Sequence[tuple[DueRegistration, ApnsOutcome]]) -> None:
    settled = [(due, outcome.retry_at) for due, outcome in judged if outcome.state != "unregistered"]
    await in_transaction(pool, partial(apple_passes_repository.settle_registrations, settled=settled))
    for due, outcome in judged:
        if outcome.state == "unregistered":
            await in_transaction(pool, partial(apple_passes_repository.delete_gone_registration, gone=due))
