"""The words of coupons, points and stores on the card's page. Pure."""

from server.faces.words import Words

OFFERS: Words = {
    "coupons": ("クーポン", "Coupons"),
    "no_coupons": (
        "いま使えるクーポンはありません。届くと、ここに表示されます。",
        "There is no coupon to use right now. When one comes, you see it here.",
    ),
    "coupon_picture": ("レジで読み取るクーポンの QR コード", "The coupon's QR code for the till"),
    "coupon_show": ("お会計のときにお見せください。", "Show it when you pay."),
    "coupon_offline": ("レジが通信できないとき", "Where the till has no connection"),
    "coupon_offline_help": (
        "カードと一緒に、こちらのコードをお見せください。",
        "Show this code, beside your card.",
    ),
    "history": ("ポイント履歴", "What came and went"),
    "no_points": (
        "まだありません。お買い物のときにカードを見せると、ポイントがたまります。",
        "Nothing yet. Show your card when you buy something, and points come.",
    ),
    "no_visits": (
        "まだありません。レジでカードを見せると、ご来店として記録されます。",
        "None yet. Show your card at the till, and it counts as a visit.",
    ),
    "rank": ("ランク", "Rank"),
    "rank_progress": ("次のランクまで", "On the way to the next rank"),
    "stores": ("お店", "Stores"),
    "near_me": ("近い順に表示", "Show the nearest first"),
    "near_me_help": (
        "現在地はこの検索だけに使い、保存しません。",
        "Where you are is used for this search alone, and not kept.",
    ),
    "no_stores": ("表示できるお店がありません。", "There is no store to show."),
}

# What scripts say of them.
SAID: Words = {
    "expired": ("期限切れです", "It has expired"),
    "minutes_left": ("あと {minutes} 分", "{minutes} min left"),
    "hours_left": ("あと {hours} 時間", "{hours} h left"),
    "good_until": ("{time} まで", "Until {time}"),
    "voided": (
        "このクーポンは、お店が無効にしました。くわしくはスタッフにおたずねください。",
        "The shop has voided this coupon. Ask the staff about it.",
    ),
    "withdrawn": ("このクーポンは取り消されました。", "This coupon has been withdrawn."),
    "used_at": ("{time} に使用しました。", "Used at {time}."),
    "usable_from": ("{time} から使えます。", "It can be used from {time}."),
    "uses_left": ("{uses} 回中、あと {left} 回", "{left} of {uses} uses left"),
    "no_coupon": (
        "このクーポンは、もうありません。一覧をご確認ください。",
        "This coupon is not there any more. Look at the list.",
    ),
    "kind_earn": ("獲得", "Earned"),
    "kind_spend": ("利用", "Spent"),
    "kind_expire": ("失効", "Expired"),
    "kind_adjust": ("調整", "Adjusted"),
    "kind_reverse": ("取り消し", "Taken back"),
    "kind_move": ("引き継ぎ", "Moved"),
    "no_rank": ("まだランクはありません", "No rank yet"),
    "next_rank": ("{name} まであと {missing}", "{missing} to {name}"),
    "stamps_of": ("{needed} 個中 {stamps} 個", "{stamps} of {needed}"),
    "metres": ("{metres} m", "{metres} m"),
    "kilometres": ("{kilometres} km", "{kilometres} km"),
    "open_now": ("営業中", "Open"),
    "closed_now": ("営業時間外", "Closed"),
    "no_place": (
        "現在地がわかりませんでした。ブラウザーの設定で位置情報を許可してください。",
        "Your place could not be found. Allow it in the browser's settings.",
    ),
}
