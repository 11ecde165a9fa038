"""What a member sees through their device: themself, coupons and visits."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, put
from litestar.params import FromPath, JSONBody, QueryParameter

from audiences.facts_repository import open_facts
from coupons import coupons_repository
from geo import presences_repository
from ids import CouponId, DeviceId, MemberId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.locales import Locale
from kit.pages import Page, make_page
from members import handles_repository, members_repository
from members.aliases_repository import history_ids
from members.consent import Consent
from members.contacts import unseal_contact
from members.device import Device
from members.opt_ins_repository import has_opt_in
from members.personal_repository import find_erasure_due_at
from server.accounts.close import close
from server.accounts.member_routes import ConsentChoice, stamp_consents
from server.accounts.own_coupons import require_coupon
from server.alerts.alert_all import tell_all
from server.alerts.tell_contacts import Addressee, Telling
from server.campaigns.coupon_views import Coupon, view_coupon
from server.mail.opt_in import ask_for_opt_in, hold_back_email
from server.problems import not_found
from server.web.auth import Call
from server.web.dependencies import DaysDependency, DeviceDependency, PageDependency, ServicesDependency
from server.web.device_guard import lock_active_device
from server.web.fields import Body
from server.web.services import Services
from server.web.writes import write
from visits import visits_repository
from visits.visit import MemberVisit

UsableOnly = Annotated[bool, QueryParameter(name="usable", description="only those that can be redeemed now")]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The member of this device."""

    member_id: MemberId
    """The id of the member."""
    device_id: DeviceId
    """The id of this device."""
    locale: Locale
    """The language of this device."""
    app_version: str | None
    """The version of the app on this device, as the app has told it. Null: it has told none."""
    consents: list[Consent]
    """The newest consent on each purpose."""
    created_at: datetime
    """When they joined."""
    phone: str | None
    """Their confirmed phone number in E.164. A member without `phone` and `email` is anonymous."""
    email: str | None
    """Their confirmed e-mail address."""
    is_email_asked: bool
    """Whether their yes to e-mail counts only once they follow the link in the e-mail that asks for it, which they have
    yet to do. It comes as soon as they have an e-mail address."""
    erases_at: datetime | None
    """When they will be erased, at their request; until then they can withdraw it. Null: they have not asked for it."""


class ConsentsChange(Body, frozen=True):
    """What the person grants, declines or withdraws now."""

    consents: Annotated[list[ConsentChoice], msgspec.Meta(min_length=1, max_length=10)]
    """Each purpose once. A purpose that is not named stays as it was."""


class MeController(Controller):
    path = "/v1/me"
    tags = ("Member",)

    @get(operation_id="getMe", summary="The member of this device")
    async def get_me(self, device: DeviceDependency, services: ServicesDependency) -> Me:
        async with connect(services.pool) as conn:
            return await _show(conn, services, device)

    @delete(operation_id="leaveProgram", summary="Leave the program", status_code=204)
    async def leave_program(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, now: datetime) -> None:
            contacts = await handles_repository.list_contacts(conn, device.member_id)
            await close(conn, device, now)
            to = Addressee(program_id=device.program_id, member_id=device.member_id, contacts=contacts)
            await tell_all(conn, Telling.of(services), to, "left", now)

        return await write(request, services, work, status=204)

    @put("/consents", operation_id="updateConsents", summary="Give or withdraw consent")
    async def update_consents(
        self,
        data: JSONBody[ConsentsChange],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[Me]:
        async def work(conn: Connection, now: datetime) -> Me:
            stamped = stamp_consents(data.consents, now)
            consents = await hold_back_email(conn, device.member_id, device.program_id, stamped)
            if any(consent.purpose == "location" and not consent.granted for consent in consents):
                await presences_repository.clear_places(conn, device.member_id)
            await lock_active_device(conn, device)
            await members_repository.record_consents(conn, device.member_id, consents)
            await ask_for_opt_in(
                conn, services.keyring, services.settings.public_url, device.member_id, device.program_id, now
            )
            await open_facts(conn, [device.member_id])
            return await _show(conn, services, device)

        return await write(request, services, work)

    @get("/coupons", operation_id="listMyCoupons", summary="The member's coupons, newest first")
    async def list_my_coupons(
        self,
        device: DeviceDependency,
        services: ServicesDependency,
        page: PageDependency,
        usable: UsableOnly = False,
    ) -> Page[Coupon]:
        async with connect(services.pool) as conn:
            rows = await coupons_repository.list_coupons_of_member(
                conn, await history_ids(conn, device.member_id), page, utc_now() if usable else None
            )
        return make_page(
            [
                view_coupon(row, device.language or device.locale, services.keyring, services.settings.public_url)
                for row in rows
            ],
            page,
            lambda view: view.id,
        )

    @get("/coupons/{coupon_id:uuid}", operation_id="getMyCoupon", summary="A coupon of the member")
    async def get_my_coupon(
        self, coupon_id: FromPath[CouponId], device: DeviceDependency, services: ServicesDependency
    ) -> Coupon:
        """What a push names by its `coupon_id`. A coupon that moved to another member, or was taken back, is not
        found: read the list again.
        """
        async with connect(services.pool) as conn:
            coupon = await require_coupon(conn, device, coupon_id)
        return view_coupon(coupon, device.language or device.locale, services.keyring, services.settings.public_url)

    @get("/visits", operation_id="listMyVisits", summary="The member's visits, newest first")
    async def list_my_visits(
        self, device: DeviceDependency, services: ServicesDependency, page: PageDependency, days: DaysDependency
    ) -> Page[MemberVisit]:
        async with connect(services.pool) as conn:
            member_ids = await history_ids(conn, device.member_id)
            rows = await visits_repository.list_visits_of_member(conn, member_ids, page, days)
        return make_page(rows, page, lambda visit: visit.id)


async def _show(conn: Connection, services: Services, device: Device) -> Me:
    member = await members_repository.find_member(conn, device.member_id)
    if member is None:
        raise not_found("member")
    consents = await members_repository.list_current_consents(conn, device.member_id)
    contacts = {
        contact.kind: unseal_contact(services.keyring, member.program_id, contact)
        for contact in await handles_repository.list_contacts(conn, device.member_id)
    }
    return Me(
        member_id=member.member_id,
        device_id=device.id,
        locale=device.locale,
        app_version=device.app_version,
        consents=consents,
        created_at=member.created_at,
        phone=contacts.get("phone"),
        email=contacts.get("email"),
        is_email_asked=await has_opt_in(conn, device.member_id),
        erases_at=await find_erasure_due_at(conn, device.member_id),
    )
