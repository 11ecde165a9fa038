"""The words of the console. Pure."""

from server.faces.words import Words

CONSOLE: Words = {
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
    "sign_out": ("サインアウト", "Sign out"),
    "stores": ("店舗", "Stores"),
    "stores_all": ("すべての店舗を、新しい順に表示しています。", "All stores, the newest first."),
    "stores_own": ("担当している店舗を、新しい順に表示しています。", "The stores that you manage, the newest first."),
    "stores_none": ("まだ店舗がありません", "There are no stores yet"),
    "stores_none_help": (
        "店舗は API で追加するか、CSV や GeoJSON のファイルからまとめて読み込めます。",
        "Add stores with the API, or bring them all at once from a CSV or GeoJSON file.",
    ),
    "stores_none_of_yours": (
        "担当の店舗が登録されていません。オーナーに割り当てを依頼してください。",
        "No store is yours yet. Ask an owner to give you some.",
    ),
    "store": ("店舗", "Store"),
    "code": ("コード", "Code"),
    "address": ("住所", "Address"),
    "phone": ("電話", "Phone"),
    "groups": ("グループ", "Groups"),
    "state": ("状態", "State"),
    "open": ("営業中", "Open now"),
    "shut": ("営業時間外", "Closed now"),
    "closed": ("閉店", "Closed for good"),
    "unknown": ("未登録", "Not told"),
    "more": ("次の店舗", "Older stores"),
    "first": ("最初のページへ", "Back to the newest"),
    "owner": ("オーナー", "Owner"),
    "store_manager": ("店長", "Store manager"),
    "connection_lost": (
        "サーバーに接続できませんでした。接続を確認して、もう一度お試しください。",
        "The server could not be reached. Check the connection, and try again.",
    ),
    "navigation": ("メニュー", "Menu"),
}
