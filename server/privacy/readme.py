"""README.txt of an export: what each of its files is, in Japanese and English. A test compares it with the files."""

# file -> (Japanese, English)
FILES: dict[str, tuple[str, str]] = {
    "presences": (
        "端末ごとの現在の位置と滞在中の店舗",
        "where each of your devices is now, and in which stores' areas",
    ),
    "transitions": ("店舗の区域への出入り", "entering and leaving stores' areas"),
    "outbox": ("クーポンのプッシュ通知", "push messages about your coupons"),
    "cards": ("会員証", "your member cards"),
    "card_keys": ("会員証の入った端末の公開鍵", "public keys of the phones that held your card"),
    "totp_passes": (
        "ワンタイムコードの登録、秘密鍵を除く",
        "registrations of one-time passes, without their secrets",
    ),
    "google_passes": ("Google ウォレットの会員証", "your card in Google Wallet"),
    "code_uses": ("レジで読み取られたコード", "codes of your card that tills have read"),
    "apple_passes": ("Apple ウォレットのカード", "your cards in Apple Wallet"),
    "apple_registrations": (
        "変更を通知する端末、通知先を除く",
        "the devices that are told when such a card changes, without their addresses",
    ),
    "deliveries": ("確認コードの送信記録、本文を除く", "sendings of confirmation codes, without their text"),
    "visits": ("来店", "your visits"),
    "visit_evidence": ("来店の記録元", "what shows that you visited"),
    "purchases": ("購入", "your purchases"),
    "refunds": ("返金", "your refunds"),
    "receipts": ("レシートの登録", "registrations of receipts"),
    "audit_entries": ("あなたに関する店舗スタッフの操作", "what the staff did that concerned you"),
    "point_accounts": ("ポイント残高", "your balance of points"),
    "point_lots": ("有効期限ごとのポイント", "your points by the day on which they expire"),
    "point_postings": ("ポイントの履歴", "how your points came and went"),
    "stamps": ("スタンプ", "your stamps"),
    "stamp_completions": ("満了したスタンプカード", "your full stamp cards"),
    "member_ranks": ("現在のランク", "your rank"),
    "rank_changes": ("ランクの履歴", "how your rank changed"),
    "coupons": ("クーポン", "your coupons"),
    "redemptions": ("クーポンの利用", "how your coupons were used"),
    "idempotency_records": (
        "端末からの操作の控え",
        "records that keep a repeated request of your devices from counting twice",
    ),
    "members": ("会員情報、統合された会員を含む", "you as a member, and the members who became you"),
    "consents": ("同意の履歴", "what you consented to, and when"),
    "handles": ("連絡先と会員番号の登録", "registrations of your contacts, card number and push addresses"),
    "devices": ("端末", "your devices, without their credentials"),
    "contact_verifications": ("連絡先の確認、コードを除く", "confirmations of your contacts, without the codes"),
    "verification_code_counts": ("確認コードの送信回数", "how many confirmation codes were sent"),
}

_WIDTH = max(map(len, FILES)) + len(".json")


def _list(language: int) -> str:
    return "\n".join(f"{name + '.json':<{_WIDTH}}  {words[language]}" for name, words in FILES.items())


README = f"""あなたについて保存しているすべての情報です。各ファイルは JSON で、一行が一件です。時刻は UTC です。
端末の認証情報、秘密鍵、確認コードは含みません。

{_list(0)}

This is everything that we hold about you. Each file is JSON with one record a line; times are UTC.
What works like a password (your devices' credentials, secret keys, codes) is left out.

{_list(1)}
"""
