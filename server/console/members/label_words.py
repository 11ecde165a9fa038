"""The words of the sheets of labels. Pure."""

from server.faces.words import Words

LABELS: Words = {
    "labels_of": ("{name} のラベル", "Labels of {name}"),
    "labels_lead": (
        "A4 のラベル用紙 24 面（横 70 mm、縦 37 mm）に合わせてあります。普通の紙に印刷して切り分けることもできます。",
        "Made for A4 sheets of 24 labels (70 x 37 mm). Plain paper does too: cut along the lines.",
    ),
    "labels_print": ("印刷する", "Print"),
    "labels_hint": (
        "倍率 100 %、余白なしで印刷してください。PDF として保存することもできます。",
        "Print at 100 % and without margins, or save it as a PDF.",
    ),
    "labels_shown": ("{first}〜{last} 枚目（全 {size} 枚）", "Labels {first} to {last} of {size}"),
    "labels_pages": ("ラベルのページ", "Pages of labels"),
    "labels_next": ("次の 120 枚", "The next 120"),
    "labels_back": ("前の 120 枚", "The 120 before"),
    "labels_qr": ("コード {code} の QR コード", "QR code of {code}"),
}
