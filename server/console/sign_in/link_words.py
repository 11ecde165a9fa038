"""The words for who comes by a link. Pure."""

from server.faces.words import Words

LINK_WORDS: Words = {
    "link": ("サインインリンク", "Sign in by a link"),
    "link_lead": ("このリンクは一度だけ使えます。", "This link is good once."),
    "link_follow": ("サインインする", "Sign in"),
    "token": ("リンクのコード", "The code of the link"),
    "invitation": ("ようこそ", "Welcome"),
    "invitation_lead": (
        "管理画面に招待されました。パスワードを決めると、すぐに使えます。",
        "You were invited to the console. Choose a password, and you are in.",
    ),
    "invitation_accept": ("はじめる", "Begin"),
    "password_new": ("新しいパスワード", "New password"),
    "password_rule": (
        "{least} 文字以上。長い文章がおすすめです。",
        "At least {least} characters. A long sentence is a good one.",
    ),
    "password_short": ("パスワードが短すぎます。", "That password is too short."),
    "lost": ("パスワードを忘れた場合", "A lost password"),
    "lost_lead": (
        "登録されているメールアドレスに、再設定用のコードを送ります。",
        "A code for a new password is sent to your e-mail address.",
    ),
    "lost_send": ("コードを送る", "Send the code"),
    "no_mail": (
        "このサーバーはメールを送れません。オーナーか管理者にご連絡ください。",
        "This server sends no e-mail. Ask an owner, or whoever runs it.",
    ),
    "program": ("プログラムコード", "Program code"),
    "email": ("メールアドレス", "E-mail address"),
    "reset": ("新しいパスワード", "A new password"),
    "reset_code": ("メールのコード", "The code of the e-mail"),
    "reset_sent": (
        "アカウントがあれば、コードをメールで送りました。30 分以内に入力してください。",
        "If there is such an account, a code is on its way. Type it here within 30 minutes.",
    ),
    "reset_expired": (
        "コードが正しくないか、期限が切れています。",
        "That code is not right, or no longer good. Ask for a new one.",
    ),
    "reset_set": ("パスワードを設定", "Set the password"),
    "with_password": ("パスワードでサインイン", "Sign in with a password"),
}
