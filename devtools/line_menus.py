"""What LINE's double keeps of a channel's rich menus."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import msgspec

Json = dict[str, Any]
# The status, and the body or what LINE says to a refusal.
Said = tuple[int, Json]

_MOST_PICTURE_BYTES = 1_000_000


@dataclass
class RichMenus:
    """`menus` by id; `of_user`: whose phone shows which of them; `default`: what everybody else sees."""

    menus: dict[str, Json] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    of_user: dict[str, str] = field(default_factory=dict)
    default: str | None = None

    def shown(self, user_id: str) -> Json | None:
        """The menu that the person's phone shows."""
        menu_id = self.of_user.get(user_id, self.default)
        return None if menu_id is None else self.menus.get(menu_id)

    def answer(self, method: str, path: str, body: bytes) -> Said | None:
        """None for a path that is about something else."""
        parts = path.removeprefix("/v2/bot/").split("/")
        match (method, parts):
            case ("POST", ["richmenu"]):
                return self._create(msgspec.json.decode(body))
            case ("POST", ["richmenu", menu_id, "content"]):
                return self._keep_picture(menu_id, body)
            case ("DELETE", ["richmenu", menu_id]):
                return (200, {}) if self.menus.pop(menu_id, None) else _no(404, "Not found")
            case ("GET", ["richmenu", "list"]):
                return 200, {"richmenus": [{"richMenuId": each, **menu} for each, menu in self.menus.items()]}
            case (_, ["user", "all", "richmenu", *menu_id]):
                return self._set_default(menu_id)
            case ("POST", ["user", user_id, "richmenu", menu_id]):
                return self._link(user_id, menu_id)
            case ("DELETE", ["user", user_id, "richmenu"]):
                self.of_user.pop(user_id, None)
                return 200, {}
        return None

    def _create(self, menu: Json) -> Said:
        size, areas = menu["size"], menu["areas"]
        if not 800 <= size["width"] <= 2500 or size["height"] < 250 or size["width"] / size["height"] < 1.45:
            return _no(400, "The size is not one that a rich menu may have")
        if len(areas) > 20 or len(menu["chatBarText"]) > 14 or len(menu["name"]) > 300:
            return _no(400, "The request body has 1 error(s)")
        menu_id = "richmenu-" + secrets.token_hex(16)
        self.menus[menu_id] = menu
        return 200, {"richMenuId": menu_id}

    def _keep_picture(self, menu_id: str, body: bytes) -> Said:
        if menu_id not in self.menus:
            return _no(404, "Not found")
        if len(body) > _MOST_PICTURE_BYTES or not body.startswith((b"\x89PNG", b"\xff\xd8")):
            return _no(400, "The picture is not one that a rich menu may have")
        self.pictures[menu_id] = body
        return 200, {}

    def _set_default(self, menu_id: list[str]) -> Said:
        if not menu_id:
            self.default = None
            return 200, {}
        if menu_id[0] not in self.pictures:
            return _no(400, "must upload richmenu image before applying it to user")
        self.default = menu_id[0]
        return 200, {}

    def _link(self, user_id: str, menu_id: str) -> Said:
        if menu_id not in self.pictures:
            return _no(404, "richmenu not found")
        self.of_user[user_id] = menu_id
        return 200, {}


def _no(status: int, message: str) -> Said:
    return status, {"message": message}
