"""What every page about one member has: whose it is, its tabs, and what may be done there."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response

from cards import cards_repository
from cards.card import Card
from ids import MemberId
from kit.database import Connection
from members.aliases_repository import find_survivors
from members.member import Member
from members.profiles_repository import find_profile
from programs.staff_repository import Session
from server.console.members.care_words import CARE
from server.console.members.words import MEMBERS
from server.console.permissions import may_open
from server.console.viewing import Viewing, open_viewing
from server.faces.pages import PageRequest
from server.faces.words import Words
from server.web.access import ROUTES
from server.web.scoping import find_member_of
from server.web.services import Services

# Each tab with its page, from the left.
TABS: Mapping[str, str] = {
    "overview": "/console/members/{member_id}",
    "visits": "/console/members/{member_id}/visits",
    "points": "/console/members/{member_id}/points",
    "coupons": "/console/members/{member_id}/coupons",
    "messages": "/console/members/{member_id}/messages",
    "why": "/console/members/{member_id}/why",
    "account": "/console/members/{member_id}/account",
}


class MemberPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page about `member`, whom the staff may see."""

    viewing: Viewing
    member: Member
    name: str | None
    kana: str | None
    card: Card | None
    survivor_id: MemberId | None
    knows_names: bool
    tab: str

    def show(
        self, *, status: int = 200, template: str | None = None, words: Words | None = None, **values: Any
    ) -> Response[str]:
        """`words`: the page's own, beside those of all pages about members."""
        staff = self.viewing.staff
        return self.viewing.show(
            f"console/members/{template or self.tab}.html",
            {**MEMBERS, **CARE, **(words or {})},
            status=status,
            member=self.member,
            member_name=self.name,
            member_kana=self.kana,
            card=self.card,
            survivor_id=self.survivor_id,
            knows_names=self.knows_names,
            tab=self.tab,
            tabs=[tab for tab, path in TABS.items() if may_open(staff, path)],
            done=_told(self.viewing.request, words or {}),
            **values,
        )


async def open_member(
    conn: Connection, request: PageRequest, services: Services, staff: Session, member_id: MemberId, tab: str
) -> MemberPage:
    """Raises Problem. Who may not know who members are is told no name and no number of a card (ADR 0101)."""
    member = await find_member_of(conn, staff, member_id)
    knows_names = staff.role in ROUTES["GET", "/v1/members/{member_id}/profile"]
    kept = await find_profile(conn, member_id) if knows_names else None
    return MemberPage(
        viewing=await open_viewing(conn, request, services, staff),
        member=member,
        name=None if kept is None else kept.profile.name,
        kana=None if kept is None else kept.profile.kana,
        card=await cards_repository.find_card(conn, member_id) if knows_names else None,
        knows_names=knows_names,
        survivor_id=(await find_survivors(conn, [member_id])).get(member_id),
        tab=tab,
    )


def member_url(member_id: MemberId, tab: str = "overview") -> str:
    base = f"/console/members/{member_id}"
    return base if tab == "overview" else f"{base}/{tab}"


def _told(request: PageRequest, words: Words) -> str | None:
    """What was just done, as the address after a form says it."""
    told = request.query_params.get("done", "")
    return told if f"done_{told}" in {**MEMBERS, **CARE, **words} else None
