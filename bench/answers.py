"""What came back: whether an answer is there as a whole, and whether it is the one that was hoped for. Pure.

A judge looks at the bytes that came so far: None while more must come, then True for the hoped-for answer, else False.
"""

from collections.abc import Callable
from typing import TypeAlias

Judge: TypeAlias = Callable[[bytes], bool | None]

_OK = b"+OK\r\n"


class BrokenLoad(Exception):
    """The server closed a connection that waited for an answer, or fell silent: what was measured means nothing."""


def expect_http(body_start: bytes, *, status: int = 200) -> Judge:
    """An answer of this status whose body begins like that."""
    first_line = b"HTTP/1.1 %d" % status

    def judge(answer: bytes) -> bool | None:
        body_at = find_body(answer)
        if body_at is None:
            return None
        return answer.startswith(first_line) and answer.startswith(body_start, body_at)

    return judge


def expect_oks(count: int) -> Judge:
    """So many OKs of a server that speaks RESP, to as many commands in one pipeline."""
    hoped_for = _OK * count

    def judge(answer: bytes) -> bool | None:
        if len(answer) < len(hoped_for) and hoped_for.startswith(answer):
            return None
        return answer == hoped_for

    return judge


def find_body(message: bytes) -> int | None:
    """Where the body begins of a message that is there as a whole; None for one that is not. Raises BrokenLoad."""
    head_end = message.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    at = message.find(b"content-length: ", 0, head_end + 2)
    if at < 0:
        raise BrokenLoad("a message without a content-length")
    length = int(message[at + 16 : message.index(b"\r", at)])
    body_at = head_end + 4
    return body_at if len(message) >= body_at + length else None
