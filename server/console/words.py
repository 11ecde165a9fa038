"""The words around every page of the console. Pure."""

from server.faces.words import Words

FRAME: Words = {
    "sign_out": ("サインアウト", "Sign out"),
    "navigation": ("メニュー", "Menu"),
    "connection_lost": (
        "サーバーに接続できませんでした。接続を確認して、もう一度お試しください。",
        "The server could not be reached. Check the connection, and try again.",
    ),
    "owner": ("オーナー", "Owner"),
    "store_manager": ("店長", "Store manager"),
    "account": ("アカウント", "Your account"),
    "members": ("会員", "Members"),
    "posters": ("ポスター", "Posters"),
    "coupon_look_up": ("クーポンを調べる", "Look up a coupon"),
    "erasures": ("データの消去", "Erasures"),
    "overview": ("今日のようす", "Today"),
    "results": ("キャンペーンの結果", "What campaigns brought"),
    "stores": ("店舗", "Stores"),
    "campaigns": ("キャンペーン", "Campaigns"),
    "map": ("地図", "Map"),
    "audiences": ("対象者", "Audiences"),
    "marketer": ("マーケティング担当", "Marketer"),
    "analyst": ("分析担当", "Analyst"),
    "group_places": ("店舗と地図", "Places"),
    "group_campaigns": ("キャンペーン", "Campaigns"),
    "group_results": ("成果", "Results"),
    "group_members": ("会員", "Members"),
    "group_operations": ("運営", "Operations"),
    "not_yours": ("このページは、現在の権限では開けません", "Your role does not open this page"),
    "not_yours_lead": (
        "必要な場合は、オーナーに権限の変更を依頼してください。",
        "If you need it, ask an owner of the program to change your role.",
    ),
    "to_start": ("最初のページへ", "To the first page"),
    "store": ("店舗", "Store"),
    "code": ("コード", "Code"),
    "phone": ("電話", "Phone"),
    "state": ("状態", "State"),
    "unknown": ("未登録", "Not told"),
    "first": ("最初のページへ", "Back to the newest"),
}
