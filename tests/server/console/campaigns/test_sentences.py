"""A campaign as a sentence: each trigger, condition, benefit and bound, in both languages."""

from datetime import UTC, date, datetime
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from audiences import tree as t
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TRIGGERS
from coupons.issuing.validity import ForDays, ForSeconds, UntilMoment
from coupons.offers import OfferText
from coupons.redemptions import benefits as b
from coupons.redemptions.conditions import Conditions
from experiments.experiment import Experiment, Variant
from ids import CampaignId, ProgramId, StoreId
from server.console.campaigns.audience_phrases import say_who
from server.console.campaigns.benefit_phrases import say_benefit
from server.console.campaigns.phrases import Names
from server.console.campaigns.sentences import say_campaign, say_experiment, say_the_rest
from server.console.campaigns.time_phrases import say_budget, say_dates, say_hours, say_often, say_validity
from server.console.campaigns.trigger_phrases import say_rule

SHIBUYA, EBISU = (StoreId(UUID(int=number)) for number in (1, 2))
OTHER = CampaignId(UUID(int=9))
_TEXT = {"en": {"title": "Still there", "body": "Your coffee waits."}}
TOKYO = ZoneInfo("Asia/Tokyo")
NAMES = Names(stores={SHIBUYA: "Shibuya", EBISU: "Ebisu"}, campaigns={OTHER: "Tea"}, currency="JPY", zone=TOKYO)
START = datetime(2026, 11, 30, 15, tzinfo=UTC)


def make(**changes: Any) -> Campaign:
    """As the API has it: what is changed may be JSON."""
    plain: dict[str, Any] = {
        "id": str(UUID(int=7)), "program_id": str(ProgramId(UUID(int=8))), "name": "Welcome", "state": "draft",
        "trigger": {"kind": "enter"}, "store_ids": None, "starts_at": START, "ends_at": None, "frequency": "monthly",
        "quiet_hours": "program", "only_when_open": True, "on_first_fix": True, "allow_anonymous": False,
        "max_event_age_s": 900, "min_trust_level": 1, "offer": {"en": {"title": "Coffee", "body": "On us."}},
        "coupon_validity": {"type": "days", "days": 7}, "cap": None, "created_at": START,
    }  # fmt: skip
    return msgspec.convert(plain | changes, Campaign)


def test_the_sentence_of_the_design() -> None:
    campaign = make(
        store_ids=[str(SHIBUYA), str(EBISU)],
        hours=[{"weekdays": [1, 2, 3, 4, 5], "end": "17:00"}],
        grant={"benefit": {"kind": "percent_off", "percent": 10}, "conditions": {}, "uses": 1},
    )
    names = msgspec.structs.replace(NAMES, tree=t.LastVisit(at_least_days=30))
    assert say_campaign(campaign, names, "en") == (
        "When a member who has not come for 30 days walks in at Ebisu or Shibuya on a weekday before 17:00,"
        " give 10 % off, once a month."
    )
    assert say_campaign(campaign, names, "ja") == (
        "平日の17:00までに、30日以上来店していない会員がEbisuまたはShibuyaに入ると、10%引きを贈ります（月1回まで）。"
    )


CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "enter": ({}, "When a member walks in at any store, give", "会員がいずれかの店舗に入ると、"),
    "exit": ({}, "When a member leaves any store,", "会員がいずれかの店舗を出ると、"),
    "dwell": ({}, "stays at any store for a while,", "しばらく滞在すると、"),
    "stay": ({"minutes": 30}, "stays at any store for 30 minutes,", "30分滞在すると、"),
    "cross": ({}, "passes through any store,", "通り抜けると、"),
    "visit": ({}, "checks in at any store,", "チェックインすると、"),
    "first_visit": ({}, "checks in at any store for the first time,", "初めて来店すると、"),
    "nth_visit": ({"n": 5}, "for the 5th time,", "来店が5回目になると、"),
    "every_nth_visit": ({"n": 3}, "every 3rd time,", "3回来店するごとに、"),
    "stamps": ({}, "fills a stamp card at any store,", "スタンプカードがいっぱいになると、"),
    "code": ({}, "enters a code from paper,", "紙のコードを登録すると、"),
    "broadcast": ({}, "When you send it out by hand, give a member", "手動で配信すると、会員に、"),
    "schedule": (
        {"first_at": "2026-12-04T18:00"},
        "On 4 Dec 2026, 18:00, give a member",
        "2026年12月4日 18:00に、会員に、",
    ),
    "birthday": ({"days_before": 3}, "has their birthday in 3 days (at 10:00),", "誕生日の3日前になると（10:00に）、"),
    "lapsed": ({"days": 60}, "When a member has not come for 60 days,", "60日間来店しないと、"),
    "points_expiring": ({}, "has points that expire in 7 days,", "ポイントが7日後に期限を迎えると、"),
    "coupon_expiring": (
        {"campaign_id": str(OTHER)},
        'unused coupon of "Tea" that expires in 3 days,',
        "「Tea」の未使用クーポンが3日後に",
    ),
    "rank_expiring": ({"days_before": 1}, "has a rank that ends in 1 day,", "ランクが1日後に期限を迎えると、"),
    "rank_reached": ({"rank": "gold"}, "reaches the rank gold,", "ランク「gold」に達すると、"),
    "joined": ({}, "When a member joins,", "会員が入会すると、"),
    "claimed": ({}, "takes a card from before into the app,", "アプリに引き継ぐと、"),
    "follow_up": ({}, "comes to the step of another campaign", "別のキャンペーンの続きとして届くと、"),
}


@pytest.mark.parametrize("kind", TRIGGERS)
def test_each_trigger_is_said(kind: str) -> None:
    settings, english, japanese = CASES[kind]
    campaign = make(trigger={"kind": kind, **settings})
    assert english in say_campaign(campaign, NAMES, "en")
    assert japanese in say_campaign(campaign, NAMES, "ja")


@pytest.mark.parametrize(
    ("rule", "english"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;BYDAY=FR,SA", "every week on Friday, Saturday"),
        ("FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO", "by the schedule FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO"),
        ("FREQ=MONTHLY;BYDAY=2FR", "by the schedule FREQ=MONTHLY;BYDAY=2FR"),
    ],
)
def test_a_schedule_is_said_or_quoted(rule: str, english: str) -> None:
    assert say_rule(rule)[0] == english


