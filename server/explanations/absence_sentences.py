"""What may stand in the way of any decision, in sentences, in English and Japanese. Pure."""

from collections.abc import Mapping
from typing import Literal

from coupons.issuing.decision import KEPT_DAYS
from server.explanations.sentences import OUTCOMES, Pair, pair

Absence = Literal[
    "in_the_future", "not_kept", "not_written_yet", "not_started", "paused", "ended", "off_for_a_while",
    "before_start", "after_end",
    "other_store", "store_closed_for_good", "store_not_open_yet", "no_geofence", "joined_later", "member_blocked",
    "member_left", "no_location_consent", "no_device", "no_location", "no_location_then", "came_elsewhere",
    "something_else_happened", "nothing_happened",
]  # fmt: skip

ABSENCES: Mapping[Absence, Pair] = {
    "in_the_future": pair(
        "This moment has not come yet.",
        "この日時はまだ来ていません。",
        "Ask a rehearsal what the campaign would do.",
        "リハーサルで見込みを確認してください。",
    ),
    "not_kept": pair(
        f"Decisions are kept for {KEPT_DAYS} days; this moment is longer ago.",
        f"判定の記録は{KEPT_DAYS}日間保存されます。この日時の記録はもうありません。",
        "Ask about a moment that is not so long ago. The campaign's report counts older decisions too.",
        "より最近の日時を指定してください。キャンペーンのレポートには古い判定の件数も含まれます。",
    ),
    "not_written_yet": pair(
        "The campaign was written later, at {created_at}.",
        "キャンペーンはこの後、{created_at}に作成されました。",
        "It would have to happen after that.",
        "作成後のできごとである必要がありました。",
    ),
    "not_started": pair(
        "The campaign was a draft then: it decided nothing.",
        "当時、キャンペーンは下書きで、何も判定していませんでした。",
        "Somebody would have to start it.",
        "キャンペーンを開始する必要があります。",
    ),
    "paused": pair(
        "The campaign was paused then, since {since}: for as long as it was, it decided nothing.",
        "当時、キャンペーンは一時停止中（{since}から）で、その間は何も判定していませんでした。",
        "It would have to run at the time of the event.",
        "できごとの時点で実施中である必要がありました。",
    ),
    "ended": pair(
        "The campaign had been ended at {since}: since then it decided nothing.",
        "キャンペーンは{since}に終了しており、それ以降は何も判定していません。",
        "It would have to run at the time of the event.",
        "できごとの時点で実施中である必要がありました。",
    ),
    "off_for_a_while": pair(
        "The campaign did not run for the whole of that time: not from {since} to {until}.",
        "キャンペーンはこの間ずっと実施していたわけではありません（{since}から{until}までは停止していました）。",
        "It would have to happen while the campaign ran.",
        "キャンペーンの実施中のできごとである必要がありました。",
    ),
    "before_start": OUTCOMES["before_start"],
    "after_end": OUTCOMES["after_end"],
    "other_store": pair(
        "The campaign is not for this store.",
        "この店舗はキャンペーンの対象ではありません。",
        "The campaign would have to name this store, or be for all.",
        "キャンペーンの対象にこの店舗を加えるか、全店舗を対象にする必要があります。",
    ),
    "store_closed_for_good": pair(
        "The store was closed for good at {closed_at}.",
        "この店舗は{closed_at}に閉店しました。",
        "It would have to happen before that.",
        "閉店前のできごとである必要がありました。",
    ),
    "store_not_open_yet": pair(
        "The store was entered later, at {store_created_at}.",
        "この店舗はこの後、{store_created_at}に登録されました。",
        "It would have to happen after that.",
        "登録後のできごとである必要がありました。",
    ),
    "no_geofence": pair(
        "The store has no geofence, so that nobody is seen to enter or leave it.",
        "この店舗には区域が設定されていないため、出入りがわかりません。",
        "Draw a geofence for the store.",
        "店舗の区域を設定してください。",
    ),
    "joined_later": pair(
        "The member joined later, at {joined_at}.",
        "この会員はこの後、{joined_at}に入会しました。",
        "It would have to happen after that.",
        "入会後のできごとである必要がありました。",
    ),
    "member_blocked": pair(
        "The member is blocked: their phone and card are not taken.",
        "この会員は利用停止中で、端末も会員証も受け付けません。",
        "An owner would have to unblock them.",
        "管理者が利用停止を解除する必要があります。",
    ),
    "member_left": pair(
        "The member has left the program.",
        "この会員は退会しています。",
        "They would have to be a member.",
        "会員である必要がありました。",
    ),
    "no_location_consent": pair(
        "The member does not consent to the use of their location, so that their phone's positions are not taken.",
        "会員が位置情報の利用に同意していないため、端末の位置は受け付けません。",
        "The member would have to consent to location in the app.",
        "会員がアプリで位置情報の利用に同意する必要があります。",
    ),
    "no_device": pair(
        "The member is signed in on no phone.",
        "会員がログインしている端末がありません。",
        "The member would have to sign in with the app.",
        "会員がアプリにログインする必要があります。",
    ),
    "no_location": pair(
        "No position of the member's phone has been taken so far: none came, or each was refused in the answer to its"
        " upload (too old, made up, in the future).",
        "会員の端末の位置はまだ一度も受け付けていません。届いていないか、送信への応答で拒否されています"
        "（古い、模擬、未来の時刻など）。",
        "The phone would have to be allowed to use its location in the background, and to upload.",
        "端末で位置情報のバックグラウンド利用を許可し、送信できる必要があります。",
    ),
    "no_location_then": pair(
        "No position of the member's phone was taken after {last_fix_at}.",
        "会員の端末の位置は{last_fix_at}を最後に受け付けていません。",
        "The phone would have to be on, connected and allowed to use its location.",
        "端末の電源と通信、位置情報の許可が必要でした。",
    ),
    "came_elsewhere": pair(
        "The member was seen at other stores then, for which the campaign is not, or was not asked about.",
        "会員はその頃、対象ではない別の店舗で確認されています。",
        "It would have to happen at a store of the campaign.",
        "キャンペーンの対象店舗である必要がありました。",
    ),
    "something_else_happened": pair(
        "What happened then was another kind of event ({seen}); the campaign answers {trigger}.",
        "その頃のできごとは{seen}でした。キャンペーンが応じるのは{trigger}です。",
        "The member would have to do what the campaign answers: {trigger}.",
        "キャンペーンが応じるできごと（{trigger}）が必要でした。",
    ),
    "nothing_happened": pair(
        "Nothing happened then that the campaign answers ({trigger}).",
        "その頃、キャンペーンが応じるできごと（{trigger}）はありませんでした。",
        "The member would have to come close enough and long enough to be seen, or be scanned at the till.",
        "会員が区域内で十分な時間確認されるか、レジで読み取られる必要がありました。",
    ),
}
