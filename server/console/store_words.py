"""The words of the list of stores. Pure."""

from server.faces.words import Words

STORES: Words = {
    "stores_all": ("すべての店舗を、新しい順に表示しています。", "All stores, the newest first."),
    "stores_own": ("担当している店舗を、新しい順に表示しています。", "The stores that you manage, the newest first."),
    "store_add": ("店舗を追加", "Add a store"),
    "store_closed": ("閉店しました。", "The store is closed for good."),
    "stores_none": ("まだ店舗がありません", "There are no stores yet"),
    "stores_none_help": (
        "ひとつずつ追加するか、CSV や GeoJSON のファイルからまとめて読み込めます。",
        "Add them one by one, or bring them all at once from a CSV or GeoJSON file.",
    ),
    "stores_none_of_yours": (
        "担当の店舗が登録されていません。オーナーに割り当てを依頼してください。",
        "No store is yours yet. Ask an owner to give you some.",
    ),
    "address": ("住所", "Address"),
    "groups": ("グループ", "Groups"),
    "open": ("営業中", "Open now"),
    "shut": ("営業時間外", "Closed now"),
    "closed": ("閉店", "Closed for good"),
}
