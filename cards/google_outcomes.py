"""How a request to Google Wallet can fail, and when to try again. Pure.

https://developers.google.com/wallet/reference/rest/v1/loyaltyobject: 404 and 409 are the client's to turn into an
insert or a patch; 401 and 403 are about the service account, whatever is sent.
"""

from typing import TypeAlias

from kit.retry import backoff_s, with_jitter

LOCKED_S = 300.0
_REFUSED_S = 3600.0
_FIRST_S, _LONGEST_S = 2.0, 900.0


class WalletRefused(Exception):
    """Google refuses what was sent (4xx). `reason` is Google's and may quote what was sent: of an
    object, the secret of its codes. It is for the owner of a class, never for a log.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(str(status))
        self.status = status
        self.reason = reason


class WalletLocked(Exception):
    """Google does not take our credentials (401, 403): everything else would be answered alike."""


class WalletBusy(Exception):
    """No answer, too many requests, or a fault of Google's: the same request may be good later."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


WalletFailure: TypeAlias = WalletRefused | WalletLocked | WalletBusy


def delay_s(failure: WalletFailure, failures: int, jitter: float) -> float:
    """Seconds to the next attempt after so many failures, this one included; `jitter` is random in [0, 1).

    A refusal or a lock is for people to solve, so those wait long; what was refused may have changed by then.
    """
    if isinstance(failure, WalletRefused):
        return _REFUSED_S
    if isinstance(failure, WalletLocked):
        return LOCKED_S
    wait_s = backoff_s(failures, first_s=_FIRST_S, max_s=_LONGEST_S)
    return with_jitter(max(wait_s, failure.retry_after_s or 0.0), jitter)
