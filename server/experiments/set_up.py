"""An experiment is set up, changed and ended: once a campaign, and nobody who was assigned is moved."""

import secrets
from datetime import datetime

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TRIGGERS
from coupons.campaigns.variant_offers_repository import write_variant_offer
from experiments import assignments_repository, experiments_repository
from experiments.allocation import allocate, share_out
from experiments.experiment import CAMPAIGN, HELD_OUT, HOLDOUT, RESERVED_CODES, Experiment, Variant
from kit.database import Connection
from server.experiments.bodies import ExperimentRequest, make_variant
from server.messages.check_messages import check_messages
from server.messages.offers_of_variants import require_items
from server.problems import Problem

SALT_BYTES = 16


async def set_up(conn: Connection, campaign: Campaign, data: ExperimentRequest, now: datetime) -> Experiment:
    """The caller holds the program's versions. Raises Problem."""
    shares = _check_shares(campaign, data)
    former = await experiments_repository.find_experiment(conn, campaign.id)
    if former is not None:
        await _require_changeable(conn, former, shares)
    places = share_out({HOLDOUT: data.holdout_percent}, shares)
    allocation = allocate(former.allocation if former else (), places)
    rows = {each.code: each.offer_version for each in former.variants} if former else {}
    wanted = [make_variant(each) for each in data.variants or ()]
    require_items(campaign, wanted)
    await check_messages(conn, campaign, wanted)
    experiment = Experiment(
        campaign_id=campaign.id,
        program_id=campaign.program_id,
        version=1 if former is None else former.version + (allocation != former.allocation),
        salt=secrets.token_bytes(SALT_BYTES) if former is None else former.salt,
        holdout_percent=data.holdout_percent,
        allocation=allocation,
        variants=tuple([await _write_offer(conn, campaign, each, rows.get(each.code), now) for each in wanted]),
        started_at=now if former is None else former.started_at,
    )
    if former is None:
        await experiments_repository.create_experiment(conn, experiment)
    else:
        await experiments_repository.update_experiment(conn, experiment, former.version, now)
    return experiment


async def _write_offer(
    conn: Connection, campaign: Campaign, variant: Variant, former: int | None, now: datetime
) -> Variant:
    version = await write_variant_offer(conn, campaign.id, former, variant.offer, variant.benefit, now)
    return msgspec.structs.replace(variant, offer_version=version)


def _check_shares(campaign: Campaign, data: ExperimentRequest) -> dict[str, int]:
    """How the members who are not held out are shared, by arm. Raises Problem."""
    variants = data.variants or ()
    codes = [each.code for each in variants]
    if len(set(codes)) < len(codes):
        raise _invalid("Give each of the variants a code of its own.")
    if reserved := sorted(RESERVED_CODES & set(codes)):
        raise _invalid(f"Call no variant {reserved[0]!r}: the results use that word for something else.")
    if variants and not any(each.share for each in variants):
        raise _invalid("Give at least one of the variants a share above 0.")
    if not variants and not data.holdout_percent:
        raise _invalid("Give variants, or a holdout_percent above 0: else there is nothing to compare.")
    if data.holdout_percent and TRIGGERS[campaign.trigger.kind].is_earned:
        raise _invalid("Leave out holdout_percent: a full stamp card was promised its reward.")
    return {each.code: each.share for each in variants} or {CAMPAIGN: 1}


async def _require_changeable(conn: Connection, former: Experiment, shares: dict[str, int]) -> None:
    if former.ended_at is not None:
        raise Problem("experiment-ended", "Write a new campaign: each can be tried once, and this one has been.")
    assigned = await assignments_repository.list_assigned_arms(conn, former.campaign_id)
    if gone := sorted(assigned - set(shares) - HELD_OUT - {CAMPAIGN}):
        raise _invalid(
            f"Keep the variant {gone[0]!r} in variants: members were assigned to it. With a share of 0 nobody new is."
        )


def _invalid(detail: str) -> Problem:
    return Problem("invalid-request", detail)
