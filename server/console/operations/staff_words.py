"""The words of the pages about the staff. Pure."""

from server.faces.words import Words

STAFF_WORDS: Words = {
    "staff_lead": ("管理画面を使う人と、その権限です。", "Who works with this console, and what each may do."),
    "person": ("名前", "Name"),
    "email": ("メールアドレス", "E-mail address"),
    "role": ("権限", "Role"),
    "stores_of": ("担当店舗のコード", "Codes of their stores"),
    "stores_of_help": (
        "店長のみ。スペースまたはカンマで区切ってください。",
        "For a store manager only, with spaces or commas between them.",
    ),
    "role_help": (
        "オーナー：すべて。店長：担当店舗。マーケティング担当：キャンペーン。分析担当：数字のみ（連絡先は表示されません）。",
        "Owner: everything. Store manager: their stores. Marketer: campaigns. Analyst: figures, and nobody's contacts.",
    ),
    "invite": ("招待する", "Invite somebody"),
    "invite_lead": (
        "パスワードを決めるリンクを、7 日間有効のメールで送ります。",
        "They get an e-mail with a link, good for seven days, and choose their own password.",
    ),
    "invite_send": ("招待メールを送る", "Send the invitation"),
    "invited": ("招待メールを送りました。", "The invitation is on its way."),
    "email_taken": (
        "このメールアドレスは、すでに登録されています。",
        "Somebody of this program has this e-mail address already.",
    ),
    "last_owner": (
        "オーナーが一人もいなくなるため、変更できません。",
        "A program needs an owner. Name another one first.",
    ),
    "stores_unknown": ("店舗コードが見つかりません。", "There is no open store with one of these codes."),
    "person_unreadable": (
        "名前（文字の向きを変える見えない記号は不可）、メールアドレス、権限をご確認ください。",
        "Check the name (no hidden marks that turn the direction of writing), the e-mail address and the role.",
    ),
    "no_mail": (
        "このサーバーからは招待メールを送れません。管理者に設定を依頼してください。",
        "No invitation can be sent from this server. Ask whoever runs it for e-mail.",
    ),
    "works": ("有効", "Active"),
    "waits": ("招待中", "Invited"),
    "lapsed": ("招待の期限切れ", "Invitation over"),
    "left": ("停止", "Ended"),
    "demand": ("全員に 2 段階認証を求める", "Demand a second factor of everybody"),
    "demand_on": ("全員に必要です。", "Everybody needs one."),
    "demand_off": ("各自の判断に任せています。", "It is up to each."),
    "demand_help": (
        "未登録の人は、登録するまでほかのページを開けません。API も同じです。",
        "Who has none opens no other page until there is one. The same holds for the API.",
    ),
    "demand_end": ("必須をやめる", "Demand it no more"),
    "saved": ("保存しました。", "It is saved."),
    "save": ("保存", "Save"),
    "back_to_staff": ("スタッフの一覧へ", "Back to the staff"),
    "invite_again": ("招待メールを送り直す", "Send the invitation again"),
    "invited_until": ("招待の期限", "The invitation is good until"),
    "factors": ("2 段階認証", "Second factor"),
    "factors_none": ("登録されていません。", "None yet."),
    "factors_some": ("登録済みです。", "There is one."),
    "factors_reset": ("2 段階認証を解除しました。", "Their second factor is reset, and they are signed out."),
    "factors_reset_do": ("2 段階認証を解除する", "Reset it"),
    "factors_reset_help": (
        "電話をなくした人のために。本人であることを確かめてから解除してください。",
        "For who has lost the phone. Make sure that it is really them.",
    ),
    "end_person": ("利用を停止する", "End their access"),
    "end_person_help": (
        "すぐにサインアウトされ、二度とサインインできません。記録は残ります。",
        "They are signed out at once, for good. What they did stays in the audit trail.",
    ),
    "person_ended": ("利用を停止しました。", "Their access has ended."),
    "trail_of": ("この人の操作記録", "What they did"),
}
