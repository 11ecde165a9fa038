"""What the API takes and answers of experiments and holdouts."""

from datetime import datetime
from typing import Annotated

import msgspec

from coupons.offers import read_offer
from coupons.redemptions.benefits import Benefit
from experiments import experiment as entities
from ids import CampaignId
from server.campaigns.bodies import OfferText
from server.messages.offers_of_variants import benefit_of
from server.web.fields import Body

VariantCode = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?(?!\n)$",
        description="1 to 32 of a-z, 0-9, hyphens and underscores; none of the two first or last",
        examples=["ten-percent"],
    ),
]


class Variant(Body, frozen=True, kw_only=True):
    """One of the things that are tried. What it does not say is the campaign's."""

    code: VariantCode
    """Names it in the results. Not `campaign`, `holdout` or `program_holdout`."""
    share: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    """Which part of the members who are not held out get it: its share of the sum of all shares. 0: nobody new."""
    offer: Annotated[dict[str, OfferText], msgspec.Meta(min_length=1)] | None = None
    """What the shopper reads. Null: the campaign's words."""
    benefit: Benefit | None = None
    """What its coupons are worth. Null: as much as the campaign's. Conditions and uses are always the campaign's."""


class ExperimentRequest(Body, frozen=True, kw_only=True):
    """What is tried of a campaign, and on whom."""

    holdout_percent: Annotated[int, msgspec.Meta(ge=0, le=90)] = 0
    """How many per cent of the members get nothing of the campaign, to compare the others with."""
    variants: Annotated[tuple[Variant, ...], msgspec.Meta(max_length=10)] | None = None
    """The variants, the first of which the others are compared with where nobody is held out. Null: the campaign as it
    is, which needs a holdout."""


class Experiment(ExperimentRequest, frozen=True, kw_only=True):
    """The experiment as it is."""

    campaign_id: CampaignId
    """The campaign that it is about."""
    version: int
    """Counts from 1, and grows with every change of the shares."""
    started_at: datetime
    """When it was set up; who was eligible before is not part of it."""
    ended_at: datetime | None
    """Since when everybody gets the campaign as it is. Null: it runs."""


class ProgramHoldoutRequest(Body, frozen=True):
    """How many members get nothing of any campaign."""

    percent: Annotated[int, msgspec.Meta(ge=0, le=50)]
    """In per cent. The same members as long as it stays; of a smaller share all are in a larger one. 0: nobody."""


class ProgramHoldout(ProgramHoldoutRequest, frozen=True, kw_only=True):
    """The program's holdout as it is."""

    ended_at: datetime | None
    """Since when nobody is held out any more. Null: somebody is, or nobody ever was."""


def make_variant(data: Variant) -> entities.Variant:
    """Without the row of `variant_offers` that its coupons refer to."""
    return entities.Variant(
        code=data.code,
        share=data.share,
        offer=None if data.offer is None else msgspec.json.encode(data.offer).decode(),
        benefit=None if data.benefit is None else msgspec.json.encode(data.benefit).decode(),
    )


def view_experiment(experiment: entities.Experiment) -> Experiment:
    return Experiment(
        campaign_id=experiment.campaign_id,
        holdout_percent=experiment.holdout_percent,
        variants=tuple(map(_view_variant, experiment.variants)),
        version=experiment.version,
        started_at=experiment.started_at,
        ended_at=experiment.ended_at,
    )


def _view_variant(variant: entities.Variant) -> Variant:
    words = {} if variant.offer is None else read_offer(variant.offer)
    return Variant(
        code=variant.code,
        share=variant.share,
        offer={locale: OfferText(text.title, text.body, text.terms) for locale, text in words.items()} or None,
        benefit=benefit_of(variant),
    )
