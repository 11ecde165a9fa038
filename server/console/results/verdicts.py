"""What a difference may be read as, and no more (docs/experiments.md). Pure."""

from typing import Literal

from server.experiments.result_bodies import ArmResult, CampaignResults, Change

Verdict = Literal["too_few", "brings", "costs", "promising", "open", "distrust"]


def judge_change(results: CampaignResults, change: Change | None) -> Verdict:
    """The bounds that hold at every look decide; those for one look promise."""
    if results.sample_ratio is not None and results.sample_ratio.is_suspicious:
        return "distrust"
    if change is None:
        return "too_few"
    if change.always_low > 0:
        return "brings"
    if change.always_high < 0:
        return "costs"
    return "promising" if change.low > 0 else "open"


def compared_arms(results: CampaignResults) -> list[ArmResult]:
    """Those that are compared with the control."""
    return [arm for arm in results.arms if arm.arm != results.control]
