"""The ids of Noren's entities as types of their own, so that mypy sees when two are swapped.

At run time each is a plain `uuid.UUID`. A new one is made by `MemberId(new_id())`; rows of the database and decoded
bodies carry them already.
"""

from typing import NewType
from uuid import UUID

ProgramId = NewType("ProgramId", UUID)
StoreId = NewType("StoreId", UUID)
StaffId = NewType("StaffId", UUID)
TillId = NewType("TillId", UUID)
GeofenceId = NewType("GeofenceId", UUID)
MemberId = NewType("MemberId", UUID)
DeviceId = NewType("DeviceId", UUID)
VerificationId = NewType("VerificationId", UUID)
TransferId = NewType("TransferId", UUID)
AlertId = NewType("AlertId", UUID)
AudienceId = NewType("AudienceId", UUID)
CampaignId = NewType("CampaignId", UUID)
BudgetId = NewType("BudgetId", UUID)
PaperCodeBatchId = NewType("PaperCodeBatchId", UUID)
CouponId = NewType("CouponId", UUID)
CouponVoidId = NewType("CouponVoidId", UUID)
RedemptionId = NewType("RedemptionId", UUID)
ReservationId = NewType("ReservationId", UUID)
ScanId = NewType("ScanId", UUID)  # of a piece of evidence for a visit, which a till calls its scan
PurchaseId = NewType("PurchaseId", UUID)
StampCardId = NewType("StampCardId", UUID)
ImportRunId = NewType("ImportRunId", UUID)
CampaignRunId = NewType("CampaignRunId", UUID)
