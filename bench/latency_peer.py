"""`python -m bench.latency_peer FOLDER`: FCM for `./run bench latency`, a phone behind it that shows each push at once.

Writes `account.json` into the folder, tells its endpoint on stdout, and then a line for each push that it was handed:
the push token, the push's id and the time of day in seconds.
"""

import json
import sys
import threading
import time
from pathlib import Path

from devtools.fcm_double import FcmDouble
from devtools.socket_double import Answer, Scope


class _Telling(FcmDouble):
    async def answer(self, scope: Scope, body: bytes) -> Answer:
        handed_at, known = time.time(), len(self.received)
        answer = await super().answer(scope, body)
        for each in self.received[known:]:
            print(each.token, each.message.data["push_id"], handed_at)
        sys.stdout.flush()
        return answer


def main(folder: Path) -> None:
    with _Telling() as double:
        (folder / "account.json").write_text(json.dumps(double.service_account))
        print(double.endpoint, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
