"""Which arm a member gets, and what an arm means later."""

from datetime import UTC, datetime

import pytest

from experiments.allocation import Piece
from experiments.assigning import assign, is_held_out
from experiments.experiment import Experiment, ProgramExperiments, ProgramHoldout
from ids import CampaignId, MemberId, ProgramId
from kit.ids import new_id

NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
PROGRAM, CAMPAIGN, OTHER, MEMBER = ProgramId(new_id()), CampaignId(new_id()), CampaignId(new_id()), MemberId(new_id())


def known(*, percent: int = 0, arm: str | None = None) -> ProgramExperiments:
    holdout = ProgramHoldout(program_id=PROGRAM, percent=percent, salt=bytes(16)) if percent else None
    experiment = Experiment(
        campaign_id=CAMPAIGN,
        program_id=PROGRAM,
        version=2,
        salt=bytes(16),
        holdout_percent=0,
        allocation=(Piece(arm or "", 10_000),),
        variants=(),
        started_at=NOW,
    )
    return ProgramExperiments(holdout, {CAMPAIGN: experiment} if arm else {})


@pytest.mark.parametrize(
    ("of_program", "campaign", "expected"),
    [
        (known(), CAMPAIGN, None),
        (known(arm="a"), OTHER, None),
        (known(arm="a"), CAMPAIGN, ("a", 2, 0)),
        (known(arm="holdout"), CAMPAIGN, ("holdout", 2, 0)),
        # No shop holds out everybody, but here it shows that the program comes first.
        (known(percent=100, arm="a"), CAMPAIGN, ("program_holdout", 2, 100)),
        (known(percent=100), OTHER, ("program_holdout", 0, 100)),
    ],
)
def test_a_member_is_assigned(
    of_program: ProgramExperiments, campaign: CampaignId, expected: tuple[str, int, int] | None
) -> None:
    found = assign(of_program, PROGRAM, campaign, MEMBER, NOW)
    assert (None if found is None else (found.arm, found.version, found.program_percent)) == expected


@pytest.mark.parametrize(
    ("of_program", "arm", "expected"),
    [
        (known(arm="a"), "holdout", True),
        (known(percent=5), "program_holdout", True),
        (known(percent=5, arm="a"), "a", False),
        (known(percent=5), "campaign", False),
        # What held them has ended.
        (known(percent=5), "holdout", False),
        (known(arm="a"), "program_holdout", False),
    ],
)
def test_a_holdout_holds_while_it_lasts(of_program: ProgramExperiments, arm: str, expected: bool) -> None:
    assert is_held_out(of_program, CAMPAIGN, arm) is expected