LEAVES: dict[type, tuple[t.Tree, str]] = {
    t.AttributeIs: (t.AttributeIs(key="job", is_one_of=["nurse"]), "(job is one of nurse)"),
    t.AgeIs: (t.AgeIs(at_least=20, at_most=29), "who is 20 to 29 years old"),
    t.BirthdayIn: (t.BirthdayIn(at_most_days=14), "who has their birthday within 14 days"),
    t.VisitCount: (t.VisitCount(at_least=3, within_days=90), "who has come at least 3 times in the last 90 days"),
    t.LastVisit: (t.LastVisit(at_most_days=7), "who has come in the last 7 days"),
    t.VisitCycle: (t.VisitCycle(at_most_days=10), "(days between two visits: at most 10"),
    t.PurchaseTotal: (t.PurchaseTotal(measure="amount", at_least=5000), "(spend: at least 5000)"),
    t.LastPurchase: (t.LastPurchase(at_least_days=30), "who has not bought for 30 days"),
    t.PointsHeld: (t.PointsHeld(at_least=500), "who has at least 500 points"),
    t.RankIs: (t.RankIs(is_one_of=["gold"]), "who has the rank gold"),
    t.TagIs: (t.TagIs(is_one_of=["vip"]), "who has the tag vip"),
    t.StampsHeld: (t.StampsHeld(at_least=5), "(stamps: at least 5)"),
    t.CouponHeld: (t.CouponHeld(state="used"), "who has used a coupon"),
    t.ConsentIs: (t.ConsentIs(purpose="email"), "(consent to e-mail)"),
    t.PlatformIs: (t.PlatformIs(is_one_of=["ios"]), "(phone: ios)"),
    t.ReachableBy: (t.ReachableBy(by="line"), "(can be reached by LINE)"),
    t.HomeStoreIs: (t.HomeStoreIs(is_one_of=[SHIBUYA]), "(joined at one of certain stores)"),
    t.InArea: (t.InArea(store_id=SHIBUYA, radius_m=500), "within 500 m"),
    t.JoinedAgo: (t.JoinedAgo(at_most_days=30), "who joined in the last 30 days"),
    t.InAudience: (t.InAudience(audience_id=UUID(int=3)), "(in another audience)"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("leaf", get_args(t.Leaf))
def test_each_condition_of_an_audience_is_said(leaf: type) -> None:
    tree, english = LEAVES[leaf]
    assert english in say_who(tree, None, "en")
    assert "会員" in say_who(tree, None, "ja")


def test_joints_are_said_and_what_is_long_goes_by_its_name() -> None:
    both = t.AllOf(of=[t.LastVisit(at_least_days=30), t.Not(of=t.CouponHeld(state="used"))])
    assert say_who(both, "Quiet ones", "en") == "a member who has not come for 30 days and has never used a coupon"
    assert say_who(both, None, "ja") == "30日以上来店していない、クーポンを使ったことがない会員"
    either = t.AnyOf(of=[t.LastVisit(at_least_days=30), t.RankIs(is_one_of=["gold"])])
    assert say_who(either, "Quiet or gold", "en") == 'a member of "Quiet or gold"'
    assert say_who(either, None, "en") == "a member (days since the last visit: at least 30 days, or rank: gold)"
    assert say_who(None, None, "ja") == "会員"


BENEFITS: dict[type, tuple[b.Benefit, Conditions, str, str]] = {
    b.TextOnly: (b.TextOnly(), Conditions(), '"Coffee"', "「Coffee」"),
    b.PercentOff: (b.PercentOff(10, 500), Conditions(), "10 % off (at most ¥500)", "10%引き（最大500円）"),
    b.AmountOff: (
        b.AmountOff(300),
        Conditions(min_spend=1000),
        "¥300 off from ¥1,000 on",
        "300円引き（1,000円以上のお買い上げ）",
    ),
    b.FreeItem: (b.FreeItem(1), Conditions(item_codes=["coffee"]), "coffee for free", "coffee1点無料"),
    b.ItemPrice: (b.ItemPrice(100, 2), Conditions(categories=["tea"]), "tea for ¥100 (2 at most)", "tea2点まで100円"),
    b.ExtraPoints: (b.ExtraPoints(1500), Conditions(), "1,500 extra points", "1,500ポイント"),
    b.PointsMultiplied: (
        b.PointsMultiplied(2),
        Conditions(categories=["tea"]),
        "2 times the points on tea",
        "ポイント2倍（対象：tea）",
    ),
    b.ExtraStamps: (
        b.ExtraStamps("cup", 2),
        Conditions(),
        "2 stamps on the card cup",
        "スタンプカード「cup」のスタンプ2個",
    ),
}


@pytest.mark.parametrize("kind", get_args(b.Benefit))
def test_each_benefit_is_said(kind: type) -> None:
    benefit, conditions, english, japanese = BENEFITS[kind]
    campaign = msgspec.structs.replace(make(), grant=b.Grant(benefit=benefit, conditions=conditions))
    assert say_benefit(campaign, NAMES, "en") == english
    assert say_benefit(campaign, NAMES, "ja") == japanese


@pytest.mark.parametrize(
    ("hours", "english", "japanese"),
    [
        ([], None, None),
        ([{"weekdays": [1, 2, 3, 4, 5], "end": "17:00", "holidays": "exclude"}],
         "on a weekday except on public holidays before 17:00", "平日（祝日を除く）の17:00まで"),
        ([{"weekdays": [7, 6]}, {"holidays": "only"}], "at the weekend or on a public holiday", "土日、または祝日"),
        ([{"weekdays": [1, 3], "start": "14:00"}], "on Monday or Wednesday from 14:00 on", "月・水曜日の14:00以降"),
        ([{"start": "18:00", "end": "02:00"}], "between 18:00 and 02:00", "18:00〜02:00"),
        ([{}], "at any hour", "終日"),
    ],
)  # fmt: skip
def test_hours_are_said(hours: list[Any], english: str | None, japanese: str | None) -> None:
    campaign = make(hours=hours)
    assert (say_hours(campaign, "en"), say_hours(campaign, "ja")) == (english, japanese)


@pytest.mark.parametrize(
    ("changes", "english"),
    [
        ({"frequency": "once"}, "once in all"),
        ({"frequency": "daily"}, "once a day"),
        ({"frequency": "weekly"}, "once a week"),
        ({"frequency": "rolling", "every_days": 7}, "once in 7 days"),
        ({"frequency": "once", "trigger": {"kind": "joined"}}, None),
        ({"frequency": "once", "trigger": {"kind": "broadcast"}}, None),
        ({"frequency": "rolling", "every_days": 3, "trigger": {"kind": "broadcast"}}, "once in 3 days"),
    ],
)
def test_how_often_is_said(changes: dict[str, Any], english: str | None) -> None:
    assert say_often(make(**changes), "en") == english
    assert (say_often(make(**changes), "ja") is None) is (english is None)


def test_bounds_are_said() -> None:
    campaign = make(
        cap=1000, store_day_cap=30, cooldown_s=10_800, ends_at=datetime(2026, 12, 31, 15, tzinfo=UTC),
        channels=["line", "email"], allow_anonymous=True,
        follow_ups=[
            {"after_hours": 120, "when": "unused", "action": {"kind": "message", "text": _TEXT}},
            {"after_hours": 1, "when": "back", "action": {"kind": "offer", "campaign_id": str(OTHER)}},
        ],
    )  # fmt: skip
    assert say_budget(campaign, "en") == "At most 1,000 in all, 30 a day at each store."
    assert say_budget(make(), "en") is None
    assert say_dates(campaign, NAMES, "en") == "From December 1, 2026 until 1 Jan 2027, 00:00"
    assert say_dates(make(), NAMES, "ja") == "2026年12月1日から"
    assert say_the_rest(campaign, NAMES, "en") == [
        "After a coupon nobody earns another for 3 hours.",
        "Also for members who have confirmed no phone number and no e-mail address.",
        "At most 1,000 in all, 30 a day at each store.",
        "A coupon is good for 7 business days.",
        "Members are told by LINE, else by e-mail.",
        '5 days after the coupon, if it is unused, the message "Still there" follows.',
        '1 hour after that, if the member has come back, the offer of "Tea" follows.',
    ]
    assert say_the_rest(campaign, NAMES, "ja")[-2:] == [
        "クーポンを渡してから5日後、まだ使われていなければ、「Still there」とお知らせします。",
        "さらに1時間後、再来店していれば、「Tea」の特典を贈ります。",
    ]


@pytest.mark.parametrize(
    ("validity", "english"),
    [
        (ForDays(1), "A coupon is good on the same day only."),
        (ForSeconds(5400), "A coupon is good for 90 minutes."),
        (UntilMoment(START), "Coupons are good until 1 Dec 2026, 00:00."),
    ],
)
def test_validity_is_said(validity: Any, english: str) -> None:
    campaign = msgspec.structs.replace(make(), coupon_validity=validity)
    assert say_validity(campaign, NAMES, "en") == english


def test_stores_and_groups_are_said() -> None:
    many = {StoreId(UUID(int=number)): f"S{number}" for number in range(1, 7)}
    names = msgspec.structs.replace(NAMES, stores=many)
    assert "at S1, S2, S3 or 3 more," in say_campaign(make(store_ids=[str(each) for each in many]), names, "en")
    grouped = make(store_ids=[str(SHIBUYA)], store_groups=["Kanto"], grouped_store_ids=[str(SHIBUYA)])
    assert "walks in at a store of Kanto," in say_campaign(grouped, NAMES, "en")
    at_home = make(store_ids=[str(SHIBUYA)], trigger={"kind": "joined"})
    assert "a member (at home at Shibuya) joins," in say_campaign(at_home, NAMES, "en")


def test_who_gets_nothing_is_said() -> None:
    experiment = Experiment(
        campaign_id=OTHER, program_id=ProgramId(OTHER), version=1, salt=b"", holdout_percent=10, allocation=(),
        variants=(Variant(code="ten", share=1),), started_at=START,
    )  # fmt: skip
    assert say_experiment(experiment, "en") == [
        "10 % of the members get nothing, to compare the others with.",
        "Tried side by side: ten (1).",
    ]
    assert say_experiment(msgspec.structs.replace(experiment, ended_at=START), "en") == []
    assert say_experiment(None, "ja") == []


def test_an_offer_reads_as_it_is_in_one_language_only() -> None:
    campaign = msgspec.structs.replace(make(), offer={"ja": OfferText("珈琲", "どうぞ。", None)})
    assert say_campaign(campaign, NAMES, "en").endswith('give "珈琲", once a month.')
    assert date(2026, 12, 1) == START.astimezone(TOKYO).date()
