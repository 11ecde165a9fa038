"""What requests and answers about profiles and attributes look like, for the API's description."""

from collections.abc import Mapping

from server.description.examples import MEMBER_ID, SCAN_ID, Example

_PROFILE = {
    "name": "佐藤 花子",
    "kana": "サトウ ハナコ",
    "nickname": "はな",
    "birthday": {"month": 2, "day": 29, "year": 1996},
    "gender": "female",
    "postal_code": "1600022",
    "prefecture": 13,
    "city": "新宿区",
    "job": "employee",
    "income_band": "4m_to_6m",
    "time_zone": None,
    "locale": "ja",
    "attributes": {"shoe_size": 24.5},
    "version": 3,
    "updated_at": "2026-10-12T03:30:00Z",
}
_CHANGE = {
    "kana": "さとう はなこ",
    "birthday": {"month": 2, "day": 29, "year": 1996},
    "postal_code": "160-0022",
    "nickname": None,
    "attributes": {"shoe_size": 24.5},
}
_TAGS = {"tags": ["monitor 2026", "プレス"]}
_ATTRIBUTE = {
    "key": "shoe_size",
    "kind": "number",
    "is_standard": False,
    "label": {"ja": "靴のサイズ", "en": "Shoe size in cm"},
    "choices": [],
    "writers": ["member", "staff", "till"],
    "is_profiling": False,
    "removed_at": None,
}
_NEW = {
    "key": "allergies",
    "kind": "many_of",
    "label": {"ja": "アレルギー", "en": "Allergies"},
    "choices": [
        {"key": "egg", "label": {"ja": "卵", "en": "Eggs"}},
        {"key": "milk", "label": {"ja": "乳", "en": "Milk"}},
    ],
    "writers": ["member", "staff"],
    "is_profiling": True,
}
_GENDER = {
    "key": "gender",
    "kind": "one_of",
    "is_standard": True,
    "label": {"ja": "性別", "en": "Gender"},
    "choices": [
        {"key": "female", "label": {"ja": "女性", "en": "Female"}},
        {"key": "male", "label": {"ja": "男性", "en": "Male"}},
        {"key": "other", "label": {"ja": "その他", "en": "Other"}},
        {"key": "undisclosed", "label": {"ja": "回答しない", "en": "Prefers not to say"}},
    ],
    "writers": ["import", "member", "staff"],
    "is_profiling": True,
    "removed_at": None,
}

EXAMPLES: Mapping[str, Example] = {
    "getMemberTags": Example(answer=_TAGS),
    "setMemberTags": Example(request=_TAGS, answer=_TAGS),
    "listTags": Example(answer={"items": [{"tag": "monitor 2026", "members": 48}]}),
    "exportMemberList": Example(request={"text": "佐藤"}),
    "tagMembers": Example(
        request={"member_ids": [MEMBER_ID], "add": ["monitor 2026"], "remove": ["monitor 2025"]}, answer={"changed": 1}
    ),
    "getMyProfile": Example(answer=_PROFILE),
    "updateMyProfile": Example(request=_CHANGE, answer=_PROFILE | {"nickname": None}),
    "getMemberProfile": Example(answer=_PROFILE),
    "updateMemberProfile": Example(request=_CHANGE, answer=_PROFILE | {"nickname": None}),
    "listAttributes": Example(answer={"items": [_GENDER, _ATTRIBUTE]}),
    "listMyAttributes": Example(answer={"items": [_GENDER, _ATTRIBUTE]}),
    "writeAttributes": Example(
        request={"member_id": MEMBER_ID, "scan_id": SCAN_ID, "attributes": {"shoe_size": 24.5}},
        answer={"member_id": MEMBER_ID, "attributes": {"shoe_size": 24.5}},
    ),
    "createAttribute": Example(request=_NEW, answer=_NEW | {"is_standard": False, "removed_at": None}),
    "updateAttribute": Example(request={"label": _ATTRIBUTE["label"]}, answer=_ATTRIBUTE),
}
