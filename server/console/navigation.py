"""The console's menu: what stands in it, in which order, and who sees which entry. Pure."""

from collections.abc import Sequence

import msgspec

from server.console.page_access import PAGES
from server.web.roles import Role


class Entry(msgspec.Struct, frozen=True):
    """`word`: the name of its word, `path`: its page's. Whoever may open the page sees the entry."""

    word: str
    path: str


class Group(msgspec.Struct, frozen=True):
    word: str
    entries: Sequence[Entry]


MENU: Sequence[Group] = (
    Group("group_results", (Entry("overview", "/console/overview"), Entry("results", "/console/results"))),
    Group("group_places", (Entry("stores", "/console/stores"), Entry("map", "/console/map"))),
    Group(
        "group_campaigns",
        (
            Entry("campaigns", "/console/campaigns"),
            Entry("audiences", "/console/audiences"),
            Entry("calendar", "/console/calendar"),
        ),
    ),
    Group(
        "group_members",
        (
            Entry("members", "/console/members"),
            Entry("coupon_look_up", "/console/coupons"),
            Entry("paper_codes", "/console/coupons/paper"),
            Entry("erasures", "/console/members/erasures"),
            Entry("posters", "/console/posters"),
        ),
    ),
    Group(
        "group_operations",
        (
            Entry("tills", "/console/tills"),
            Entry("staff", "/console/staff"),
            Entry("imports", "/console/imports"),
            Entry("usage", "/console/usage"),
            Entry("health", "/console/health"),
            Entry("dead_letters", "/console/dead-letters"),
            Entry("program_settings", "/console/program"),
            Entry("providers", "/console/providers"),
            Entry("audit", "/console/audit"),
        ),
    ),
)


class ShownEntry(msgspec.Struct, frozen=True):
    word: str
    path: str
    is_current: bool


class ShownGroup(msgspec.Struct, frozen=True):
    word: str
    entries: Sequence[ShownEntry]


def show_menu(role: Role, path: str) -> list[ShownGroup]:
    """`path`: of the page that is shown; the entry whose page it is, or is below, is the current one."""
    current = max((each.path for group in MENU for each in group.entries if _is_at(path, each)), key=len, default="")
    shown = (
        ShownGroup(
            group.word,
            [ShownEntry(each.word, each.path, each.path == current) for each in group.entries if _may_open(role, each)],
        )
        for group in MENU
    )
    return [group for group in shown if group.entries]


def _may_open(role: Role, entry: Entry) -> bool:
    return role in PAGES["GET", entry.path]


def _is_at(path: str, entry: Entry) -> bool:
    return path == entry.path or path.startswith(f"{entry.path}/")
