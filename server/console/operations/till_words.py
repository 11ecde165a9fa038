"""The words of the pages about tills. Pure."""

from server.faces.words import Words

TILL_WORDS: Words = {
    "tills_lead": ("会員証を読み取るレジや端末です。", "The devices that scan cards in your stores."),
    "till": ("レジ", "Till"),
    "tills_none": ("まだレジがありません", "There are no tills yet"),
    "tills_none_help": ("店舗コードと名前を入力して追加します。", "Add one with its store's code and a name."),
    "till_new": ("レジを追加", "Add a till"),
    "till_name": ("名前", "Its name"),
    "till_name_help": ("例：入口のタブレット", "Such as: tablet at the entrance"),
    "till_store": ("店舗コード", "The store's code"),
    "till_make": ("追加する", "Add it"),
    "till_made": ("レジを追加しました。次に端末をペアリングしてください。", "The till is there. Now pair a device."),
    "till_unreadable": (
        "店舗コードが見つからないか、名前が使えません（1〜200 文字、文字の向きを変える記号は不可）。",
        "There is no such open store of yours, or the name is missing, too long, or holds hidden marks.",
    ),
    "till_ended": ("レジを停止しました。", "The till has ended."),
    "till_state_on": ("有効", "Active"),
    "till_state_off": ("停止", "Ended"),
    "back_to_tills": ("レジの一覧へ", "Back to the tills"),
    "pair": ("端末をペアリング", "Pair a device"),
    "pair_lead": (
        "端末のカメラで QR コードを読み取ります。5 分間、一度だけ使えます。前の端末は、そのとき使えなくなります。",
        "Scan the QR with the device. It is good once, for five minutes. The device before stops working then.",
    ),
    "pair_show": ("QR コードを表示", "Show the QR"),
    "pair_again": ("新しい QR コードを表示", "Show a new QR"),
    "pair_qr": ("ペアリング用の QR コード", "QR code for pairing"),
    "pair_until": ("有効期限", "Good until"),
    "pair_left": ("残り", "Left"),
    "pair_over": ("期限が切れました。新しい QR コードを表示してください。", "It is over. Show a new QR."),
    "till_end": ("このレジを停止する", "End this till"),
    "till_end_help": ("端末はすぐに使えなくなります。", "Its device stops working at once, for good."),
}
