"""From who was eligible to who used a coupon, step by step."""

from collections.abc import Sequence

import msgspec

from experiments.experiment import HOLDOUT, PROGRAM_HOLDOUT
from server.campaigns.campaign_report import CampaignReport
from server.experiments.result_bodies import ArmResult, CampaignResults

# Of fewer people nothing is told of a difference (docs/experiments.md).
FEWEST_COMPARED = 50
_HELD_OUT = frozenset({HOLDOUT, PROGRAM_HOLDOUT})


class Step(msgspec.Struct, frozen=True):
    """`word`: of its name. `share`: of the widest step, from 0 to 1."""

    word: str
    count: int
    share: float


def make_funnel(results: CampaignResults, report: CampaignReport) -> Sequence[Step]:
    """Of members, where they were assigned to arms; else of coupons and their messages."""
    sent = report.pushes_sent + sum(counts.get("sent", 0) for counts in report.other_messages.values())
    if results.arms:
        treated = [arm for arm in results.arms if arm.arm not in _HELD_OUT]
        counts = {
            "eligible": sum(arm.assigned for arm in results.arms),
            "held_out": sum(arm.assigned for arm in results.arms if arm.arm in _HELD_OUT),
            "issued": _sum(treated, "issued"),
            "sent": sent,
            "delivered": _sum(treated, "delivered"),
            "displayed": _sum(treated, "displayed"),
            "opened": _sum(treated, "opened"),
            "used": _sum(treated, "redeemed"),
        }
    else:
        receipts = report.receipts.values()
        counts = {
            "issued": report.coupons_issued,
            "sent": sent,
            "delivered": sum(each.delivered for each in receipts),
            "displayed": sum(each.displayed for each in receipts),
            "opened": sum(each.opened for each in receipts),
            "used": report.redemptions,
        }
    most = max(counts.values()) or 1
    return [Step(word, count, count / most) for word, count in counts.items()]


def _sum(arms: Sequence[ArmResult], name: str) -> int:
    return sum(int(getattr(arm, name)) for arm in arms)
