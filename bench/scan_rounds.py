"""The rounds of `./run bench scan`, and what they measure with."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle

import asyncpg

from bench.answers import BrokenLoad
from bench.cards import QUERIES, SCANNED, CardPhones
from bench.chain import Chain
from bench.contenders import DECODE_ONLY, SCAN, Contender, Served
from bench.figures import Measurement
from bench.gauge import measure_load
from bench.home import Guests, measure_home, share_of
from bench.load import run_load
from bench.pace import run_paced
from bench.passes import measure_passes
from bench.sheet import Sheet
from bench.verify import measure_rounds
from kit.clock import utc_now

# Scans enough for half more than the best rate so far.
_HEADROOM = 1.5
_FIRST_RATE = 1_500.0
_REUSED_SCANS = 2_000
_CODES = 500
_PASSES = 100


class Till:
    """Shows the phones' codes to the servers, and counts what was acknowledged."""

    def __init__(self, servers: Mapping[Contender, Served], phones: CardPhones, connections: int) -> None:
        self._servers, self._phones, self._connections = servers, phones, connections
        self._best_rate = _FIRST_RATE
        self._reused: list[bytes] = []
        self.acknowledged = 0

    async def saturate(self, seconds: float) -> Measurement:
        """As many scans as go, in a closed loop."""
        scans = self._write_scans(self._best_rate * seconds * _HEADROOM)
        self._reused = scans[:_REUSED_SCANS]
        load = run_load(self._servers[SCAN].address, scans, SCANNED, seconds, connections=self._connections)
        measured = await measure_load(self._servers[SCAN], load)
        self._best_rate = max(self._best_rate, measured.run.posts_per_s)
        self.acknowledged += len(measured.run.accepted)
        return measured

    async def pace(self, scans_per_s: float, seconds: float) -> Measurement:
        """At that rate, in an open loop."""
        scans = self._write_scans(scans_per_s * seconds)
        measured = await measure_load(
            self._servers[SCAN], run_paced(self._servers[SCAN].address, scans, SCANNED, scans_per_s)
        )
        self.acknowledged += len(measured.run.accepted)
        return measured

    async def saturate_decoding(self, seconds: float) -> Measurement:
        """The same bodies again and again: that handler looks at no clock."""
        address = self._servers[DECODE_ONLY].address
        load = run_load(address, cycle(self._reused), SCANNED, seconds, connections=self._connections)
        return await measure_load(self._servers[DECODE_ONLY], load)

    def _write_scans(self, wanted: float) -> list[bytes]:
        count = max(1, int(wanted))
        scans = self._phones.write_scans(count, utc_now())
        if len(scans) < count:
            raise BrokenLoad(f"{count} scans need more --phones: each makes one code in half a minute")
        return scans

    async def count_held(self, connection: "asyncpg.Connection[asyncpg.Record]") -> tuple[int, int]:
        """What the database holds of it: codes that counted, and evidence."""
        row = await connection.fetchrow(QUERIES.count_scans, self._phones.till_ids)
        assert row is not None
        return row["codes"], row["evidence"]


@dataclass(frozen=True)
class Round:
    number: int
    seconds: float
    sheet: Sheet

    async def measure(self, till: Till, chain: Chain, guests: Guests) -> None:
        scanning = await self._measure_scans(till)
        self.sheet.add("scans_per_s", scanning.run.posts_per_s)
        self.sheet.add("scan_server_cpu_us", scanning.cpu_us_per_post)
        self.sheet.add("scan_p50_ms_closed_loop", scanning.run.latency_ms(0.5))
        run = self.sheet.take(await till.pace(scanning.run.posts_per_s / 2, self.seconds))
        self.sheet.add("scan_p99_ms", run.latency_ms(0.99))
        self.sheet.add("scan_p50_ms", run.latency_ms(0.5))
        self.sheet.add("sent_late_p99_ms", run.lag_ms(0.99))
        await self._measure_home(chain, guests)
        self.sheet.add("pkpass_ms_p50", measure_passes(_PASSES))
        (verified,) = measure_rounds(_CODES, 1)
        self.sheet.add("offline_verify_ms_p99", verified.p99_ms)
        self.sheet.add("offline_verify_cpu_ms_p99", verified.cpu_p99_ms)

    async def _measure_scans(self, till: Till) -> Measurement:
        """Beside the handler that only decodes; every other round that one comes first, once there are bodies."""
        decoding = await till.saturate_decoding(self.seconds) if self.number % 2 else None
        scanning = await till.saturate(self.seconds)
        decoding = decoding or await till.saturate_decoding(self.seconds)
        self.sheet.take(scanning)
        decoded_per_s = self.sheet.take(decoding).posts_per_s
        self.sheet.add("decode_only_per_s", decoded_per_s)
        self.sheet.add("ratio_decode_only", scanning.run.posts_per_s / decoded_per_s)
        return scanning

    async def _measure_home(self, chain: Chain, guests: Guests) -> None:
        usual = await measure_home(chain.connection, guests.usual)
        heaviest = await measure_home(chain.connection, guests.heaviest)
        self.sheet.add("home_ms_p99", share_of(usual.statements, 0.99))
        self.sheet.add("home_ms_p50", share_of(usual.statements, 0.5))
        self.sheet.add("home_with_python_ms_p99", share_of(usual.whole, 0.99))
        self.sheet.add("as_many_select_1_ms_p99", share_of(usual.empty, 0.99))
        self.sheet.add("home_ms_p99_of_the_heaviest", share_of(heaviest.statements, 0.99))
        for name, times in (("home_cpu_ms_p99", usual), ("home_cpu_ms_p99_of_the_heaviest", heaviest)):
            if times.database_cpu:
                self.sheet.add(name, share_of(times.database_cpu, 0.99))
