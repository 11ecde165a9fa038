"""Rows of members who are here: what a newer file may change, and what it leaves as it is (docs/moving-in.md).

A file changes what still is as a file left it. What the member or the staff have changed since stays; so do points that
were earned or spent here, and a consent that is younger than the file's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ids import MemberId
from imports import imports_repository
from imports.imports_repository import KnownMember
from imports.run import Fault, RunCounts
from kit.database import Connection
from members import handles_repository, members_repository, profiles_repository, tags_repository
from members.aliases_repository import lock_states
from members.consent import Consent
from members.newcomers_repository import HandleTaken
from members.profile import FIELDS, KeptProfile, Profile
from members.tags import MAX_TAGS
from points.postings_repository import open_accounts
from server.moving_in.bring_rewards import bring_points, bring_ranks, bring_stamps
from server.moving_in.create_members import (
    consents_of,
    has_profile,
    imported_member,
    waiting_contacts,
)
from server.moving_in.prepare import PreparedRow
from server.moving_in.setting import Setting

Known = Mapping[MemberId, KnownMember]
Rows = Mapping[MemberId, PreparedRow]
# What files said of the profiles before, the `tags` among it.
Said = Mapping[MemberId, Mapping[str, Any]]
_HERE = frozenset({"active", "blocked"})


async def update_members(
    conn: Connection, setting: Setting, rows: Sequence[tuple[MemberId, PreparedRow]], counts: RunCounts
) -> tuple[Rows, list[Fault]]:
    """Returns those who were changed. Raises HandleTaken."""
    await _add_numbers(conn, setting, dict(rows))
    known = await imports_repository.lock_imported(conn, [member_id for member_id, _ in rows])
    states = await lock_states(conn, [member_id for member_id, _ in rows])
    here = [each for each in rows if states[each[0]] in _HERE]
    faults = [
        Fault(row.line, True, "The member has left; nothing of them is taken up again.")
        for member_id, row in rows
        if states[member_id] not in _HERE
    ]
    counts.refused += len(faults)
    same = {m: row.line for m, row in here if m in known and known[m].row_hash == row.row_hash}
    changed = {member_id: row for member_id, row in here if member_id not in same}
    if same:
        await imports_repository.mark_seen(conn, setting.run_id, same)
        counts.unchanged += len(same)
    if changed:
        faults += await _update(conn, setting, changed, known)
        counts.updated += len(changed)
    return changed, faults


async def _add_numbers(conn: Connection, setting: Setting, rows: Rows) -> None:
    """Those that they had before stay. Raises HandleTaken where somebody else has got one meanwhile."""
    wanted = [(kind, value_hash, m) for m, row in rows.items() for kind, value_hash in row.handles]
    taken = await handles_repository.reserve_numbers(conn, setting.program_id, wanted)
    holders = await handles_repository.find_holders(conn, setting.program_id, list(taken)) if taken else {}
    if any(holders.get((kind, value_hash), member_id) != member_id for kind, value_hash, member_id in wanted):
        raise HandleTaken


async def _update(conn: Connection, setting: Setting, rows: Rows, known: Known) -> list[Fault]:
    waiting = {m: row for m, row in rows.items() if m in known and known[m].claimed_at is None}
    await imports_repository.upsert_contacts(conn, setting.program_id, waiting_contacts(waiting))
    said = {m: msgspec.json.decode(known[m].profile) if m in known else {} for m in rows}
    await _update_profiles(conn, setting, rows, said)
    faults = await _update_tags(conn, setting, rows, said)
    await _add_consents(conn, setting, rows)
    if setting.stamp_card_id is not None and any(row.row.stamps for row in rows.values()):
        await open_accounts(conn, dict.fromkeys(rows, setting.program_id))
    kept = await bring_points(conn, setting, rows)
    await bring_ranks(conn, setting, rows)
    await bring_stamps(conn, setting, rows)
    return faults + [
        Fault(
            rows[member_id].line,
            False,
            "The member has earned or spent points here since; their points stay what they are here.",
        )
        for member_id in kept
    ]


async def _update_profiles(conn: Connection, setting: Setting, rows: Rows, said: Said) -> None:
    held = await profiles_repository.lock_profiles(conn, list(rows))
    changed = []
    for member_id, row in rows.items():
        former = held.get(member_id)
        before = Profile() if former is None else former.profile
        after = overlay(before, msgspec.convert(said[member_id], Profile), row) if has_profile(row) else before
        if after != before:
            changed.append(
                KeptProfile(
                    member_id=member_id,
                    program_id=setting.program_id,
                    profile=after,
                    updated_at=setting.now,
                    version=1 if former is None else former.version + 1,
                )
            )
    if changed:
        await profiles_repository.upsert_profiles(conn, changed)
    members = [imported_member(member_id, row, said[member_id]) for member_id, row in rows.items()]
    await imports_repository.upsert_imported(conn, setting.program_id, setting.run_id, members, setting.now)


def overlay(profile: Profile, said: Profile, row: PreparedRow) -> Profile:
    """The profile with what the row says, wherever it still is what files have `said` before: nothing, if they were
    silent. Pure."""
    standard = {
        key: value
        for key, value in row.row.standard.items()
        if key in FIELDS and getattr(profile, key) == getattr(said, key)
    }
    own = {key: value for key, value in row.row.own.items() if profile.attributes.get(key) == said.attributes.get(key)}
    return msgspec.structs.replace(profile, **standard, attributes={**profile.attributes, **own})


async def _update_tags(conn: Connection, setting: Setting, rows: Rows, said: Said) -> list[Fault]:
    """What this file says anew is put on, and what it says no more is taken off. A tag that the staff have put on
    stays, and one that they have taken off does not come back as long as files go on saying it.
    """
    told = {m: (set(said[m].get("tags", ())), set(row.row.tags)) for m, row in rows.items() if row.row.tags is not None}
    gone = [(m, tag) for m, (before, now) in told.items() for tag in sorted(before - now)]
    new = [(m, tag) for m, (before, now) in told.items() for tag in sorted(now - before)]
    await tags_repository.change_tags_of_file(conn, setting.program_id, gone, new, setting.now)
    full = set(await tags_repository.find_overtagged(conn, [m for m, _ in new], MAX_TAGS)) if new else set()
    too_many = [each for each in new if each[0] in full]
    await tags_repository.change_tags_of_file(conn, setting.program_id, too_many, [], setting.now)
    return [
        Fault(
            rows[m].line,
            False,
            f"The member has tags of the staff; with the file's they come to more than {MAX_TAGS}.",
        )
        for m in sorted(full)
    ]


async def _add_consents(conn: Connection, setting: Setting, rows: Rows) -> None:
    """One that is younger than what the member has said on that purpose."""
    told = {member_id: consents_of(setting, row) for member_id, row in rows.items() if row.row.consents}
    if not told:
        return
    newest = await members_repository.list_newest_consents(conn, list(told))
    for member_id, consents in told.items():
        younger = [each for each in consents if _is_news(each, newest.get((member_id, each.purpose)))]
        if younger:
            await members_repository.record_consents(conn, member_id, younger)


def _is_news(consent: Consent, newest: Consent | None) -> bool:
    return newest is None or (consent.at > newest.at and consent.granted != newest.granted)
