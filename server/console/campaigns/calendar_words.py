"""The words of the calendar of campaigns. Pure."""

from server.faces.words import Words

CALENDAR: Words = {
    "calendar_lead": (
        "実施中・開始待ちのキャンペーンと、1人の会員に届きうるお知らせの数です。",
        "What runs and what is scheduled, and how many messages could want one member on a day.",
    ),
    "calendar_caps": (
        "1人の会員に送るのは、1日{day_cap}通、7日間で{week_cap}通までです。超えた分は送られません。",
        "A member gets {day_cap} messages a day and {week_cap} in seven days at most. What comes on top is not sent.",
    ),
    "calendar_worst": (
        "すべての条件に当てはまる会員の場合の最大数です。",
        "It is told of a member whom all campaigns are for, and who does all that they ask for.",
    ),
    "month_before": ("前の月", "The month before"),
    "month_after": ("次の月", "The month after"),
    "months": ("月の移動", "Months"),
    "wants_sends": ("{wanted}通 → {sent}通", "{wanted} wanted, {sent} sent"),
    "wants": ("{wanted}通", "{wanted} wanted"),
    "following": ("うち続きの配信{count}通", "{count} of them follow coupons"),
    "calendar_cut": (
        "この月のキャンペーンは{most}件を超えています。新しい{most}件を表示しています。",
        "More than {most} campaigns are on in this month: these are the newest {most}.",
    ),
    "and_more": ("ほか{count}件", "and {count} more"),
    "calendar_none": ("この月に動くキャンペーンはありません。", "No campaign is on in this month."),
    "calendar_write": ("キャンペーンを見る", "Look at the campaigns"),
    "today": ("今日", "Today"),
}
