"""The words of the card's views about the member themself. Those of `SAID` scripts say. Pure."""

from server.faces.words import Words

ACCOUNT: Words = {
    "tab_me": ("その他", "More"),
    "me": ("マイページ", "My page"),
    "way_contacts": ("電話番号・メール", "Phone and e-mail"),
    "way_contacts_help": (
        "端末をなくしても、カードを取り戻せます",
        "To get your card back when a phone is lost",
    ),
    "way_wallet": ("ウォレットに追加", "Add to a wallet"),
    "way_wallet_help": ("スマートフォンのウォレットに保存します", "Keep the card in your phone's own wallet"),
    "way_check-in": ("お店でチェックイン", "Check in at a shop"),
    "way_check-in_help": ("店内の QR コードから", "By the QR code in the shop"),
    "way_choices": ("お知らせと同意", "Messages and consent"),
    "way_choices_help": ("受け取る方法、静かにしてほしい時間", "How we may write to you, and when not"),
    "way_profile": ("プロフィール", "Profile"),
    "way_profile_help": ("お名前、誕生日など", "Your name, your birthday and the like"),
    "way_devices": ("ログイン中の端末", "Devices"),
    "way_devices_help": ("なくした端末をログアウトできます", "Sign out a phone that you have lost"),
    "way_data": ("データの受け取りと消去", "Your data"),
    "way_data_help": ("まとめて受け取る、すべて消す", "Have a copy of it, or have it erased"),
    "go_on": ("次へ", "Go on"),
    "keep": ("保存する", "Save"),
    "confirm": ("確認する", "Confirm"),
    "remove": ("削除", "Remove"),
    "to_card": ("カードを表示", "Show my card"),
    "code": ("6 桁のコード", "The six digits"),
    "proof": ("ご本人の確認", "To be sure that it is you"),
    "proof_help": (
        "登録済みの連絡先にコードをお送りしました。届いた 6 桁を入力してください。",
        "We have sent a code to the contact that you have given us. Type the six digits.",
    ),
    "profile": ("プロフィール", "Profile"),
    "profile_lead": (
        "すべて任意です。空欄にすると消去されます。",
        "All of it is your choice. What you leave empty is deleted.",
    ),
    "devices": ("ログイン中の端末", "Signed-in devices"),
    "devices_lead": (
        "心当たりのない端末や、なくした端末はログアウトしてください。",
        "Sign out whatever you do not know, or have lost.",
    ),
    "device_sign_out": ("ログアウト", "Sign out"),
    "data": ("あなたのデータ", "Your data"),
    "export": ("データを受け取る", "A copy of your data"),
    "export_help": (
        "保存されているすべてのデータを ZIP ファイルでお渡しします。説明書付きです。",
        "Everything that is stored about you, as a ZIP file with an explanation.",
    ),
    "export_now": ("ダウンロード", "Download"),
    "erases": ("消去を受け付けました", "Your erasure has been asked for"),
    "erase_not": ("消去をとりやめる", "Keep my card after all"),
    "erase": ("すべて消去して退会する", "Erase everything and leave"),
    "erase_help": (
        "カード、ポイント、クーポン、プロフィール、来店の記録が消えます。元には戻せません。",
        "Your card, points, coupons, profile and visits go. It cannot be undone.",
    ),
    "erase_stays": (
        "残るのは、会計に必要な記録（購入、ポイント、クーポン利用の金額）だけです。誰のものかは分からなくなります。",
        "What stays is what accounting needs: amounts of purchases, points and used coupons. They lead to nobody.",
    ),
    "erase_ask": ("消去する…", "Erase…"),
    "erase_sure": (
        "本当に消去しますか。ポイントとクーポンも失われます。",
        "Are you sure? Your points and coupons are lost too.",
    ),
    "erase_yes": ("すべて消去する", "Erase everything"),
    "erase_no": ("やめる", "No, keep it"),
    "erased": ("消去が完了しました", "Everything has been erased"),
    "erased_help": (
        "この端末に保存されていたカードの情報も消しました。ご利用ありがとうございました。",
        "What this device had kept of your card is gone too. Thank you for having been with us.",
    ),
    "erased_again": ("新しいカードを作る", "Make a new card"),
}

# By the names by which `word` of noren/card/words asks.
SAID: Words = {
    "kept": ("保存しました。", "Saved."),
    "not_told": ("回答しない", "No answer"),
    "yes": ("はい", "Yes"),
    "no": ("いいえ", "No"),
    "device_ios": ("iPhone・iPad のアプリ", "An app on an iPhone or iPad"),
    "device_android": ("Android のアプリ", "An app on an Android phone"),
    "device_web": ("ブラウザー", "A browser"),
    "device_this": ("{kind}（この端末）", "{kind} (this one)"),
    "device_seen": ("最終利用 {day}・登録 {since}", "Last used {day}, signed in {since}"),
    "device_holds": ("カードのコードはここで作られます", "The card's codes are made here"),
    "device_sign_out_of": ("{name} をログアウト", "Sign out: {name}"),
    "device_signed_out": ("ログアウトしました。", "It has been signed out."),
    "proof_by_phone": ("登録済みの電話番号にコードを送りました。", "We have sent a code to your phone."),
    "proof_by_email": ("登録済みのメールにコードを送りました。", "We have sent a code to your e-mail address."),
    "exported": ("ダウンロードを始めました。", "The download has begun."),
    "erases_at": (
        "{time} にすべて消去されます。それまではとりやめることができます。",
        "Everything will be erased at {time}. Until then you can still keep it.",
    ),
    "erase_withdrawn": ("消去をとりやめました。", "Nothing will be erased."),
    "problem_incorrect_code": ("コードが違います。", "That is not the code that was sent."),
    "problem_verification_expired": (
        "コードの有効期限が切れました。もう一度お送りください。",
        "The code is too old, or was tried too often. Have another one sent.",
    ),
    "problem_proof_too_new": (
        "安全のため、カードや連絡先の登録から 3 日間はこの操作ができません。",
        "For your safety this can be done three days after the card or the contact was added.",
    ),
    "problem_proof_required": (
        "ご本人の確認が必要です。登録済みの連絡先をご用意ください。",
        "We must be sure that it is you: have the contact at hand that you have given us.",
    ),
    "problem_card_code_refused": (
        "カードのコードを確認できませんでした。30 秒ほど待ってから、もう一度お試しください。",
        "The card's code was not taken. Wait half a minute, and try again.",
    ),
    "problem_invalid_request": (
        "入力内容を確認してください。",
        "Something that you typed cannot be read. Please look at it again.",
    ),
    "problem_forbidden": (
        "その端末にカードがあります。先にカードをこの端末に移してください。",
        "The card is on that device. Bring the card to this one first.",
    ),
    "problem_not_found": ("見つかりませんでした。", "It is not there any more."),
    "problem_profile_changed": (
        "別の端末で変更されています。ページを開き直してください。",
        "It has been changed elsewhere meanwhile. Open this page anew.",
    ),
    "problem_attribute_unusable": (
        "使えない値があります。カナは全角カタカナ、郵便番号は 7 桁でご入力ください。",
        "One of the values cannot be used: kana go in katakana, a postal code has seven digits.",
    ),
}
