"""What the till's scripts say: verdicts, reasons, what the day's page counts. Pure."""

from server.faces.words import Words

_VERDICTS: Words = {
    "ready": ("カードをどうぞ", "Ready"),
    "ready_say": ("お客様のカードの QR コードを読み取ってください。", "Scan the QR code of the shopper's card."),
    "title_good": ("確認しました", "Taken"),
    "title_care": ("ご確認ください", "One moment"),
    "title_bad": ("受け付けられません", "Not taken"),
    "say_unknown": ("もう一度お試しください。", "Try again."),
    "title_verified": ("カードを確認しました", "The card is good"),
    "say_verified": ("記録しています…", "Recording it …"),
    "title_welcome": ("いらっしゃいませ", "Welcome"),
    "say_welcome": ("ご来店を記録しました。", "The visit is recorded."),
    "title_welcome_back": ("いらっしゃいませ", "Welcome back"),
    "say_welcome_back": ("本日 2 回目以降のご来店です。", "They have been here today already."),
    "title_low_trust": ("番号で受け付けました", "Taken by its number"),
    "say_low_trust": (
        "ポイントやクーポンを使うには、アプリのカードを見せてもらってください。",
        "To spend points or use coupons, ask for the card in the app.",
    ),
    "title_kept": ("カードを確認しました", "The card is good"),
    "say_kept": (
        "「ご来店は、あとで自動的に記録されます」とお伝えください。",
        "Say: your visit is recorded as soon as we are connected again.",
    ),
    "title_not_a_code": ("カードのコードではありません", "This is no card"),
    "say_not_a_code": (
        "アプリのカードの画面を、もう一度読み取ってください。",
        "Scan the card in the app once more.",
    ),
    "title_card_unknown": ("この番号のカードはありません", "No card has this number"),
    "say_card_unknown": (
        "カードを読み取るか、13 桁の番号をもう一度入れてください。",
        "Scan the card, or type the 13 digits of its number again.",
    ),
    "title_foreign_program": ("ほかのお店のカードです", "A card of another program"),
    "say_foreign_program": ("当店のカードを見せてもらってください。", "Ask for a card of this shop."),
    "title_forged": ("本物のカードではありません", "Not a real card"),
    "say_forged": (
        "お客様のアプリで作られたコードではありません。アプリでカードを開いてもらってください。",
        "The shopper's app has not made this code. Ask them to open the card in the app.",
    ),
    "title_revoked": ("使えなくなったカードです", "This card has ended"),
    "say_revoked": (
        "別のスマートフォンに移したか、紛失の届け出があったカードです。",
        "It was taken to another phone, or reported lost.",
    ),
    "title_expired": ("カードの更新が必要です", "The card needs renewing"),
    "say_expired": (
        "電波の届く場所で、アプリを一度開いてもらってください。",
        "Ask the shopper to open the app where there is signal.",
    ),
    "title_old": ("古いコードです", "An old code"),
    "say_old": (
        "{off} 秒前のコードです。写真ではなく、アプリのカードを見せてもらってください。",
        "It is {off} s old. Ask for the card in the app, not a picture of it.",
    ),
    "title_early": ("時計が合っていません", "A clock is wrong"),
    "say_early": (
        "{off} 秒先のコードです。スマートフォンの時計を確かめてもらってください。",
        "It is {off} s ahead. Ask the shopper to check their phone's clock.",
    ),
    "title_replayed": ("もう使われたコードです", "This code was used"),
    "say_replayed": (
        "30 秒ほどで次のコードに変わります。それを読み取ってください。",
        "The app shows the next one within half a minute. Scan that.",
    ),
    "title_needs_line": ("接続が必要です", "This needs a connection"),
    "say_needs_line": (
        "オフラインで読み取れるのは、アプリのカードだけです。",
        "Without a connection only the card in the app can be scanned.",
    ),
    "title_never_synced": ("まだカードを確認できません", "Cards cannot be checked yet"),
    "say_never_synced": (
        "このレジは一度も接続していません。ネットワークにつないでください。",
        "This till was never connected. Connect it to the network.",
    ),
    "title_synced_too_long_ago": ("カードを確認できません", "Cards cannot be checked"),
    "say_synced_too_long_ago": (
        "7 日間接続していません。ネットワークにつないでください。",
        "There was no connection for seven days. Connect it to the network.",
    ),
    "title_no_ed25519": ("接続が必要です", "This needs a connection"),
    "say_no_ed25519": (
        "このブラウザーは Ed25519 に対応していないため、オフラインではカードを確認できません。",
        "This browser lacks Ed25519, so it checks no card without a connection.",
    ),
    "title_storage_full": ("記録できませんでした", "It was not recorded"),
    "say_storage_full": (
        "この端末の空き容量が足りません。不要なデータを消してから、もう一度読み取ってください。これまでの記録は残っています。",
        "This device has no room left. Remove what is not needed, and scan again. What was recorded before is safe.",
    ),
    "title_unauthenticated": ("このレジは使えなくなりました", "This till has ended"),
    "say_unauthenticated": (
        "別の端末につながれたか、停止されました。管理画面で QR コードを表示して、つなぎ直してください。",
        "It was paired with another device, or stopped. Have a QR code shown on the console, and pair it again.",
    ),
    "title_failed": ("うまくいきませんでした", "Something went wrong"),
    "say_failed": ("ページを開き直して、もう一度お試しください。", "Open the page anew, and try again."),
    "title_paired_already": ("もうつながっています", "Paired already"),
    "say_paired_already": (
        "この端末はレジです。別のレジにするには、QR コードをカメラアプリで開いてください。",
        "This device is a till. To make it another one, open the QR code with the camera app.",
    ),
    "title_undone": ("取り消しました", "Undone"),
    "say_undone": ("もう一度読み取れます。", "You can scan again."),
    "title_not_undone": ("取り消せませんでした", "It could not be undone"),
    "say_not_undone": (
        "10 分以内の、最後の記録だけを取り消せます。接続も確かめてください。",
        "Only the last one can be undone, within ten minutes, with a connection.",
    ),
    "title_purchase_done": ("お買い物を記録しました", "The purchase is recorded"),
    "say_purchase_done": ("「ありがとうございました」", "Say: thank you."),
    "title_purchase_kept": ("お買い物を保存しました", "The purchase is kept"),
    "say_purchase_kept": (
        "「ポイントは、あとで自動的に付きます」とお伝えください。",
        "Say: your points come as soon as we are connected again.",
    ),
    "title_purchase_undone": ("お買い物を取り消しました", "The purchase is undone"),
    "say_purchase_undone": (
        "使ったポイントとクーポンも戻しました。",
        "Points and coupons that were used are back.",
    ),
}

