"""What a process knows by heart: fences, stores, campaigns and rules of visits of all programs, as one immutable value.

The database is the truth. A process polls the version counters twice a second, reads what has changed since those that
it knows and swaps in a new value; there is no notification that could be lost. A change made through this process is
taken over before its answer goes out.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from coupons.campaigns import campaigns_repository
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.stay_lengths import StayLengths, find_stay_lengths
from coupons.campaigns.triggers import TriggerEvent
from coupons.issuing.rules import hears, is_for_all_who_hear, listens
from experiments import experiments_repository
from experiments.experiment import ProgramExperiments
from geo import geofences_repository
from geo.crossings import CrossableFences
from geo.fence_columns import FenceColumns
from geo.geofence import Fence
from geo.index import FenceIndex
from geo.long_stays import MinutesOf
from geo.overlay import OverlaidFences
from geo.warming import warm_up
from ids import CampaignId, GeofenceId, ProgramId, StoreId
from kit.database import Connection
from kit.memory import give_back_freed
from kit.steps import run_gently, run_through
from programs import programs_repository, stores_repository
from programs.open_stores import OpenStores, StoreColumns
from programs.programs_repository import Versions
from programs.store import OpenStore
from visits import rules_repository
from visits.rules import VisitRules

NOTHING_YET = Versions(-1, -1)


class Snapshot(msgspec.Struct, frozen=True):
    """All of one moment: it is read in one snapshot of the database and swapped in as a whole.

    `versions` are the sums of those `of_programs`; `campaigns` are those that their staff have started, by program.
    """

    versions: Versions
    of_programs: Mapping[ProgramId, Versions]
    fences: OverlaidFences
    crossable: OverlaidFences  # those that tell of crossings, once more: for all others a path costs nothing
    stores: OpenStores
    campaigns: Mapping[ProgramId, Sequence[Campaign]]
    visit_rules: Mapping[ProgramId, VisitRules]  # of the programs that have some of their own
    experiments: Mapping[ProgramId, ProgramExperiments]  # of the programs where something is tried
    # By program, trigger and store what was looked through once: most of a hundred campaigns are of other stores.
    _hearing: dict[tuple[ProgramId, str, StoreId | None], Sequence[Campaign]] = msgspec.field(default_factory=dict)
    _stay_lengths: dict[ProgramId, StayLengths | None] = msgspec.field(default_factory=dict)

    def visit_rules_of(self, program_id: ProgramId) -> VisitRules:
        return self.visit_rules.get(program_id) or VisitRules(program_id)

    def crossable_of(self, program_id: ProgramId) -> CrossableFences | None:
        """None where no fence of the program tells of crossings."""
        return CrossableFences(self.crossable, program_id) if self.crossable.has_fences_of(program_id) else None

    def with_campaigns(self, program_id: ProgramId, campaigns: Sequence[Campaign]) -> "Snapshot":
        """The same with these as all that the program has started: to look at what they would do."""
        return msgspec.structs.replace(self, campaigns={program_id: campaigns}, _hearing={}, _stay_lengths={})

    def find_campaign(self, program_id: ProgramId, campaign_id: CampaignId) -> Campaign | None:
        """None where it does not run (any more, or as far as this process knows)."""
        return next((each for each in self.campaigns.get(program_id, ()) if each.id == campaign_id), None)

    def campaigns_for(self, event: TriggerEvent) -> Sequence[Campaign]:
        """The started campaigns of the program that decide on such an event."""
        key = event.program_id, event.trigger, event.store_id
        hearing = self._hearing.get(key)
        if hearing is None:
            started = self.campaigns.get(event.program_id, ())
            hearing = [campaign for campaign in started if hears(campaign, event.trigger, event.store_id)]
            self._hearing[key] = hearing
        return hearing if is_for_all_who_hear(event) else [each for each in hearing if listens(each, event)]

    def stay_minutes_of(self, program_id: ProgramId) -> MinutesOf | None:
        """How long stays are asked for at a store of the program; None where no campaign of it asks for any."""
        if program_id not in self._stay_lengths:
            self._stay_lengths[program_id] = find_stay_lengths(self.campaigns.get(program_id, ()))
        lengths = self._stay_lengths[program_id]
        return None if lengths is None else lengths.at_store


class Everything(msgspec.Struct, frozen=True):
    """All that the database holds. `indexes` are of all fences, and of those that tell of crossings."""

    versions: Versions
    of_programs: Mapping[ProgramId, Versions]
    indexes: asyncio.Future[tuple[FenceIndex, FenceIndex]]
    stores: StoreColumns
    campaigns: Sequence[Campaign]
    visit_rules: Mapping[ProgramId, VisitRules]
    experiments: Mapping[ProgramId, ProgramExperiments]


async def read_everything(conn: Connection) -> Everything:
    """The indexes are built in a thread while the rest still comes; the transaction does not wait for them."""
    versions = await programs_repository.read_versions(conn)
    of_programs = await programs_repository.read_versions_of_programs(conn)
    columns = await geofences_repository.read_all_geofences(conn)
    indexes = asyncio.ensure_future(asyncio.to_thread(_index, columns))
    del columns
    try:
        return Everything(
            versions,
            of_programs,
            indexes,
            await stores_repository.read_open_stores(conn),
            await campaigns_repository.read_running_campaigns(conn),
            await rules_repository.read_visit_rules(conn),
            await experiments_repository.read_program_experiments(conn),
        )
    except BaseException:
        await asyncio.wait([indexes])  # or two were built at once, when all is read again
        raise


def _index(columns: FenceColumns) -> tuple[FenceIndex, FenceIndex]:
    """Nothing is served yet, so nobody waits for the pauses of a gentle run."""
    give_back_freed()
    warm_up()
    telling = columns.keep(columns.reports_crossings)
    return run_through(FenceIndex.build_in_steps(columns)), run_through(FenceIndex.build_in_steps(telling))


class Changes(msgspec.Struct, frozen=True):
    """What the database holds anew; None stands for what is no more, and campaigns are in any state."""

    versions: Versions
    of_programs: Mapping[ProgramId, Versions]
    fences: Mapping[GeofenceId, Fence | None]
    stores: Mapping[StoreId, OpenStore | None]
    campaigns: Sequence[Campaign]
    visit_rules: Mapping[ProgramId, VisitRules]
    experiments: Mapping[ProgramId, ProgramExperiments]


async def read_changes(conn: Connection, old: Snapshot) -> Changes | None:
    """What was changed since the old one; None where nothing was."""
    versions = await programs_repository.read_versions(conn)
    if versions == old.versions:
        return None
    of_programs = await programs_repository.read_versions_of_programs(conn)
    fences: dict[GeofenceId, Fence | None] = {}
    stores: dict[StoreId, OpenStore | None] = {}
    campaigns: list[Campaign] = []
    visit_rules: dict[ProgramId, VisitRules] = {}
    experiments: dict[ProgramId, ProgramExperiments] = {}
    if known := _outrun(old, of_programs, lambda each: each.fence_version):
        fences = await geofences_repository.read_changed_geofences(conn, known)
    if known := _outrun(old, of_programs, lambda each: each.campaign_version):
        stores = await stores_repository.read_changed_stores(conn, known)
        campaigns = await campaigns_repository.read_changed_campaigns(conn, known)
        visit_rules = await rules_repository.find_visit_rules(conn, known)
        experiments = await experiments_repository.read_program_experiments(conn, known)
    return Changes(versions, of_programs, fences, stores, campaigns, visit_rules, experiments)


def _outrun(
    old: Snapshot, of_programs: Mapping[ProgramId, Versions], which: Callable[[Versions], int]
) -> dict[ProgramId, int]:
    """The programs that are at another version than the one we know, with that one."""
    known = {key: which(old.of_programs.get(key, NOTHING_YET)) for key in of_programs}
    return {key: version for key, version in known.items() if version != which(of_programs[key])}


async def begin(everything: Everything) -> Snapshot:
    fences, crossable = await everything.indexes
    return Snapshot(
        everything.versions,
        everything.of_programs,
        OverlaidFences.over(fences),
        OverlaidFences.over(crossable),
        OpenStores(everything.stores),
        _change_campaigns({}, everything.campaigns),
        everything.visit_rules,
        everything.experiments,
    )


async def apply(old: Snapshot, changes: Changes) -> Snapshot:
    fences = await _change(old.fences, changes.fences)
    crossable = await _change(old.crossable, _select_crossable(old.crossable, changes.fences))
    stores = await run_gently(old.stores.change_in_steps(changes.stores)) if changes.stores else old.stores
    campaigns = _change_campaigns(old.campaigns, changes.campaigns)
    visit_rules = {**old.visit_rules, **changes.visit_rules}
    experiments = {**old.experiments, **changes.experiments}
    return Snapshot(
        changes.versions, changes.of_programs, fences, crossable, stores, campaigns, visit_rules, experiments
    )


async def _change(fences: OverlaidFences, changes: Mapping[GeofenceId, Fence | None]) -> OverlaidFences:
    return await run_gently(fences.change_in_steps(changes)) if changes else fences


def _select_crossable(
    crossable: OverlaidFences, changes: Mapping[GeofenceId, Fence | None]
) -> dict[GeofenceId, Fence | None]:
    """What the changes mean for the fences that tell of crossings; most fences never do."""
    telling = {key: fence if fence and fence.report_crossings else None for key, fence in changes.items()}
    return {key: fence for key, fence in telling.items() if fence or crossable.get(key)}


def _change_campaigns(
    old: Mapping[ProgramId, Sequence[Campaign]], changed: Sequence[Campaign]
) -> Mapping[ProgramId, Sequence[Campaign]]:
    grouped = dict(old)
    for program_id in {campaign.program_id for campaign in changed}:
        of_program = {campaign.id: campaign for campaign in grouped.get(program_id, ())}
        of_program |= {campaign.id: campaign for campaign in changed if campaign.program_id == program_id}
        grouped[program_id] = [campaign for campaign in of_program.values() if campaign.state == "running"]
    return grouped
