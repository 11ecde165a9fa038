"""What a failure of the database means for who asked: ask again, wait, or mend what was asked.

SQLSTATE decides, by its class, so that an error that nobody has met yet is judged as its kin is
(https://www.postgresql.org/docs/current/errcodes-appendix.html). Whatever is not listed is the asker's fault.
No I/O here: asyncpg is imported for the names of its errors.
"""

from typing import Literal

import asyncpg

# repeat: the transaction certainly did not happen and may be run again at once, as it is.
# outage: the database is away, full, stopping, broken or takes no writes. Where it strikes in a commit, nobody knows
# the outcome.
# fault: the same again would fail again.
Verdict = Literal["repeat", "outage", "fault"]

READ_ONLY = "25006"

_BY_CLASS: dict[str, Verdict] = {
    "08": "outage",  # connection
    "40": "repeat",  # the transaction was rolled back: deadlock, serialization
    "53": "outage",  # disk, memory or connections are used up
    "55": "outage",  # an object is not in the state for it: a database that takes no connections, a lock that is held
    "57": "outage",  # an operator, a timeout, a crash, a server that starts or stops
    "58": "outage",  # the operating system below it
    "F0": "outage",  # its configuration
    "XX": "outage",  # its own inside, or a damaged file
}
_BY_CODE: dict[str, Verdict] = {
    "40002": "fault",  # a constraint was violated at the commit
    "40003": "outage",  # whether the statement completed is not known
    READ_ONLY: "outage",  # a standby, or a database that was made read-only
}


def judge(error: BaseException, *, at_connect: bool = False) -> Verdict:
    """`at_connect`: it happened before any statement was sent. Nothing that was asked for can be the reason then:
    a role, a password, a database or a right that is missing (28, 3D, 42501) is for the operator to mend.
    """
    if isinstance(error, asyncpg.PostgresError):
        return "outage" if at_connect else _judge_sqlstate(error)
    if isinstance(error, asyncpg.OutdatedSchemaCacheError):
        return "outage"  # the statement was carried out, and its answer could not be read: of a type that has changed
    if isinstance(error, ValueError) and not at_connect:
        return "fault"  # asyncpg's word for an argument that it cannot encode; it is an InterfaceError too
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError | OSError):
        return "outage"  # no socket, no address, nobody there, no answer in time, a connection that is closed
    return "fault"


def is_outage(error: BaseException, *, at_connect: bool = False) -> bool:
    return judge(error, at_connect=at_connect) == "outage"


def concerns_all(error: BaseException) -> bool:
    """Whether everybody who asks now meets this outage. A damaged page (XX) strikes only those who need it."""
    return (_sqlstate_of(error) or "")[:2] != "XX" or _ends_the_session(error)


def describe_outage(error: BaseException) -> str:
    """For the operator, in one line: a refused connection's words name a role or a database, never a password."""
    words = str(error).split("\n", 1)[0]
    return f"{words} ({type(error).__name__})" if words else type(error).__name__


def _judge_sqlstate(error: asyncpg.PostgresError) -> Verdict:
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return "repeat"  # its plan is older than a migration; asyncpg has dropped all that it keeps
    if _ends_the_session(error):
        return "outage"  # whatever its class: an idle session or a long transaction was ended
    sqlstate = _sqlstate_of(error) or ""
    return _BY_CODE.get(sqlstate) or _BY_CLASS.get(sqlstate[:2], "fault")


def _ends_the_session(error: BaseException) -> bool:
    severity = getattr(error, "severity_en", None) or getattr(error, "severity", None)
    return severity in ("FATAL", "PANIC")


def _sqlstate_of(error: BaseException) -> str | None:
    return getattr(error, "sqlstate", None)
