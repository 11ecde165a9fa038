"""The words of the page on which a member gets a copy of their data. Pure."""

from server.faces.words import Words

EXPORT: Words = {
    "export_lead": (
        "保存している本人のデータすべてを、ひとつのファイル（ZIP）でお渡しします。会員証のページでも本人が受け取れます。",
        "All that is stored about the member, in one file (ZIP), for who asks and cannot use the card's page.",
    ),
    "export_first": ("1. 確認コードを送る", "1. Have a code sent"),
    "export_first_lead": (
        "本人の確認済みの連絡先にコードが届きます。番号やアドレスはここには表示されません。",
        "It goes to a confirmed contact of the member, which is not shown here.",
    ),
    "export_send": ("{kind}にコードを送る", "Send a code by {kind}"),
    "kind_phone": ("電話番号（SMS）", "text message"),
    "kind_email": ("メール", "e-mail"),
    "export_no_contact": (
        "この会員には確認済みの連絡先がありません。本人のスマートフォンの会員証のページから受け取れます。",
        "This member has no confirmed contact. They get the copy on their own phone, from the card's page.",
    ),
    "export_second": ("2. 本人から聞いたコードを入力する", "2. Type the code that the member tells you"),
    "export_second_lead": (
        "コードは 10 分間、一度だけ使えます。ファイルを受け取ると、本人のすべての連絡先にお知らせが届きます。",
        "It is good once, for ten minutes. With the file, every contact of the member is told of it.",
    ),
    "export_code": ("6 桁のコード", "The six digits"),
    "export_go": ("ファイルを受け取る", "Get the file"),
    "export_care": (
        "ファイルには連絡先や購入履歴が読める形で入っています。本人に渡したら、この端末から削除してください。",
        "The file holds contacts and purchases as they are: hand it to the member, and delete it from this device.",
    ),
    "done_code": ("コードを送りました。", "The code is on its way."),
    "code_unreadable": ("6 桁の数字を入力してください。", "Type the six digits of the code."),
    "code_wrong": (
        "コードが違います。本人にもう一度確認してください。",
        "That is not the code: ask the member to read it once more.",
    ),
    "code_over": (
        "このコードはもう使えません。新しいコードを送ってください。",
        "That code is over. Have a new one sent.",
    ),
    "no_contact": (
        "コードを送れる確認済みの連絡先がありません。",
        "There is no confirmed contact to which a code could go.",
    ),
    "no_channel": (
        "この連絡先に送る手段が設定されていません。もう一方をお試しください。",
        "There is no way set up to send to that contact. Try the other kind.",
    ),
    "contact_too_new": (
        "連絡先は、確認から 3 日たつまで本人確認に使えません。後日お試しください。",
        "A contact proves nothing in its first three days. Try again later.",
    ),
    "too_often": (
        "短い時間に何度も行われました。しばらく待ってからお試しください。",
        "That was often in a short time. Wait a while, and try again.",
    ),
    "nothing_to_export": (
        "この会員は統合または消去されています。渡せるデータはありません。",
        "The member has become another one, or was erased: there is nothing to hand out.",
    ),
}
