"""The words of the card's page inside LINE. Pure."""

from server.faces.words import Words

LIFF: Words = {
    "liff_new": (
        "LINE アカウントと連携した会員カードを作ります。",
        "You get a member card that is linked to your LINE account.",
    ),
    "liff_new_help": (
        "LINE からいつでもカードを開けます。連携はマイページで解除できます。",
        "You open it from LINE at any time. On your page you can unlink it.",
    ),
    "liff_make": ("カードを作る", "Make my card"),
    "liff_link": ("いまのカードを LINE と連携する", "Link the card that I have here"),
    "liff_other": (
        "このブラウザーには別の会員カードがあります。LINE アカウントのカードに切り替えますか。",
        "This browser has another member card. Show the one of your LINE account instead?",
    ),
    "liff_switch": ("LINE のカードに切り替える", "Show the card of my LINE account"),
    "liff_stay": ("いまのカードのまま", "Stay with this one"),
}

SAID: Words = {
    "liff_opening": ("LINE に確認しています…", "Asking LINE who you are…"),
    "liff_failed": (
        "LINE から開けませんでした。LINE のトークからもう一度お開きください。",
        "LINE did not answer as it should. Open the card from LINE once more.",
    ),
    "problem_line_id_token_refused": (
        "LINE の確認が古くなりました。LINE からもう一度お開きください。",
        "LINE's word is too old. Open the card from LINE once more.",
    ),
    "problem_line_account_taken": (
        "この LINE アカウントは別のカードと連携しています。",
        "This LINE account is linked to another card.",
    ),
    "problem_line_not_configured": (
        "このお店はまだ LINE に対応していません。",
        "This shop has not set up LINE.",
    ),
}