_COUPONS: Words = {
    "coupon": ("クーポン", "Coupon"),
    "title_coupon_used": ("クーポンを使いました", "The coupon is used"),
    "say_coupon_used": ("お客様にお渡しください。", "Give the shopper what it says."),
    "title_coupon_kept": ("クーポンを受け付けました", "The coupon is taken"),
    "say_coupon_kept": ("お客様にお渡しください。あとで送信します。", "Give it to the shopper. It is reported later."),
    "title_scan_first": ("先にカードを読み取ってください", "Scan the card first"),
    "say_scan_first": (
        "紙のコードは、お客様のカードと一緒に使います。",
        "A code on paper is used with the shopper's card.",
    ),
    "title_not_a_coupon": ("クーポンではありません", "This is no coupon"),
    "say_not_a_coupon": ("もう一度読み取ってください。", "Scan it once more."),
    "title_coupon_foreign_program": ("ほかのお店のクーポンです", "A coupon of another program"),
    "say_coupon_foreign_program": ("当店では使えません。", "It cannot be used here."),
    "title_coupon_forged": ("本物のクーポンではありません", "Not a real coupon"),
    "say_coupon_forged": ("アプリでクーポンを開いてもらってください。", "Ask for the coupon in the app."),
    "title_coupon_revoked": ("使えないクーポンです", "This coupon has ended"),
    "say_coupon_revoked": ("アプリを一度開き直してもらってください。", "Ask the shopper to open the app anew."),
    "title_coupon_expired": ("期限切れのクーポンです", "This coupon has expired"),
    "say_coupon_expired": ("有効期限が過ぎています。", "Its time is over."),
    "title_coupon_terms_unknown": ("接続が必要です", "This needs a connection"),
    "say_coupon_terms_unknown": (
        "このクーポンの条件をまだ受け取っていません。接続してからお試しください。",
        "This till has not heard of this coupon yet. Connect it first.",
    ),
    "title_terms_unknown": ("接続が必要です", "This needs a connection"),
    "say_terms_unknown": (
        "クーポンの条件をまだ受け取っていません。接続してからお試しください。",
        "This till has not heard of coupons yet. Connect it first.",
    ),
    "title_coupon_redeemed": ("使用済みのクーポンです", "This coupon was used"),
    "say_coupon_redeemed": ("もう使えません。", "It cannot be used again."),
    "title_coupon_voided": ("無効のクーポンです", "This coupon is void"),
    "say_coupon_voided": (
        "お店が無効にしたクーポンです。責任者におたずねください。",
        "The staff have voided it. Ask the manager.",
    ),
    "title_coupon_withdrawn": ("中止されたクーポンです", "This coupon was withdrawn"),
    "say_coupon_withdrawn": ("お店の都合で使えなくなりました。", "The shop has withdrawn the offer."),
    "title_coupon_other_store": ("ほかの店舗のクーポンです", "A coupon of another store"),
    "say_coupon_other_store": ("この店舗では使えません。", "It is for other stores."),
    "title_coupon_too_early": ("まだ使えません", "Not yet"),
    "say_coupon_too_early": ("使えるようになるまでお待ちください。", "It can be used later."),
    "title_coupon_outside_hours": ("使える時間ではありません", "Not at this hour"),
    "say_coupon_outside_hours": ("使える曜日と時間が決まっています。", "It is for certain days and hours."),
}

