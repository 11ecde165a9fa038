"""A batch of codes on paper. Values only."""

from datetime import datetime
from typing import Literal

import msgspec

from ids import CampaignId, MemberId, PaperCodeBatchId, ProgramId

BatchKind = Literal["single", "public"]


class NewBatch(msgspec.Struct, frozen=True, kw_only=True):
    """`size`: of single codes, each for one person. `word`: the public one. One of the two."""

    id: PaperCodeBatchId
    program_id: ProgramId
    campaign_id: CampaignId
    name: str
    kind: BatchKind
    size: int | None
    word: str | None
    created_at: datetime


class PaperCodeBatch(NewBatch, frozen=True, kw_only=True):
    """`number`: what its codes carry. `withdrawn_at` None: its codes can be claimed.

    `claimed`, `cancelled`: how many of its single codes are.
    """

    number: int
    withdrawn_at: datetime | None
    claimed: int = 0
    cancelled: int = 0


class SpentCode(msgspec.Struct, frozen=True):
    """A single code that has ended. Neither: its member is erased."""

    member_id: MemberId | None
    cancelled_at: datetime | None
