"""What became of a follow-up step: the sentences of each outcome, in English and Japanese. Pure."""

from collections.abc import Mapping

from coupons.campaigns.follow_ups import StepOutcome
from server.explanations.sentences import Pair, pair

STEP_OUTCOMES: Mapping[StepOutcome, Pair] = {
    "followed_up": pair(
        "Step {step} ({when}) was done: {action}, and what came of it is {result}.",
        "ステップ{step}（{when}）を実行しました。内容は{action}、結果は{result}です。",
    ),
    "not_so": pair(
        "Step {step} was passed over: what it asks for ({when}) did not hold.",
        "ステップ{step}の条件（{when}）を満たさなかったため、実行しませんでした。",
        "It would have to hold when the step is due: {when}.",
        "ステップの時刻に条件（{when}）を満たす必要がありました。",
    ),
    "not_so_unknown": pair(
        "Step {step} was passed over: it asks for visits ({when}), and the member has not consented to profiling.",
        "会員が行動分析に同意していないため、来店を条件とするステップ{step}（{when}）を実行しませんでした。",
        "The member would have to consent to profiling.",
        "会員が行動分析に同意する必要がありました。",
    ),
    "follow_up_over": pair(
        "No step comes after this coupon any more: {over_by}.",
        "このクーポンの後のステップは終了しました（{over_by}）。",
        "The campaign would have to go on, and the coupon to be the member's still.",
        "キャンペーンが続き、クーポンが会員のもとにある必要がありました。",
    ),
}
