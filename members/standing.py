"""What a member proves themselves by stands for a while first: what has just come proves nothing. Pure.

Whoever has a phone's token in hand can add a contact of their own, or a key; by that alone they are nobody yet. In the
meantime the contacts that stood before are told, and can stop it (members.alerts).
"""

from datetime import datetime, timedelta

PROVES_AFTER = timedelta(hours=72)
# An erasure that was proved by one thing only waits that long.
ERASED_AFTER = timedelta(hours=24)


def stands_from(now: datetime, *, is_first: bool) -> datetime:
    """`is_first`: the member had nothing before it, so there is nothing that it could betray."""
    return now if is_first else now + PROVES_AFTER
