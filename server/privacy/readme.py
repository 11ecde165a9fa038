"""README.txt of an export: what each of its files is, in Japanese and English. A test compares it with the files."""

# file -> (Japanese, English)
FILES: dict[str, tuple[str, str]] = {
    "presences": (
        "端末ごとの現在の位置と滞在中の店舗",
        "where each of your devices is now, and in which stores' geofences",
    ),
    "transitions": ("店舗の区域への出入り", "when your devices entered and left stores' geofences"),
    "outbox": (
        "クーポンのお知らせと確認コードの送信記録、コードの本文を除く",
        "messages about your coupons, and codes that were sent to you, without the text of these",
    ),
    "message_receipts": ("通知の到着・表示・開封の記録", "when messages reached you, were shown and opened"),
    "message_counts": ("最近7日間の通知の件数", "on which of the last days you were sent messages"),
    "cards": ("会員証", "your member cards"),
    "card_keys": ("会員証の入った端末の公開鍵", "public keys of the phones that had your card"),
    "totp_passes": (
        "ワンタイムコードの登録、秘密鍵を除く",
        "cards with one-time codes, without their secrets",
    ),
    "google_passes": ("Google ウォレットの会員証", "your card in Google Wallet"),
    "code_uses": ("レジで読み取られたコード", "codes of your card that tills have scanned"),
    "apple_passes": ("Apple ウォレットのカード", "your cards in Apple Wallet"),
    "apple_registrations": (
        "変更を通知する端末、通知先を除く",
        "the devices that are notified when such a card changes, without their push addresses",
    ),
    "line_links": ("連携したLINEアカウント", "the LINE account that you have linked"),
    "line_accounts": ("LINEアカウントの登録", "that a LINE account leads to your card"),
    "line_nonces": ("手続き中のLINE連携", "a link with LINE that has begun"),
    "messenger_links": ("店舗のFacebookページとのメッセージ", "that you write to the program's Facebook page"),
    "messenger_accounts": ("Messengerの登録", "that a chat in Messenger leads to your card"),
    "messenger_nonces": ("手続き中のMessenger連携", "a link with Messenger that has begun"),
    "invitations": ("入会のきっかけになったポスターと店舗", "the poster and the store that brought you here"),
    "phone_sends": (
        "SMSと電話の送信結果、本文を除く",
        "texts and calls to you, without their words",
    ),
    "visits": ("来店", "your visits"),
    "visit_evidence": ("来店の記録元", "the evidence of your visits (scans, codes, stays)"),
    "purchases": ("購入", "your purchases"),
    "refunds": ("返金", "your refunds"),
    "spends": ("ポイントのご利用", "points that you paid with"),
    "receipts": ("レシートの登録", "the numbers of your receipts"),
    "audit_entries": ("あなたに関する店舗スタッフの操作", "actions of the staff that concern you"),
    "point_accounts": ("ポイント残高", "your point balance"),
    "point_lots": ("有効期限ごとのポイント", "your points by expiry date"),
    "point_postings": ("ポイントの履歴", "the history of your points"),
    "stamps": ("スタンプ", "your stamps"),
    "stamp_completions": ("満了したスタンプカード", "your full stamp cards"),
    "member_ranks": ("現在のランク", "your rank"),
    "rank_changes": ("ランクの履歴", "the history of your rank"),
    "coupons": ("クーポン", "your coupons"),
    "member_campaigns": (
        "キャンペーンごとのクーポン発行の回数",
        "how often you were given coupons of campaigns that leave time between two",
    ),
    "decisions": (
        "来店などのできごとごとの、キャンペーンの判定",
        "what campaigns made of what you did, in the last 30 days: a coupon, or why not",
    ),
    "assignments": (
        "キャンペーンの効果測定での割り当て",
        "to which group you were assigned where the effect of a campaign is measured",
    ),
    "follow_ups": ("クーポンの後にお知らせする予定", "what is to come after coupons of yours, and when"),
    "redemptions": ("クーポンの利用", "uses of your coupons"),
    "coupon_voids": ("お店が無効にしたクーポンとその理由", "coupons of yours that the shop has voided, and why"),
    "voided_uses": ("無効になったクーポンの回数", "the uses of those coupons"),
    "member_facts": (
        "来店・購入・ポイント・クーポンの集計",
        "sums of your visits, purchases, points and coupons, by which campaigns choose whom they address",
    ),
    "reservations": ("レシートごとに使ったクーポン", "your coupons by receipt: what they came to, and what came back"),
    "spent_paper_codes": ("クーポンに引き換えた紙のコード", "codes from paper that you have turned into coupons"),
    "offline_redemptions": (
        "オフラインのレジで使ったクーポンの報告",
        "uses of your coupons at tills without a line, and which of them were in conflict",
    ),
    "undone_redemptions": ("取り消されたクーポンの利用", "uses of your coupons that a shop has taken back"),
    "idempotency_records": (
        "端末からの操作の控え",
        "records by which a repeated request of your devices counts only once",
    ),
    "members": ("会員情報、統合された会員を含む", "you as a member, and the members who became you"),
    "profiles": ("プロフィール", "your profile: name, birthday, area and what else the program asked for"),
    "member_tags": ("スタッフまたは取り込みで付いたタグ", "tags that the staff or an import have put on you"),
    "imported_members": (
        "以前の会員情報から引き継いだ内容",
        "what was brought along of you from the time before this card: profile and visits",
    ),
    "imported_contacts": (
        "以前の会員情報にあった連絡先、未確認",
        "contacts that were brought along and that nobody has confirmed",
    ),
    "brought_ranks": ("以前から引き継いだ会員ランク", "the rank that you brought along, and until when it holds"),
    "consents": ("同意の履歴", "what you consented to, and when"),
    "handles": ("連絡先と会員番号の登録", "your contacts, card numbers and push addresses"),
    "devices": ("端末とアプリのバージョン", "your devices and the version of their app, without their tokens"),
    "contact_verifications": ("連絡先の確認、コードを除く", "verifications of your contacts, without the codes"),
    "transfers": ("会員証の引き継ぎの申請", "requests to bring a card to another phone, yours and of yours"),
    "alerts": (
        "あなたの名前で行われた操作のお知らせと、変更前の連絡先",
        "what you were told that was done in your name, and contacts that were replaced by it",
    ),
    "email_suppressions": (
        "メールの配信を止めた理由",
        "why you are sent no e-mails: you unsubscribed or complained, or your mailbox refused them",
    ),
    "email_opt_ins": (
        "確認待ちのメール配信のお申し込み",
        "that you asked for e-mails, and have yet to follow the link that confirms it",
    ),
    "contact_permits": (
        "スタッフがお伝えした、連絡先を変更するためのコード（コードを除く）",
        "codes that the staff have told you to change a contact, without the codes",
    ),
    "recovery_credentials": (
        "ブラウザーにカードを戻すための Cookie（秘密の値を除く）",
        "cookies that bring your card back to a browser, without their secrets",
    ),
    "erasure_requests": ("消去の申請", "your request to be erased"),
    "verification_code_counts": ("確認コードの送信回数", "how many verification codes were sent"),
}

_WIDTH = max(map(len, FILES)) + len(".json")


def _list(language: int) -> str:
    return "\n".join(f"{name + '.json':<{_WIDTH}}  {words[language]}" for name, words in FILES.items())


README = f"""あなたについて保存しているすべての情報です。各ファイルは JSON で、一行が一件です。時刻は UTC です。
端末のトークン、秘密鍵、確認コードは含みません。

{_list(0)}

This is everything that we have stored about you. Each file is JSON with one record a line; times are UTC.
What works like a password (device tokens, secret keys, verification codes) is left out.

{_list(1)}
"""
