"""`./run bench push`: what a push costs beside firebase-admin's ways, and how fast the outbox is worked off.

The senders post to the same double (TLS; HTTP/2 or HTTP/1.1, as they agree), each in a process of its own, one after
the other; what counts is the processor's time of the client. Then a worker claims and records messages of a long queue,
with a sender that takes them at once: what the database gives, and how much memory it takes however many wait.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import uvloop

from bench.coupon_town import found_town, write_campaign
from bench.figures import Spread
from bench.push_contenders import KINDS
from bench.targets import Target, tabulate, tabulate_rest
from devtools import template_database
from devtools.apt import SetupError
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database

_MEMBERS = 20_000
_TARGETS = (
    Target("ratio_today", "a message's CPU beside firebase-admin in threads", 6),
    Target("ratio_send_each_async", "  beside send_each_async", 6),
    Target("ratio_send_each", "  beside send_each", 6),
    Target("record_per_s", "claimed and recorded: messages/s", 20_000),
    Target("memory_mb", "  MB of that process", 200, is_most=True),
)
_REACHABLE = """
UPDATE members SET push_consent = true;
UPDATE devices SET push_token = id::text, push_token_kind = 'registration', push_token_state = 'active';
"""
_COUPONS = """
INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, store_id, event_at, issued_at, expires_at,
                     business_day)
SELECT d.member_id, gen_random_uuid(), d.program_id, $1, n::text, $2, now(), now(), now() + interval '1 day',
       current_date
FROM generate_series(1, $3) AS n, devices AS d
"""
_MESSAGES = """
INSERT INTO outbox (member_id, id, program_id, device_id, coupon_id, campaign_id, payload, state, next_attempt_at,
                    expires_at, created_at)
SELECT c.member_id, gen_random_uuid(), c.program_id, d.id, c.id, c.campaign_id,
       jsonb_build_object('title', '暖簾 銀座店へようこそ', 'body', '本日のコーヒーが一杯無料です', 'locale', 'ja',
                          'tag', c.id::text, 'data', jsonb_build_object('type', 'coupon', 'campaign_id', $1::text)),
       'pending', c.issued_at, c.expires_at, c.issued_at
FROM coupons AS c
JOIN devices AS d USING (member_id)
"""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench push", description="What a push costs.")
    parser.add_argument("--messages", type=int, default=5000, help="a round of the fastest sender; others get a tenth")
    parser.add_argument("--runs", type=int, default=3, help="rounds; the figures are their medians")
    parser.add_argument("--waiting", type=int, default=1_000_000, help="messages in the queue that is worked off")
    parser.add_argument("--recorded", type=int, default=50_000, help="of them that are claimed and recorded")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args(arguments)
    samples = uvloop.run(_measure_senders(asked.messages, asked.runs))
    with private_database("bench") as server:
        samples |= uvloop.run(_measure_recording(server, asked.waiting, asked.recorded))
    print("\n".join([*tabulate(samples, _TARGETS), *tabulate_rest(samples, _TARGETS)]))
    if asked.json:
        print(json.dumps({name: float(f"{Spread.over(values).median:.4g}") for name, values in samples.items()}))
    return 0


async def _measure_senders(messages: int, runs: int) -> dict[str, list[float]]:
    told: dict[str, list[Mapping[str, float]]] = {kind: [] for kind in KINDS}
    async with _peer() as (endpoint, folder):
        for _ in range(runs):
            for kind in KINDS:
                count = messages if kind == "direct" else max(500, messages // 10)
                told[kind].append(
                    await _run("bench.push_contenders", kind, endpoint, str(folder), str(count), folder=folder)
                )
    lost = sum(run["lost"] for runs_of in told.values() for run in runs_of)
    if lost:
        raise SetupError(f"{lost} messages did not arrive at the double")
    samples = {f"{kind}_per_cpu_s": [run["per_cpu_s"] for run in told[kind]] for kind in KINDS}
    ours = samples["direct_per_cpu_s"]
    for kind in KINDS[1:]:
        theirs = samples[f"{kind}_per_cpu_s"]
        samples[f"ratio_{kind}"] = [our / their for our, their in zip(ours, theirs, strict=True)]
    return samples


async def _measure_recording(server: DatabaseServer, waiting: int, recorded: int) -> dict[str, list[float]]:
    dsn = server.url(await template_database.clone(server, await template_database.ensure_template(server)))
    members = min(_MEMBERS, waiting)
    connection = await asyncpg.connect(dsn)
    async with connection.transaction():
        town = await found_town(connection, members, 1)
        campaign = await write_campaign(connection, town)
    await connection.execute(_REACHABLE)
    await connection.execute(_COUPONS, campaign.id, town.store_ids[0], waiting // members)
    await connection.execute(_MESSAGES, str(campaign.id))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    told = await _run("bench.push_recorder", dsn, str(recorded))
    return {name: [value] for name, value in told.items()}


@asynccontextmanager
async def _peer() -> AsyncIterator[tuple[str, Path]]:
    """The double; its endpoint, and the folder with its account and certificate."""
    with tempfile.TemporaryDirectory(prefix="noren-push-") as name:
        peer = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "bench.push_peer", name, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert peer.stdout is not None
            yield (await peer.stdout.readline()).decode().strip(), Path(name)
        finally:
            peer.terminate()
            await peer.wait()


async def _run(module: str, *arguments: str, folder: Path | None = None) -> Mapping[str, float]:
    trusted = {} if folder is None else dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(folder / "root.pem"))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", module, *arguments, stdout=asyncio.subprocess.PIPE, env=os.environ | trusted
    )
    told, _ = await child.communicate()
    if child.returncode:
        raise SetupError(f"{module} failed")
    found: dict[str, float] = json.loads(told)
    return found
