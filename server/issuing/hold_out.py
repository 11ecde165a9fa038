"""Who gets nothing, so that it can be seen what a campaign brings, and which variant the others get.

Everybody who is eligible is assigned, once and for all, in the transaction that decides on them: what came of those who
could have got something is compared, whether or not they did. A full stamp card was promised a reward, so no holdout
takes that away.
"""

from collections.abc import Sequence

from coupons.campaigns.triggers import TRIGGERS
from experiments.assigning import assign, is_held_out
from experiments.assignments_repository import settle_assignments
from experiments.experiment import Assignment, ProgramExperiments
from kit.database import Connection
from server.issuing.candidates import Candidate
from server.runtime.snapshot import Snapshot

_NOTHING = ProgramExperiments(None, {})


async def hold_out(conn: Connection, snapshot: Snapshot, candidates: Sequence[Candidate]) -> None:
    """Nothing is read or written where nothing is tried."""
    asking = [(each, wanted) for each in candidates if each.outcome is None and (wanted := assign_to(snapshot, each))]
    if not asking:
        return
    arms = await settle_assignments(conn, [wanted for _, wanted in asking])
    for each, wanted in asking:
        take_arm(snapshot, each, arms[wanted.member_id, wanted.campaign_id])


def assign_to(snapshot: Snapshot, candidate: Candidate) -> Assignment | None:
    """What is written of who was never assigned before; None where nothing is tried."""
    known, event = _known(snapshot, candidate), candidate.event
    return assign(known, event.program_id, candidate.campaign.id, event.member_id, event.now)


def take_arm(snapshot: Snapshot, candidate: Candidate, arm: str) -> None:
    """What the arm means for the candidate: nothing at all, or a variant."""
    known = _known(snapshot, candidate)
    experiment = known.running.get(candidate.campaign.id)
    if is_held_out(known, candidate.campaign.id, arm) and not TRIGGERS[candidate.event.trigger].is_earned:
        candidate.outcome = "holdout"
        candidate.inputs = {"arm": arm}
    elif experiment is not None:
        candidate.variant = experiment.variant_of(arm)


def _known(snapshot: Snapshot, candidate: Candidate) -> ProgramExperiments:
    known = snapshot.experiments.get(candidate.event.program_id, _NOTHING)
    return ProgramExperiments(None, known.running) if TRIGGERS[candidate.event.trigger].is_earned else known
