"""How long the staff's search takes: names, readings, beginnings, numbers and addresses, as people say them."""

import time
from collections.abc import Mapping, Sequence

import asyncpg

from bench.cards import QUERIES
from bench.chain import Chain
from bench.home import cpu_clock, share_of
from bench.sheet import Sheet
from kit.pages import parse_page
from kit.sealing import Keyring
from server.accounts.find_members import search_members

_PAGE = 50
# What many have, and what nobody has: the ends of what a search may find.
_FREQUENT = ("佐藤", "鈴木", "子", "田", "サトウ", "さ", "ヤマ", "山田", "maria", "an")
_NOBODYS = ("山田 権左衛門", "090-1234-5678", "nobody@example.com", "A-000017", "2912345678906", "ヴヴヴ")
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


async def draw_texts(
    connection: "asyncpg.Connection[asyncpg.Record]", chain: Chain, count: int
) -> Mapping[str, Sequence[str]]:
    """By what they are; of `count` members who are drawn."""
    rows = await connection.fetch(QUERIES.draw_names, chain.program_id, count)
    names = [(row["name"].split(" "), row["kana"].split(" ")) for row in rows]
    return {
        "family_name": [name[0] for name, _ in names],
        "whole_name": [" ".join(name) for name, _ in names],
        "part_of_name": ["".join(name)[:3] for name, _ in names],
        "given_name": [name[-1] for name, _ in names if len(name[-1]) > 1],
        "one_character": [name[0][0] for name, _ in names],
        "reading": [kana[0].translate(_TO_HIRAGANA) for _, kana in names],
        "two_kana": [kana[0][:2] for _, kana in names],
        "one_kana": [kana[0][0] for _, kana in names],
        "frequent": _FREQUENT,
        "nobodys": _NOBODYS,
    }


async def measure_searches(
    connection: "asyncpg.Connection[asyncpg.Record]", chain: Chain, sheet: Sheet, repeats: int
) -> list[float]:
    """Milliseconds of every search, each with the page that follows; into the sheet the slowest of each kind, and of
    all the processor's time in the database.
    """
    keyring = Keyring(bytes(32))  # whose number it is takes as long to find out as that it is nobody's
    times: list[float] = []
    cpu_times: list[float] = []
    read_cpu_ns = cpu_clock(connection.get_server_pid())
    for kind, texts in (await draw_texts(connection, chain, 20 * repeats)).items():
        of_kind: list[float] = []
        for text in texts:
            cursor: str | None = None
            for _ in range(2):
                cpu_before_ns, began_s = read_cpu_ns(), time.perf_counter()
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    page = await search_members(connection, keyring, chain.program_id, text, parse_page(cursor, _PAGE))
                of_kind.append((time.perf_counter() - began_s) * 1000)
                cpu_times.append((read_cpu_ns() - cpu_before_ns) / 1e6)
                cursor = page.next_cursor
                if cursor is None:
                    break
        if of_kind:
            sheet.add(f"search_most_ms_{kind}", max(of_kind))
        times += of_kind
    sheet.add("search_cpu_p99_ms", share_of(cpu_times, 0.99))
    return times
