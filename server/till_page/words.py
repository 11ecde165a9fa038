"""The words of the till's page. Pure."""

from server.faces.words import Words

TILL: Words = {
    "till": ("レジ", "Till"),
    "title": ("この端末をレジにできるか試す", "Can this device be a till?"),
    "lead": (
        "{program}のカードを読み取るために必要な機能を、この端末で実際に試します。何も送信されません。",
        "What a till of {program} needs is tried out on this device. Nothing is sent anywhere.",
    ),
    "no_script": (
        "この確認には JavaScript が必要です。ブラウザーの設定で有効にしてください。",
        "The trial needs JavaScript. Switch it on in the browser's settings.",
    ),
    "trying": ("確認中…", "Trying …"),
    "yes": ("使えます", "Works"),
    "no": ("使えません", "Does not work"),
    "fit": ("この端末はレジとして使えます。", "This device can be a till."),
    "unfit": (
        "この端末ではレジに必要な機能が足りません。ブラウザーを最新版に更新するか、別の端末をお試しください。",
        "This device lacks what a till needs. Bring its browser up to date, or try another device.",
    ),
    "needed": ("必要な機能", "Needed"),
    "handy": ("あると便利な機能", "Handy"),
    "handy_lead": (
        "なくても、バーコードスキャナーや番号の入力で使えます。",
        "Without these a barcode scanner or typed numbers will do.",
    ),
    "cards": ("カードの署名の確認", "Verifying cards"),
    "cards_help": ("P-256（WebCrypto）", "P-256, by WebCrypto"),
    "certificates": ("カードの証明書の確認", "Verifying cards' certificates"),
    "certificates_help": ("Ed25519（WebCrypto）", "Ed25519, by WebCrypto"),
    "keeping": ("オフラインの記録の保存", "Keeping what was scanned offline"),
    "keeping_help": ("IndexedDB に書き込み", "IndexedDB, by writing to it"),
    "offline": ("オフラインでの起動", "Starting without a network"),
    "offline_help": ("Service Worker と安全な接続", "Service workers and a secure connection"),
    "clock": ("時計の正確さ", "A clock that is right"),
    "clock_help": ("サーバーとの差が 1 分未満", "Less than a minute from the server's"),
    "camera": ("カメラ", "A camera"),
    "camera_help": ("この端末に接続されたもの", "Of this device"),
    "reader": ("QR コードの読み取り", "Reading QR codes"),
    "reader_help": ("ブラウザーの BarcodeDetector", "The browser's own BarcodeDetector"),
}