_SALE: Words = {
    "has_points": ("残高 {points} ポイント", "{points} points"),
    "earned_points": ("{points} ポイント付きました", "{points} points earned"),
    "earned_coupons": ("クーポン {coupons} 枚", "{coupons} coupons earned"),
    "full_stamps": ("スタンプがたまりました", "A stamp card is full"),
    "usable": ("使えるクーポン：{titles}", "Usable coupons: {titles}"),
    "no_coupons": ("使えるクーポンはありません。", "There is no coupon to use."),
    "takes_off": ("{amount}引き", "{amount} off"),
    "total": ("{discount}引き、お支払い {pay}", "{discount} off, {pay} to pay"),
    "amount_first": ("金額を入れてください。", "Enter the amount."),
    "press_again": (
        "接続が切れました。もう一度押すと、続きから行います。二重にはなりません。",
        "The connection was lost. Press again to go on from there: nothing is done twice.",
    ),
    "sale_needs_line": (
        "ポイント、クーポン、割引の計算には接続が必要です。金額は保存して、あとで送信します。",
        "Points, coupons and discounts need a connection. The amount is kept, and reported later.",
    ),
}

_PAGE: Words = {
    "offline_tag": ("オフライン", "Offline"),
    "camera_on": ("カメラを使う", "Use the camera"),
    "camera_off": ("カメラを止める", "Stop the camera"),
    "no_camera": (
        "カメラを使えません。ブラウザーの設定で許可するか、スキャナーをお使いください。",
        "There is no camera to use. Allow it in the browser's settings, or use a scanner.",
    ),
    "pair_no_code": ("つなぐためのコードではありません。", "That is no pairing code."),
    "pair_expired": (
        "このコードはもう使えません。管理画面で新しい QR コードを表示してください。",
        "This code can be used no more. Have a new QR code shown on the console.",
    ),
    "pair_no_line": ("接続がありません。ネットワークにつないでください。", "There is no connection. Connect it first."),
    "pair_not_kept": (
        "このブラウザーには保存できません。プライベートウィンドウでないこと、空き容量があることを確かめてください。",
        "This browser keeps nothing. Use no private window, and see that there is room.",
    ),
    "note_line": (
        "オフラインです。カードは読み取れます。記録はあとで送信します。",
        "No connection. Cards can be scanned; what is recorded is reported later.",
    ),
    "note_clock": (
        "この端末の時計が {minutes} 分ずれています。確認にはサーバーの時刻を使っています。",
        "This device's clock is {minutes} min wrong. Cards are checked by the server's time.",
    ),
    "note_no_ed25519": (
        "このブラウザーは Ed25519 に対応していません。接続がある間だけ使えます。",
        "This browser lacks Ed25519. The till works as long as there is a connection.",
    ),
    "note_never_synced": (
        "カード情報をまだ受け取っていません。接続すると自動で受け取ります。",
        "Card data has not come yet. It comes by itself with a connection.",
    ),
    "note_synced_too_long_ago": (
        "7 日間接続していません。オフラインではカードを確認できません。",
        "There was no connection for seven days. Cards cannot be checked offline.",
    ),
    "syncing": ("更新しています…", "Updating …"),
    "sync_done": ("更新しました。", "Up to date."),
    "sync_failed": ("接続できませんでした。", "There is no connection."),
    "never": ("まだありません", "Not yet"),
    "nothing_waits": ("送信待ちの記録はありません。", "Nothing waits."),
    "nothing_today": (
        "今日の記録はまだありません。カードを読み取ると、ここに並びます。",
        "Nothing yet today. Scan a card, and it stands here.",
    ),
    "kind_scan": ("読み取り", "Scan"),
    "kind_visit": ("ご来店", "Visit"),
    "kind_purchase": ("お買い物", "Purchase"),
    "kind_coupon": ("クーポン", "Coupon"),
    "trust_high": ("アプリのカード", "Card in the app"),
    "trust_low": ("番号", "Number"),
    "state_waiting": ("送信待ち", "Waiting"),
    "state_rejected": ("受け付けられませんでした", "Refused"),
    "of_another_till": ("別のレジの記録", "Of another till"),
    "reason_its_scan": (
        "その前の読み取りが受け付けられませんでした。",
        "The scan that it belongs to was refused.",
    ),
    "reason_duplicate": (
        "同じコードが、ほかのレジで先に記録されました。",
        "Another till has reported the same code before.",
    ),
    "reason_already_counted": ("もう記録されています。", "It was reported before."),
    "reason_revoked": ("使えなくなったカードでした。", "The card had ended."),
    "reason_expired": ("期限が過ぎていました。", "Its time was over."),
    "reason_redeemed": ("ほかのレジで先に使われました。", "Another till has used it before."),
    "reason_voided": ("お店が無効にしたクーポンでした。", "The staff had voided it."),
    "reason_withdrawn": ("中止されたクーポンでした。", "The offer had been withdrawn."),
    "reason_too_old": ("7 日より前の記録です。", "It is older than seven days."),
    "reason_in_the_future": ("端末の時計が進んでいました。", "This device's clock was ahead."),
    "reason_store_closed": ("この店舗は閉店しています。", "The store is closed."),
}

SAID: Words = {**_VERDICTS, **_COUPONS, **_SALE, **_PAGE}
