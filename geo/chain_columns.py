"""Which heading of a file is which column of a chain: our own names, and those that people write. Pure.

A heading is in the list only where it can mean nothing else in such a file.
"""

from collections.abc import Sequence

from geo.chain_rows import COLUMNS, UnreadableFile
from kit.text_files import simplify_heading

_KNOWN_AS = {
    "store_code": "店舗コード 店コード 店舗番号 店番 店舗ID storeid",
    "store_name": "店舗名 店名 店舗名称 store",
    "time_zone": "タイムゾーン timezone tz",
    "store_address": "住所 店舗住所 所在地 address",
    "store_phone": "電話 電話番号 店舗電話番号 TEL phone telephone",
    "store_lat": "店舗緯度 storelatitude",
    "store_lon": "店舗経度 storelongitude storelng",
    "opening_hours": "営業時間 hours businesshours",
    "day_start_hour": "営業日開始時刻 日替わり時刻",
    "store_groups": "店舗グループ 地区 地域",
    "geofence_id": "ジオフェンスID",
    "geofence_name": "ジオフェンス名 ジオフェンス geofence",
    "lat": "緯度 latitude",
    "lon": "経度 longitude lng",
    "radius_m": "半径 半径m radius",
    "area": "エリア 範囲 ポリゴン polygon",
    "exit_margin_m": "退出余裕",
    "exit_confirm_s": "退出確認秒数",
    "exit_confirm_fixes": "退出確認回数",
    "dwell_s": "滞在秒数",
    "report_crossings": "通過通知",
}


_BY_HEADING = {simplify_heading(name): name for name in COLUMNS} | {
    simplify_heading(heading): column for column, headings in _KNOWN_AS.items() for heading in headings.split()
}


def find_column(heading: str) -> str | None:
    return _BY_HEADING.get(simplify_heading(heading))


def map_headings(headings: Sequence[str]) -> dict[str, str]:
    """The column of each heading, in order. Raises UnreadableFile for one that is unknown or claimed twice."""
    if unknown := [heading for heading in headings if find_column(heading) is None]:
        raise UnreadableFile(f"Remove or rename the columns {', '.join(map(repr, unknown))}; see docs/chains.md.")
    columns: dict[str, str] = {}
    for heading in headings:
        column = str(find_column(heading))
        if column in columns.values():
            other = next(each for each in columns if columns[each] == column)
            raise UnreadableFile(f"The columns {other!r} and {heading!r} are both {column}; remove one of them.")
        columns[heading] = column
    if "store_code" not in columns.values():
        raise UnreadableFile(
            "Put the names of the columns into the first row, with store_code or 店舗コード among them."
        )
    return columns


def name_cell(column: str, columns: dict[str, str]) -> str:
    """A column as the file calls it."""
    heading = next((each for each, of in columns.items() if of == column), column)
    return column if heading == column else f"{heading} ({column})"
