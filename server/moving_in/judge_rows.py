"""Whose each row of a batch is: a member's who is here, a new one's, or nobody's, for a reason told in words. Pure.

A row belongs to whom its member number leads to; without one, to whom its card leads to. Nobody becomes another one's
by a file: where the numbers of a row lead to two members it is refused.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ids import ImportRunId, MemberId
from imports.imported_row import ReadRow
from imports.run import Fault
from members.handles import HandleKind
from server.moving_in.prepare import PreparedRow

Handle = tuple[HandleKind, bytes]


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a batch's numbers: `holders` of those that lead to a member; `lines`, of those that the file has
    in an earlier line, which one that is."""

    holders: Mapping[Handle, MemberId]
    lines: Mapping[Handle, int]


class Judged(msgspec.Struct, frozen=True):
    new: Sequence[PreparedRow]
    known: Sequence[tuple[MemberId, PreparedRow]]
    faults: Sequence[Fault]


def judge_rows(rows: Iterable[PreparedRow | ReadRow], whereabouts: Whereabouts) -> Judged:
    new: list[PreparedRow] = []
    known: list[tuple[MemberId, PreparedRow]] = []
    faults: list[Fault] = []
    lines = dict(whereabouts.lines)
    for each in rows:
        if isinstance(each, ReadRow):
            faults += [Fault(each.line, True, remark) for remark in each.remarks]
            continue
        reason = _find_double(each, lines) or _find_dispute(each, whereabouts.holders)
        if reason is not None:
            faults.append(Fault(each.line, True, reason))
            continue
        lines |= dict.fromkeys(each.handles, each.line)
        holder = whereabouts.holders.get(each.handles[0])
        if holder is None and each.row.number is None:
            holder = next((whereabouts.holders[h] for h in each.handles if h in whereabouts.holders), None)
        if holder is None:
            new.append(each)
        else:
            known.append((holder, each))
    return Judged(new, known, faults)


def _find_double(each: PreparedRow, lines: Mapping[Handle, int]) -> str | None:
    for handle in each.handles:
        line = lines.get(handle)
        if line is not None and line != each.line:
            what = "member number" if handle[0] == "own_number" else "number of a card"
            return f"The {what} stands in line {line} already; the two rows were not merged."
    return None


def _find_dispute(each: PreparedRow, holders: Mapping[Handle, MemberId]) -> str | None:
    found = {holders[handle] for handle in each.handles if handle in holders}
    if len(found) > 1 or (found and each.row.number is not None and each.handles[0] not in holders):
        return "The number of a card is another member's; the two were not merged."
    return None


def lines_of_run(
    run_id: ImportRunId, met: Mapping[MemberId, tuple[ImportRunId, int]], holders: Mapping[Handle, MemberId]
) -> dict[Handle, int]:
    """`met`: of members the run and line in which a file had them last. The lines of this run's."""
    return {
        handle: met[member_id][1]
        for handle, member_id in holders.items()
        if member_id in met and met[member_id][0] == run_id
    }
