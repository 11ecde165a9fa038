"""The words of the page for a chain's files. Pure."""

from server.faces.words import Words

FILES: Words = {
    "files": ("ファイルの読み込みと書き出し", "Bring in and take out"),
    "files_lead": (
        "店舗とジオフェンスを一つのファイルで扱えます。CSV、GeoJSON、Google マイマップの KML に対応しています。",
        "All stores and geofences in one file: a table (CSV), GeoJSON, or KML of Google My Maps.",
    ),
    "files_in": ("読み込む", "Bring in"),
    "files_choose": ("ファイル（CSV、GeoJSON、KML）", "A file (CSV, GeoJSON, KML)"),
    "files_choose_help": (
        "1 万行、20 MB まで。ファイルにない店舗やジオフェンスはそのまま残ります。",
        "Up to 10,000 rows and 20 MB. What is not in the file stays as it is.",
    ),
    "files_check": ("内容を確認する", "Check it first"),
    "files_import": ("読み込む", "Bring it in"),
    "files_out": ("書き出す", "Take out"),
    "files_csv": ("CSV（表計算ソフト）", "CSV, for a spreadsheet"),
    "files_geojson": ("GeoJSON（地図ソフト）", "GeoJSON, for maps"),
    "files_kml": ("KML（Google マイマップ、Google Earth）", "KML, for Google My Maps and Google Earth"),
    "parts": ("分割したファイル：{kind}", "In parts: {kind}"),
    "parts_lead": (
        "一つのファイルは 1 万行、20 MB までです。すべてのファイルを保存すると、全店舗がそろいます。",
        "A file holds up to 10,000 rows and 20 MB. Save all of them to have the whole chain.",
    ),
    "part": ("ファイル {number}", "Part {number}"),
    "part_rows": ("{count} 行", "{count} rows"),
    "file_unknown": (
        "CSV、GeoJSON、KML のいずれかのファイルを選んでください。",
        "Choose a CSV, GeoJSON or KML file.",
    ),
    "file_bad": (
        "何も読み込まれていません。次の行を直して、もう一度お試しください。",
        "Nothing was brought in. Mend these rows, and try again.",
    ),
    "file_rehearsed": (
        "まだ読み込んでいません。読み込むと次のようになります。",
        "Nothing is done yet. This is what it would do.",
    ),
    "file_done": ("読み込みました。", "Done."),
    "file_row": ("行", "Row"),
    "file_reason": ("理由", "Reason"),
    "file_more": ("ほか {count} 行", "And {count} more rows"),
    "stores_created": ("新しい店舗", "New stores"),
    "stores_changed": ("変わる店舗", "Changed stores"),
    "geofences_created": ("新しいジオフェンス", "New geofences"),
    "geofences_changed": ("変わるジオフェンス", "Changed geofences"),
    "unchanged": ("変わらないもの", "Unchanged"),
    "warnings": ("注意", "Worth a look"),
    "warning_small": ("半径が小さい", "Small radius"),
    "warning_overlap": ("別の店舗と重なる", "Over another store's"),
    "back_to_map": ("地図に戻る", "Back to the map"),
}
