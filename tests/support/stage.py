"""A stage: a program with one of everything, and somebody of every kind who may call it."""

from dataclasses import dataclass
from uuid import UUID

from devtools.apple_authority import PASS_TYPE
from ids import (
    AudienceId,
    CampaignId,
    CouponId,
    GeofenceId,
    ScanId,
    StoreId,
)
from kit.clock import utc_now
from kit.ids import new_id
from tests.support.samples import (
    AWAY,
    DOOR,
    POINT_RULES,
    Json,
    campaign_body,
    fix,
    geofence_body,
    store_body,
)
from tests.support.world import Chain, Member, Person, Till, made

SHOE_SIZE = {
    "key": "shoe_size",
    "kind": "number",
    "label": {"ja": "靴のサイズ"},
    "writers": ["member", "staff", "till"],
    "is_profiling": False,
}
AUDIENCE_TREE = {"type": "or", "of": [{"type": "points", "at_least": 10}, {"type": "platform", "is_one_of": ["ios"]}]}
# Of the purchase and of the points spent on every stage.
RECEIPT, SPENT_RECEIPT = "20261121-0042", "20261121-0043"


@dataclass(frozen=True)
class Stage:
    """A store with one of everything that belongs to it, and everybody who works there or goes there."""

    chain: Chain
    store_id: StoreId
    geofence_id: GeofenceId
    campaign_id: CampaignId
    audience_id: AudienceId
    manager: Person
    till: Till
    member: Member
    key_id: str
    scan_id: ScanId
    coupon_id: CouponId

    @property
    def path_ids(self) -> dict[str, UUID | str]:
        """What to put for each parameter of a route's path."""
        return {
            "store_id": self.store_id,
            "geofence_id": self.geofence_id,
            "campaign_id": self.campaign_id,
            "till_id": self.till.id,
            "staff_id": self.manager.id,
            "member_id": self.member.id,
            "key_id": self.key_id,
            "coupon_id": self.coupon_id,
        }

    def path(self, template: str) -> str:
        """The route's path with this stage's ids."""
        # No verification, transfer or import is anybody else's, and wallets have names of their own.
        names = {
            "run_id": new_id(),
            "device_id": self.member.device_id,
            "verification_id": new_id(),
            "transfer_id": new_id(),
            "token": "A" * 40,  # of no e-mail
            "number_id": new_id(),
            "send_id": new_id(),
            "audience_id": self.audience_id,  # the whole program's
            "name": f"{0:064}.png",
            "key": "shoe_size",
            "provider": "line",
            "program_id": self.chain.id,
            "device_library_id": "library",
            "pass_type": PASS_TYPE,
        }
        for name, value in (self.path_ids | names | {"serial": self.member.pass_serial}).items():
            template = template.replace(f"{{{name}}}", str(value))
        assert "{" not in template, "a parameter of a path that the tests do not know"
        return template

    def change(self, template: str) -> Json:
        """A good body for a PUT on what this stage has."""
        store_ids = [str(self.store_id)]
        if template == "/v1/staff/{staff_id}/password":
            return {"password": "a newer one"}
        if template == "/v1/staff/{staff_id}":
            return {"name": "Sato Hana", "role": "store_manager", "store_ids": store_ids}
        if template == "/v1/campaigns/{campaign_id}":
            return campaign_body(store_ids=store_ids)
        if template == "/v1/campaigns/{campaign_id}/experiment":
            return {"holdout_percent": 0, "variants": [{"code": "coffee", "share": 2}]}
        if template == "/v1/members/{member_id}/tags":
            return {"tags": ["monitor"]}
        if template == "/v1/audiences/{audience_id}":
            return {"name": "Regulars", "tree": AUDIENCE_TREE, "version": 1}
        body = store_body() if template == "/v1/stores/{store_id}" else geofence_body(self.store_id)
        return {name: value for name, value in body.items() if name not in {"code", "store_id"}}

    @property
    def ids(self) -> set[str]:
        own = {name: each for name, each in self.path_ids.items() if name != "key_id"}  # the whole program's
        return {str(each) for each in (*own.values(), self.member.device_id, self.scan_id)}


async def set_stage(chain: Chain) -> Stage:
    """`campaign_id` is the store's own. The member has been there: has a coupon, a visit, a purchase and points."""
    store_id = await chain.add_store()
    geofence_id = await chain.add_geofence(store_id)
    campaign_id = await chain.add_campaign(store_ids=[str(store_id)])
    tried = {"variants": [{"code": "coffee", "share": 1}]}
    assert (await chain.owner.put(f"/v1/campaigns/{campaign_id}/experiment", tried)).status_code == 200
    audience = made(await chain.owner.post("/v1/audiences", {"name": "Regulars", "tree": AUDIENCE_TREE}))
    manager = await chain.add_person("store_manager", store_id)
    till, member = await chain.add_till(store_id), await chain.enrol()
    key_id = (await chain.owner.get("/v1/card-keys")).json()["items"][0]["id"]
    response = await chain.owner.put("/v1/program/points", POINT_RULES)
    assert response.status_code == 200, response.text
    response = await chain.owner.put("/v1/program/visits", {"by_store_qr": True, "by_dwell": True})
    assert response.status_code == 200, response.text
    kept = await chain.owner.post("/v1/attributes", SHOE_SIZE)
    assert kept.status_code in (201, 409), kept.text  # a second stage of the chain has it already
    await walk_in(member)  # and into the store of another stage of the chain
    of_own = "SELECT id::text FROM coupons WHERE member_id = $1 AND campaign_id = $2"
    coupon_id = await chain.world.pool.fetchval(of_own, member.id, campaign_id)
    code = (await member.take_card()).make_code(utc_now())
    bought = {"receipt": RECEIPT, "amount": 1100}
    scanned = made(await till.at.post("/v1/scans", {"card": code, "purchase": bought}))
    scan = {"member_id": str(member.id), "scan_id": scanned["scan_id"]}
    made(await till.at.post("/v1/points/spend", scan | {"receipt": SPENT_RECEIPT, "points": 1}))
    return Stage(
        chain=chain,
        store_id=store_id,
        geofence_id=geofence_id,
        campaign_id=campaign_id,
        audience_id=AudienceId(UUID(audience["id"])),
        manager=manager,
        till=till,
        member=member,
        key_id=key_id,
        scan_id=ScanId(UUID(scanned["scan_id"])),
        coupon_id=CouponId(UUID(coupon_id)),
    )


async def walk_in(member: Member) -> list[str]:
    """From afar to the door. Returns the ids of the coupons that this earned."""
    steps = [fix(AWAY, ago_s=200), fix(DOOR, ago_s=100)]
    response = await member.app.post("/v1/locations", {"fixes": steps})
    assert response.status_code == 200, response.text
    assert response.json()["accepted"] == 2, response.text
    coupons: list[str] = response.json()["coupons"]
    return coupons
