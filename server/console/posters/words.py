"""The words of posters, and of the page on which one is chosen. Pure."""

from server.faces.words import Words

POSTERS: Words = {
    "posters_lead": (
        "お店を選ぶと、入会の QR コード、来店チェックインの QR コード、電話番号のポスターを印刷できます。",
        "Choose a store, and print a poster by which shoppers join, check in, or call.",
    ),
    "posters_none": ("ポスターにできる店舗がありません", "There is no store to make a poster for"),
    "posters_none_help": (
        "先に店舗を登録してください。",
        "Add a store first.",
    ),
    "make": ("ポスターを開く", "Open the poster"),
    "for_store": ("{store} のポスター", "Posters of {store}"),
    "store_closed": ("この店舗は閉店しているため、ポスターは作れません。", "This store has closed: it has no posters."),
    "kinds": ("種類", "Kind"),
    "kind_join": ("入会", "Join"),
    "kind_check_in": ("来店チェックイン", "Check in"),
    "kind_call": ("電話で入会", "Join by a call"),
    "sizes": ("大きさ", "Size"),
    "size_a4": ("A4 ポスター", "A4 poster"),
    "size_card": ("名刺サイズ（A4 に 10 枚）", "Cards, ten on A4"),
    "print": ("印刷する", "Print"),
    "print_hint": (
        "余白なし、背景のグラフィックありで印刷してください。PDF として保存することもできます。",
        "Print without margins and with background graphics, or save it as a PDF.",
    ),
    "call_none": (
        "この店舗には、まだ電話番号がありません。番号は API（/v1/call-numbers）で追加できます。",
        "This store has no number to call yet. Add one with the API (/v1/call-numbers).",
    ),
    "check_in_off": (
        "店頭の QR コードでの来店は、いまオフになっています。貼る前に、来店の設定でオンにしてください。",
        "Check-in by the store's QR is switched off now: switch it on in the rules of visits before you hang this up.",
    ),
    "qr_alt": ("QR コード", "QR code"),
    "poster_join": ("会員証は、スマホひとつで。", "Your member card, on your phone."),
    "poster_join_lead": ("アプリのダウンロードは不要です", "No app to install"),
    "poster_join_app_lead": ("アプリで、かんたんに入会できます", "Join in our app"),
    "poster_join_1": ("カメラで読み取る", "Scan it with your camera"),
    "poster_join_2": ("確認して入会する", "Read, agree, join"),
    "poster_join_3": ("会員証をレジで見せる", "Show your card at the till"),
    "poster_check_in": ("来店を、記録しよう。", "Check in here."),
    "poster_check_in_lead": ("会員証のチェックインから読み取ってください", "Scan it from the check-in of your card"),
    "poster_check_in_1": ("会員証を開く", "Open your card"),
    "poster_check_in_2": ("チェックインを押す", "Choose check-in"),
    "poster_check_in_3": ("このコードを読み取る", "Scan this code"),
    "poster_call": ("電話するだけで、入会。", "Join with a call."),
    "poster_call_lead": ("通話料はかかりません。入会のリンクが SMS で届きます", "Free: a text with your link follows"),
    "poster_call_1": ("この番号に電話する", "Call this number"),
    "poster_call_2": ("SMS のリンクを開く", "Open the link in the text"),
    "poster_call_3": ("会員証をレジで見せる", "Show your card at the till"),
}
