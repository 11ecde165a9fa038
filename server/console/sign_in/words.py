"""The words of the way in. Pure."""

from server.faces.words import Words

SIGN_IN_WORDS: Words = {
    "console": ("管理画面", "Console"),
    "sign_in": ("サインイン", "Sign in"),
    "sign_in_lead": (
        "プログラムの店舗を、この画面で確認できます。",
        "See the shops of your program, in one place.",
    ),
    "program": ("プログラムコード", "Program code"),
    "program_help": ("例：kissa-sakura", "Such as kissa-sakura"),
    "email": ("メールアドレス", "E-mail address"),
    "password": ("パスワード", "Password"),
    "login_failed": (
        "サインインできませんでした。プログラムコード、メールアドレス、パスワードをご確認ください。",
        "That did not work. Check the program code, the e-mail address and the password.",
    ),
    "too_many": (
        "試行が続いています。少し待ってから、もう一度お試しください。",
        "There were many attempts. Wait a moment, and try again.",
    ),
    "ended": (
        "セッションが終了しました。もう一度サインインしてください。",
        "Your session has ended. Sign in again, and you go on where you were.",
    ),
    "signed_out": ("サインアウトしました。", "You have signed out."),
}
