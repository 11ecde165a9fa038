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
        "試行が続いています。あと{wait}待ってから、もう一度お試しください。",
        "There were many attempts. Try again in {wait}.",
    ),
    "ended": (
        "セッションが終了しました。もう一度サインインしてください。",
        "Your session has ended. Sign in again, and you go on where you were.",
    ),
    "signed_out": ("サインアウトしました。", "You have signed out."),
    "step_ended": (
        "時間切れになりました。もう一度サインインしてください。",
        "That took too long, or was tried too often. Sign in once more.",
    ),
    "link_ended": (
        "このリンクは使用済みか、期限が切れています。",
        "This link has been used, or is no longer good.",
    ),
    "password_set": (
        "新しいパスワードを設定しました。サインインしてください。",
        "Your new password is set. Sign in with it.",
    ),
    "second_step": ("2 段階目の確認", "One more step"),
    "second_step_lead": (
        "認証アプリに表示されている 6 桁のコードを入力してください。",
        "Type the six digits that your authenticator app shows.",
    ),
    "factor_code": ("確認コード", "Code"),
    "factor_code_help": (
        "認証アプリが手元にない場合は、リカバリーコードを入力できます。",
        "Without the app at hand, type one of your recovery codes.",
    ),
    "factor_wrong": (
        "コードが正しくないか、すでに使われています。新しいコードを入力してください。",
        "That code is not right, or was used already. Type the one that the app shows now.",
    ),
    "factor_too_many": (
        "間違いが続いたため、あと{wait}はコードを受け付けません。パスキーは使えます。",
        "There were too many wrong codes. Try again in {wait}, or use a passkey.",
    ),
    "factor_lost": (
        "どれも使えない場合は、オーナーに 2 段階認証の解除を依頼してください。",
        "If you have lost them all, ask an owner of the program to reset your second factor.",
    ),
    "go_on": ("続ける", "Go on"),
    "sign_in_again": ("最初からやり直す", "Begin anew"),
    "passkey_sign_in": ("パスキーでサインイン", "Sign in with a passkey"),
    "passkey_lead": (
        "この端末の指紋、顔、PIN などで本人確認をします。",
        "Your device asks for your fingerprint, your face or its PIN.",
    ),
    "passkey_use": ("パスキーを使う", "Use a passkey"),
    "passkey_failed": (
        "パスキーを使えませんでした。もう一度試すか、別の方法をお使いください。",
        "The passkey could not be used. Try again, or take another way.",
    ),
    "passkey_wrong": (
        "このパスキーではサインインできません。",
        "This passkey does not sign anybody in here.",
    ),
    "passkey_expired": (
        "時間切れになりました。もう一度お試しください。",
        "That took too long. Try once more.",
    ),
    "with_password": ("パスワードでサインイン", "Sign in with a password"),
    "password_lost": ("パスワードを忘れた場合", "I have lost my password"),
}
