"""`python -m bench.push_recorder DSN MESSAGES`: a worker that claims and records, for `./run bench push`.

Its sender takes everything at once. Tells messages per second, and the memory of the process.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Sequence
from datetime import datetime

import uvloop

from ids import CouponId, MemberId
from kit.database import close_pool, open_pool
from push.dispatch import dispatch_once
from push.messages import Push
from push.sender import SendResult

_BATCH = 500
_LANES = 2  # one waits for the database while the other reckons


class TakesAll:
    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        return [SendResult("projects/noren-double/messages/0:1700000000000000%0123456789abcdef")] * len(pushes)

    async def close(self) -> None:
        return None


def _code_of(member_id: MemberId, coupon_id: CouponId) -> str:
    return f"N1K{member_id.int}{coupon_id.int}"


async def main(dsn: str, messages: int) -> None:
    pool = await open_pool(dsn, max_size=_LANES + 1, plans_anew=True)
    circuits: dict[str, datetime] = {}
    done = 0

    async def work() -> None:
        nonlocal done
        while done < messages:
            count = await dispatch_once(pool, TakesAll(), code_of=_code_of, circuits=circuits, limit=_BATCH)
            if not count.leased:
                return
            done += count.sent

    began_s, cpu_s = time.monotonic(), time.process_time()
    await asyncio.gather(*(work() for _ in range(_LANES)))
    spent_s, cpu_s = time.monotonic() - began_s, time.process_time() - cpu_s
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"record_per_s": done / spent_s, "record_per_cpu_s": done / cpu_s, "memory_mb": memory_mb}))
    await close_pool(pool)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
