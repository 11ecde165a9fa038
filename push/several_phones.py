"""What a message comes to that goes to several phones of its member. Pure.

It stays one message: it takes one place in the member's caps and in the program's quota, and is counted once. It is
sent as soon as one phone has it, and waits as long as another one is to be tried again.
"""

from collections.abc import Sequence

import msgspec

from push.outcomes import Outcome, State

# Of phones of which none has it: what is told of the message. What the staff can do something about comes first.
_ENDS: tuple[State, ...] = ("failed", "expired", "deferred", "dropped")


def sum_up(outcomes: Sequence[Outcome], *, is_reached: bool = False) -> Outcome:
    """`outcomes`: of the phones that were looked at now, at least one. `is_reached`: a phone has had it before."""
    if len(outcomes) == 1 and not is_reached:
        return outcomes[0]
    waiting = [each for each in outcomes if each.state == "retryable"]
    if waiting:
        return Outcome(
            "retryable",
            # What one provider asked for is kept to, though another phone could be tried sooner.
            retry_at=max(each.retry_at for each in waiting if each.retry_at is not None),
            failure=waiting[0].failure,
            held_back=all(each.held_back for each in outcomes),
            may_be_out=any(each.may_be_out for each in outcomes),
        )
    if is_reached or any(each.state == "sent" for each in outcomes):
        return Outcome("sent")
    end = min(outcomes, key=lambda each: _ENDS.index(each.state))
    return msgspec.structs.replace(
        end,
        is_refusal=all(each.is_refusal for each in outcomes),
        may_be_out=any(each.may_be_out for each in outcomes),
    )
