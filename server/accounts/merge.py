"""`merge`: a member becomes another one, and this phone goes on as the other one's (a device transfer).

History stays where it was written (members.aliases_repository). What can still be used moves: contacts, the card's
number, the newest consents, what the survivor's profile lacks, tags, points, running stamps, usable coupons, and the
LINE account where the survivor has none; the rank follows from the history of both. Locks are taken in the order of
every transaction: presences, members, cards, profiles, point accounts, coupons. The presences of both stay, empty and
with a higher version, so that no upload that is under way restores them; every device of both is revoked, and so are
the codes of both cards: this phone gets a new device and registers its own key.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from audiences.facts_repository import recount_facts
from cards import cards_repository
from channels.line import line_links_repository
from channels.messenger import messenger_links_repository
from coupons.moves_repository import move_coupons
from experiments.assignments_repository import move_assignments
from geo.presences_repository import clear_places, create_presences
from ids import DeviceId, MemberId, ProgramId
from imports.imports_repository import move_imported
from kit.database import Connection
from kit.ids import new_id, new_secret
from members import devices_repository, handles_repository, members_repository, verifications_repository
from members.aliases_repository import lock_members, merge_member
from members.device import Device, NewDevice
from members.opt_ins_repository import move_opt_in
from members.profile import KeptProfile, Profile, fill_gaps
from members.profiles_repository import delete_profile, lock_profiles, upsert_profiles
from members.standing import stands_from
from members.suppressions_repository import move_suppressions
from members.tags_repository import move_tags
from points.brought_ranks_repository import move_brought_rank
from points.ranks_repository import delete_member_rank
from points.stamps_repository import move_running_stamps
from push.counts_repository import move_counts
from push.deferred_repository import drop_all_messages
from server.credentials.revoke_codes import revoke_codes
from server.problems import Problem, unauthenticated
from server.rewards.complete_cards import complete_cards
from server.rewards.move_points import move_points
from server.rewards.ranks import update_member_ranks
from server.runtime.snapshot import Snapshot
from server.web.tokens import DeviceToken


class Merge(msgspec.Struct, frozen=True):
    """`member_id` becomes `survivor_id`. By a phone, their `device`, which goes on with `token`; by the staff: None."""

    program_id: ProgramId
    member_id: MemberId
    survivor_id: MemberId
    now: datetime
    device: Device | None = None
    token: DeviceToken | None = None

    @property
    def both(self) -> Sequence[MemberId]:
        return sorted((self.member_id, self.survivor_id))


async def merge(
    conn: Connection, snapshot: Snapshot, device: Device, survivor_id: MemberId, now: datetime
) -> DeviceToken:
    """The phone's new token, one of the survivor's. Raises Problem where one of the two is not active."""
    token = DeviceToken(survivor_id, DeviceId(new_id()), new_secret())
    await _merge(conn, snapshot, Merge(device.program_id, device.member_id, survivor_id, now, device, token))
    return token


async def merge_by_staff(
    conn: Connection,
    snapshot: Snapshot,
    program_id: ProgramId,
    member_id: MemberId,
    survivor_id: MemberId,
    now: datetime,
) -> None:
    """The survivor's phones and card stay as they are; the other's are signed out. Raises Problem."""
    await _merge(conn, snapshot, Merge(program_id, member_id, survivor_id, now))


async def _merge(conn: Connection, snapshot: Snapshot, merging: Merge) -> None:
    device, now = merging.device, merging.now
    await move_imported(conn, merging.member_id, merging.survivor_id)
    for member_id in merging.both:
        await clear_places(conn, member_id)
    await _require_active(conn, merging)
    await _replace_devices(conn, merging)
    await _move_consents(conn, merging)
    for member_id in merging.both if device is not None else [merging.member_id]:
        await revoke_codes(conn, member_id, "replaced", now)
    await cards_repository.revoke_card(conn, merging.member_id)
    await _merge_profiles(conn, merging)
    await move_tags(conn, merging.member_id, merging.survivor_id)
    await move_suppressions(conn, merging.member_id, merging.survivor_id)
    await move_opt_in(conn, merging.member_id, merging.survivor_id)
    await verifications_repository.close_verifications(conn, merging.member_id)
    await move_points(conn, merging.program_id, merging.member_id, merging.survivor_id, now)
    await move_running_stamps(conn, merging.member_id, merging.survivor_id, now)
    await merge_member(conn, merging.member_id, merging.survivor_id, now)
    await delete_member_rank(conn, merging.member_id)
    await move_brought_rank(conn, merging.program_id, merging.member_id, merging.survivor_id, now)
    await update_member_ranks(conn, {merging.survivor_id: merging.program_id}, now)
    await complete_cards(conn, snapshot, merging.survivor_id, merging.program_id, now)
    await move_assignments(conn, merging.member_id, merging.survivor_id)
    await move_coupons(conn, merging.member_id, merging.survivor_id, now)
    await drop_all_messages(conn, merging.member_id)  # before their places move
    await move_counts(conn, merging.member_id, merging.survivor_id)
    await recount_facts(conn, merging.both)
    stands_at = stands_from(now, is_first=False)
    await line_links_repository.move_link(conn, merging.member_id, merging.survivor_id, stands_at)
    await messenger_links_repository.move_link(conn, merging.member_id, merging.survivor_id)


async def _require_active(conn: Connection, merging: Merge) -> None:
    """Lock both: writers of either member are waited for, so that what they wrote moves too."""
    states = await lock_members(conn, merging.both)
    if merging.device is None:
        if set(states.values()) != {"active"}:
            raise Problem("invalid-member-state", "Merge two active members.")
        return
    if await devices_repository.find_device(conn, merging.member_id, merging.device.id) is None:
        raise unauthenticated()  # signed out, blocked, closed or merged since the token was checked
    if states[merging.survivor_id] == "blocked":
        raise Problem("member-blocked", "Tell the shopper to ask at a shop.")
    if states[merging.survivor_id] != "active":  # closed or merged since the contact was looked up
        raise Problem("unavailable", "Send the same request again after Retry-After.", retry_after_s=1)


async def _replace_devices(conn: Connection, merging: Merge) -> None:
    former, token, now = merging.device, merging.token, merging.now
    stands_at = stands_from(now, is_first=False)
    if former is None or token is None:
        await devices_repository.revoke_devices(conn, merging.member_id, now)
        await handles_repository.move_contacts(conn, merging.member_id, merging.survivor_id, stands_at)
        return
    push_token = await devices_repository.find_push_token(conn, former.member_id, former.id)
    for member_id in merging.both:
        await devices_repository.revoke_devices(conn, member_id, now)
    device = NewDevice(
        member_id=token.member_id,
        id=token.device_id,
        program_id=former.program_id,
        platform=former.platform,
        locale=former.locale,
        language=former.language,
        app_version=former.app_version,
        token_hash=token.secret_hash,
        created_at=now,
    )
    await devices_repository.create_devices(conn, [device])
    await create_presences(conn, [(device.member_id, device.id, device.program_id)])
    await handles_repository.move_handles(conn, former.member_id, former.id, device.member_id, device.id, stands_at)
    if push_token is not None:
        await devices_repository.set_push_token(conn, device.member_id, device.id, *push_token)


async def _move_consents(conn: Connection, merging: Merge) -> None:
    """It is one person: on each purpose the newest consent of both counts."""
    survivors = {
        consent.purpose: consent
        for consent in await members_repository.list_current_consents(conn, merging.survivor_id)
    }
    newer = [
        consent
        for consent in await members_repository.list_current_consents(conn, merging.member_id)
        if consent.purpose not in survivors or consent.at > survivors[consent.purpose].at
    ]
    if newer:
        await members_repository.record_consents(conn, merging.survivor_id, newer)


async def _merge_profiles(conn: Connection, merging: Merge) -> None:
    """What the survivor is known by stays; what of them is unknown comes from the other."""
    kept = await lock_profiles(conn, merging.both)
    ours, theirs = kept.get(merging.survivor_id), kept.get(merging.member_id)
    if theirs is None:
        return
    await delete_profile(conn, merging.member_id)
    former = Profile() if ours is None else ours.profile
    filled = fill_gaps(former, theirs.profile)
    if filled != former:
        merged = KeptProfile(
            member_id=merging.survivor_id,
            program_id=merging.program_id,
            profile=filled,
            updated_at=merging.now,
            version=1 if ours is None else ours.version + 1,
        )
        await upsert_profiles(conn, [merged])
