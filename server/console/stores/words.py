"""The words of a store's page. Pure."""

from server.faces.words import Words

STORE: Words = {
    "store_new": ("店舗を追加", "Add a store"),
    "store_new_lead": (
        "名前と住所はアプリやカードで会員に表示されます。",
        "Members read the name and the address in the app and on their card.",
    ),
    "store_code_field": ("店舗コード", "Code"),
    "store_code_field_help": (
        "半角の英小文字・数字・ハイフンで 3 文字以上 40 文字以内。あとから変えることはできません。",
        "3 to 40 of a-z, 0-9 and hyphens. It never changes.",
    ),
    "store_name": ("店舗名", "Name"),
    "store_time_zone": ("タイムゾーン", "Time zone"),
    "store_time_zone_help": ("例：Asia/Tokyo", "Such as Asia/Tokyo"),
    "store_address": ("住所", "Address"),
    "store_phone": ("電話番号", "Phone"),
    "store_lat": ("緯度", "Latitude"),
    "store_lon": ("経度", "Longitude"),
    "store_hours": ("営業時間", "Opening hours"),
    "store_hours_help": (
        "例：月-金 9:00-21:00; 土日 10:00-20:00。空欄は年中無休・24 時間です。",
        "Such as Mo-Fr 9:00-21:00; Sa,Su 10:00-20:00. Empty: always open.",
    ),
    "store_day_start": ("営業日の始まり（時）", "The business day begins at (hour)"),
    "store_day_start_help": (
        "この時刻より前の来店は、前の日として数えます。",
        "A visit before it belongs to the day before.",
    ),
    "store_groups_field": ("グループ", "Groups"),
    "store_groups_field_help": (
        "「、」か「,」で区切ります。キャンペーンで店舗をまとめて選べます。",
        "With commas between. Campaigns can name them in place of each store.",
    ),
    "store_save": ("保存", "Save"),
    "store_saved": ("保存しました。", "Saved."),
    "store_close": ("閉店する", "Close this store for good"),
    "store_close_sure": (
        "閉店すると、ジオフェンスとレジも使えなくなります。元に戻すことはできません。",
        "Its geofences and tills end with it. That cannot be undone.",
    ),
    "store_is_closed": ("この店舗は閉店しています。", "This store is closed for good."),
    "store_fences": ("ジオフェンス", "Geofences"),
    "store_fences_none": (
        "この店舗のジオフェンスはまだありません。追加すると、来店がわかるようになります。",
        "This store has no geofence yet. Add one to learn who comes.",
    ),
    "store_fence_new": ("ジオフェンスを追加", "Add a geofence"),
    "store_not_saved": ("保存できませんでした。", "It has not been saved."),
    "store_conflict": (
        "編集中に、ほかの人がこの店舗を変更しました。どちらを残すか選んでください。",
        "Somebody else has changed this store while you did. Choose which one stays.",
    ),
    "store_yours": ("あなたの内容", "Yours"),
    "store_theirs": ("保存されている内容", "As it is saved now"),
    "store_keep_yours": ("あなたの内容で上書きする", "Save yours over it"),
    "store_keep_theirs": ("保存されている内容に戻す", "Take the saved one"),
    "back_to_stores": ("店舗の一覧に戻る", "Back to the stores"),
    "fault_missing": ("入力してください。", "Fill this in."),
    "fault_number": ("数字で入力してください。", "Write a number."),
    "fault_name": (
        "名前は 200 文字までです。文字の向きを変える見えない記号は使えません。",
        "Up to 200 letters, without hidden marks that turn the direction of writing: type the name anew.",
    ),
    "fault_bounds": ("この値は使えません。書き方を確認してください。", "This value cannot be taken."),
    "fault_code": (
        "半角の英小文字・数字・ハイフンで 3 文字以上 40 文字以内にしてください。",
        "Write 3 to 40 of a-z, 0-9 and hyphens.",
    ),
    "fault_code_taken": ("このコードは使われています。", "Another store has this code."),
    "fault_phone": (
        "数字とハイフンで入力してください。例：03-1234-5678",
        "Write digits and hyphens, such as 03-1234-5678.",
    ),
    "fault_time_zone": ("Asia/Tokyo のような名前にしてください。", "Write a name such as Asia/Tokyo."),
    "fault_hours": ("営業時間を読み取れません。", "The opening hours cannot be read."),
    "fault_place": ("緯度と経度を両方入力してください。", "Fill in both latitude and longitude, or neither."),
}
