"""The words of the card's page. Pure."""

from server.card_page import account_words, contact_words, liff_words, offer_words
from server.card_page.views import join_words
from server.faces.words import Words

_CORE: Words = {
    "card": ("会員カード", "Member card"),
    "lead": (
        "{program}の会員カードです。スマートフォンに表示して、お店で見せるだけで使えます。",
        "The member card of {program}. You show it on your phone, at the till.",
    ),
    "card_of": ("{program} 会員カード", "{program} member card"),
    "no_script": (
        "カードの表示には JavaScript が必要です。ブラウザーの設定で有効にしてください。",
        "The card needs JavaScript. Switch it on in the browser's settings.",
    ),
    "not_kept": (
        "このブラウザーではカードを保存できません（プライベートウィンドウ、または空き容量不足）。開いている間だけ使えます。",
        "This browser cannot keep the card (a private window, or no room left). It works as long as this page is open.",
    ),
    "tabs": ("メニュー", "Menu"),
    "tab_home": ("カード", "Card"),
    "join": ("カードを作る", "Make my card"),
    "join_help": (
        "名前も電話番号も必要ありません。すぐに使えます。",
        "No name, no phone number. It works at once.",
    ),
    "join_terms": ("作成すると、利用規約に同意したものとみなされます。", "By making it you agree to the terms of use."),
    "terms": ("利用規約", "Terms of use"),
    "privacy": ("プライバシーポリシー", "Privacy policy"),
    "join_in_app": ("アプリで始める", "Begin in the app"),
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
    "code_picture": (
        "レジで読み取るカードの QR コード。30 秒ごとに変わります。",
        "The card's QR code for the till. It changes every 30 seconds.",
    ),
    "next_code": ("あと {seconds} 秒で更新", "A new code in {seconds} s"),
    "card_number": ("カード番号", "Card number"),
    "points": ("ポイント", "Points"),
    "visits": ("ご来店", "Visits"),
    "expiring": ("{day} に {points} ポイントが失効します", "{points} expire on {day}"),
    "owed": ("返品により {points} ポイント不足しています", "{points} are owed after a return"),
    "as_of": ("{time} 現在", "As of {time}"),
    "elsewhere": ("カードは別の端末にあります", "Your card is on another phone"),
    "elsewhere_help": (
        "ここに移すと、別の端末ではコードを表示できなくなります。番号はどちらでも使えます。",
        "If you bring it here, the other phone can show no code any more. The number works on both.",
    ),
    "bring_here": ("この端末に移す", "Bring it here"),
    "stopped": ("コードは停止されています", "The code has been stopped"),
    "stopped_help": (
        "紛失の届け出などで停止されました。この端末で新しいコードを作れます。",
        "It was stopped, for example because the phone was reported lost. You can start a new one on this phone.",
    ),
    "start_again": ("新しいコードを作る", "Start a new code"),
    "problem_unreachable": (
        "接続できません。電波の届く場所で、もう一度お試しください。",
        "There is no connection. Try again where there is one.",
    ),
    "problem_other": (
        "うまくいきませんでした。少し待ってから、もう一度お試しください。",
        "That did not work. Wait a moment, and try again.",
    ),
    "problem_too_many_attempts": (
        "短い時間に多くの操作がありました。少し待ってからお試しください。",
        "There were many attempts in a short time. Wait a moment, and try again.",
    ),
    "problem_member_blocked": (
        "このカードは現在ご利用いただけません。お店にお問い合わせください。",
        "This card cannot be used at the moment. Please ask at a shop.",
    ),
    "problem_unauthenticated": (
        "このカードは、この端末では使えなくなりました。",
        "The card is no longer on this device.",
    ),
    "problem_invitation_over": (
        "このリンクは使用済みか、期限切れです。そのままカードをお作りいただけます。",
        "This link has been used, or is too old. You can make your card all the same.",
    ),
    "problem_app_check_failed": (
        "このお店のカードは、専用アプリでのみお作りいただけます。",
        "The card of this shop is made in its own app only.",
    ),
    "problem_overloaded": (
        "ただいま混み合っています。少し待ってから、もう一度お試しください。",
        "It is busy right now. Wait a moment, and try again.",
    ),
    "problem_unavailable": (
        "ただいまご利用いただけません。少し待ってから、もう一度お試しください。",
        "Not available right now. Wait a moment, and try again.",
    ),
    "looking": ("カードを確認しています…", "Looking for your card …"),
    "ended": ("カードはこの画面にありません", "Your card is not on this screen any more"),
    "ended_help": (
        "別の端末や画面で開かれたか、サインアウトされました。ここに戻すと、同じポイントとクーポンがそのまま使えます。",
        "It was opened on another phone or screen, or signed out. Bring it back, with the same points and coupons.",
    ),
    "bring_back": ("カードをここに戻す", "Bring it back here"),
    "begin_anew": ("新しいカードを作る", "Make a new card"),
    "not_found": ("カードを戻せませんでした", "The card could not be brought back"),
    "not_found_help": (
        "電話番号やメールアドレスを登録済みなら、新しいカードを作ってから確認すると、前のカードに戻れます。",
        "If you have confirmed a phone number or e-mail address: make a new card, confirm it again, and yours is back.",
    ),
}

CARD: Words = join_words(
    _CORE,
    offer_words.OFFERS,
    offer_words.SAID,
    account_words.ACCOUNT,
    account_words.SAID,
    contact_words.CONTACT,
    contact_words.SAID,
    liff_words.LIFF,
    liff_words.SAID,
)
