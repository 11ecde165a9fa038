"""The words of the audit trail. Pure."""

from server.faces.words import Words

AUDIT_WORDS: Words = {
    "audit_lead": (
        "だれが、いつ、何を変更したかの記録です。新しい順に表示しています。",
        "Who changed what, and when. The newest stands first.",
    ),
    "audit_none": ("まだ記録がありません。", "Nothing was changed yet."),
    "who": ("だれが", "Who"),
    "what": ("操作", "What"),
    "on_what": ("対象", "To what"),
    "when": ("いつ", "When"),
    "everybody": ("全員の記録を表示", "Show everybody's"),
}
