"""Which arm a member gets who is eligible for the first time, and what an arm means now. Pure."""

from datetime import datetime

from experiments.allocation import arm_at, is_within, place_of
from experiments.experiment import CAMPAIGN, HOLDOUT, PROGRAM_HOLDOUT, Assignment, ProgramExperiments
from ids import CampaignId, MemberId, ProgramId


def assign(
    known: ProgramExperiments, program_id: ProgramId, campaign_id: CampaignId, member_id: MemberId, now: datetime
) -> Assignment | None:
    """None where nothing is tried of the campaign and nobody is held out of the program."""
    holdout, experiment = known.holdout, known.running.get(campaign_id)
    if holdout is None and experiment is None:
        return None
    if holdout is not None and is_within(holdout.percent, holdout.salt, member_id):
        arm = PROGRAM_HOLDOUT
    else:
        arm = CAMPAIGN if experiment is None else arm_at(experiment.allocation, place_of(experiment.salt, member_id))
    return Assignment(
        member_id=member_id,
        campaign_id=campaign_id,
        program_id=program_id,
        version=0 if experiment is None else experiment.version,
        program_percent=0 if holdout is None else holdout.percent,
        arm=arm,
        first_eligible_at=now,
    )


def is_held_out(known: ProgramExperiments, campaign_id: CampaignId, arm: str) -> bool:
    """Whether who was assigned to the arm gets nothing now: a holdout that has ended holds nobody."""
    if arm == PROGRAM_HOLDOUT:
        return known.holdout is not None
    return arm == HOLDOUT and campaign_id in known.running
