"""The words of the card's page. Pure."""

from server.faces.words import Words

CARD: Words = {
    "card": ("会員カード", "Member card"),
    "lead": (
        "{program}の会員カードです。スマートフォンに表示して、お店で見せるだけで使えます。",
        "The member card of {program}. You show it on your phone, at the till.",
    ),
    "join": ("アプリで始める", "Begin in the app"),
    "join_none": (
        "カードは、お店のポスターの QR コードからお作りいただけます。",
        "You get your card by the QR code on a poster in the shop.",
    ),
    "agreed": ("お願いする同意", "What you are asked to agree to"),
    "agreed_lead": (
        "すべて任意です。何も同意しなくてもカードは使えます。いつでも取り消せます。",
        "All of it is your choice: the card works without any of it, and you can take it back at any time.",
    ),
    "location": ("位置情報", "Location"),
    "location_help": (
        "お店に着いたことに気づくために使います。残るのは一定期間、お店への出入りの時刻だけです。通った道は残しません。",
        "To notice that you have come to a shop. Kept for a while: when you came and went, never by which way.",
    ),
    "push": ("通知", "Notifications"),
    "push_help": ("クーポンが届いたことをお知らせします。", "To tell you of a coupon as it comes."),
    "email": ("メール・SMS・電話", "E-mail, texts and calls"),
    "email_help": (
        "キャンペーンのお知らせに使います。それぞれ別々に選べます。",
        "For news of campaigns. You choose each of them on its own.",
    ),
    "profiling": ("ご利用状況の分析", "Analysis of how you use it"),
    "profiling_help": (
        "ご来店やお買い物の傾向を、お店が一人ひとりについて見られるようになります。",
        "It lets the shop see how you, as one person, visit and buy.",
    ),
    "rights": ("あなたのデータ", "Your data"),
    "rights_help": (
        "データはいつでもまとめて受け取ることも、消去することもできます。消去後に残るのは、誰とも結びつかない会計の記録だけです。",
        "At any time you can have all of it in one file, or erased. What stays then are amounts that lead to nobody.",
    ),
    "who": ("運営者", "Who runs this card"),
    "contact": ("お問い合わせ", "Contact"),
}
