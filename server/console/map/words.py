"""The words of the console's map. Pure."""

from server.faces.words import Words

MAP: Words = {
    "map_lead": (
        "店舗とジオフェンスを地図で確認し、描いたり動かしたりできます。",
        "See your stores and geofences, draw new ones, and move the ones that are there.",
    ),
    "map_canvas": ("店舗とジオフェンスの地図", "A map of stores and geofences"),
    "live": ("来店のようすを表示", "Show who comes in"),
    "live_none": (
        "直前の 5 分間に、10 人以上が入った場所はありません。",
        "In the five minutes before, no place had ten people or more.",
    ),
    "live_some": (
        "直前の 5 分間：およそ {people} 人（10 人単位。10 人未満の場所は表示しません）",
        "In the five minutes before: about {people} people, in tens; places with fewer than ten are not shown.",
    ),
    "live_ended": (
        "セッションが終了しました。ページを開き直してください。",
        "Your session has ended. Open the page anew.",
    ),
    "zoom_in": ("拡大", "Zoom in"),
    "zoom_out": ("縮小", "Zoom out"),
    "map_help": (
        "矢印キーで移動、+ と - のキーで拡大・縮小できます。一覧と入力欄だけでも、すべての操作ができます。",
        "Arrow keys move it, + and - zoom. All that the map does can also be done in the list and the form.",
    ),
    "map_none": (
        "このブラウザーでは地図を表示できません（WebGL が必要です）。一覧と入力欄はそのまま使えます。",
        "This browser cannot show the map (it needs WebGL). The list and the forms work all the same.",
    ),
    "map_waits": ("地図を読み込んでいます…", "The map is being loaded…"),
    "base_lost": (
        "背景地図を読み込めませんでした。店舗とジオフェンスは表示されています。",
        "The base map could not be loaded. Stores and geofences are shown all the same.",
    ),
    "tools": ("地図の操作", "Tools of the map"),
    "draw_circle": ("円を描く", "Draw a circle"),
    "draw_area": ("多角形を描く", "Draw an area"),
    "draw_undo": ("元に戻す", "Undo"),
    "draw_redo": ("やり直す", "Redo"),
    "draw_cancel": ("描くのをやめる", "Stop drawing"),
    "draw_circle_how": (
        "中心をクリックし、ふちの位置でもう一度クリックします。",
        "Click where its middle is, then where its edge is.",
    ),
    "draw_area_how": (
        "角を順にクリックし、最初の角をもう一度クリックして閉じます。",
        "Click its corners one after another, and the first one again to close it.",
    ),
    "draw_change_how": (
        "中をドラッグすると移動、ふちの点をドラッグすると大きさや形が変わります。",
        "Drag the shape to move it, and the points at its edge to resize it.",
    ),
    "draw_typed_how": (
        "穴や離れた部分がある形、経度 180 度をまたぐ形は、座標の欄で変更します。",
        "An area with holes or several parts, or across 180 degrees, is changed by its coordinates.",
    ),
    "fences": ("ジオフェンス", "Geofences"),
    "fences_lead": ("新しい順に表示しています。", "The newest first."),
    "fences_none": ("まだジオフェンスがありません", "There are no geofences yet"),
    "fences_none_help": (
        "店舗のまわりに円か多角形を描くと、来店がわかるようになります。地図でも、数字の入力でも描けます。",
        "Draw a circle or an area around a store to learn who comes. On the map, or by typing coordinates.",
    ),
    "fence_new": ("ジオフェンスを追加", "Add a geofence"),
    "fence_by_numbers": ("座標を入力して追加", "Add one by coordinates"),
    "to_files": ("ファイルの読み込みと書き出し", "Bring in and take out a file"),
    "back_to_list": ("一覧に戻る", "Back to the list"),
    "fence_name": ("名前", "Name"),
    "kind": ("形", "Shape"),
    "circle": ("円", "Circle"),
    "area": ("多角形", "Area"),
    "lat": ("緯度", "Latitude"),
    "lon": ("経度", "Longitude"),
    "radius_m": ("半径（m）", "Radius in metres"),
    "area_text": ("多角形の座標", "Coordinates of the area"),
    "area_text_help": (
        "GeoJSON（Polygon、MultiPolygon）か WKT で書きます。経度、緯度の順です。",
        "GeoJSON (Polygon, MultiPolygon) or WKT, each longitude first.",
    ),
    "store_code": ("店舗コード", "Code of its store"),
    "store_code_help": (
        "この店舗のジオフェンスになります。あとから変えることはできません。",
        "The store that it belongs to, for good.",
    ),
    "finer": ("細かい設定", "Finer settings"),
    "finer_help": ("ふつうの店舗では変える必要がありません。", "An ordinary shop leaves these as they are."),
    "exit_margin_m": ("退出とみなす距離（m）", "Metres outside that count for an exit"),
    "exit_confirm_s": ("退出の確認（秒）", "Seconds outside that confirm an exit"),
    "exit_confirm_fixes": ("退出の確認（測位の回数）", "Fixes outside that confirm an exit"),
    "dwell_s": ("滞在とみなす時間（秒）", "Seconds inside that count as dwelling"),
    "report_crossings": ("通り抜けも記録する", "Record who only passes through"),
    "save": ("保存", "Save"),
    "saved": ("保存しました。", "Saved."),
    "removed": ("削除しました。", "Removed."),
    "remove": ("削除", "Remove"),
    "remove_sure": (
        "このジオフェンスを削除します。元に戻すことはできません。",
        "This geofence is removed. That cannot be undone.",
    ),
    "not_saved": ("保存できませんでした", "It has not been saved"),
    "verdict_good": ("このまま使えます。", "It can be used as it is."),
    "verdict_small": (
        "半径が {least} m 未満です。屋内のスマートフォンの位置は 50 m ほどずれるため、来店を見逃すことがあります。",
        "Its radius is below {least} m. Phones indoors are often 50 m off, so it may miss people.",
    ),
    "verdict_overlap": (
        "別の店舗のジオフェンスと重なっています：",
        "It shares ground with a geofence of another store:",
    ),
    "overlap_unseen": ("担当外の店舗", "a store that is not yours"),
    "radius_advised": (
        "目安は {least} m 以上です。この場所での測位の精度は記録していないため、不明です。",
        "{least} m or more is advised. How exact phones are at this place is unknown: that is not recorded.",
    ),
    "reach": (
        "この範囲にあるジオフェンスに過去 30 日で入った人：およそ {people} 人",
        "People who came into the geofences here in the past 30 days: about {people}",
    ),
    "reach_few": (
        "この範囲にあるジオフェンスに過去 30 日で入った人：10 人未満",
        "People who came into the geofences here in the past 30 days: fewer than 10",
    ),
    "reach_unknown": (
        "この範囲に何人来るかは不明です。まだジオフェンスがなく、位置そのものは保存していません。",
        "How many people come here is unknown: no geofence was here, and places as such are not kept.",
    ),
    "fault_missing": ("入力してください。", "Fill this in."),
    "fault_number": ("数字で入力してください。", "Write a number."),
    "fault_name": (
        "名前は 200 文字までです。文字の向きを変える見えない記号は使えません。",
        "Up to 200 letters, without hidden marks that turn the direction of writing: type the name anew.",
    ),
    "fault_bounds": ("この値は使えません。範囲を確認してください。", "This value is out of bounds."),
    "fault_area": (
        "GeoJSON か WKT として読み取れません。",
        "This is neither GeoJSON nor WKT.",
    ),
    "fault_store": (
        "この店舗コードの営業中の店舗が見つかりません。",
        "There is no open store of yours with this code.",
    ),
    "fault_shape": ("形を直してください：", "Mend the shape:"),
    "gone": (
        "編集中に、ほかの人がこのジオフェンスを削除しました。保存すると、新しいジオフェンスとして登録されます。",
        "Somebody else has removed this geofence meanwhile. Save it to make it anew.",
    ),
    "conflict": (
        "編集中に、ほかの人がこの内容を変更しました。どちらを残すか選んでください。",
        "Somebody else has changed this while you did. Choose which one stays.",
    ),
    "conflict_yours": ("あなたの内容", "Yours"),
    "conflict_theirs": ("保存されている内容", "As it is saved now"),
    "keep_yours": ("あなたの内容で上書きする", "Save yours over it"),
    "keep_theirs": ("保存されている内容に戻す", "Take the saved one"),
}
