"""Every route: a new controller is listed here."""

from collections.abc import Mapping, Sequence

from litestar.plugins.prometheus import PrometheusController
from litestar.types import ControllerRouterHandler

from server.accounts.attribute_routes import AttributeController, OwnAttributeController
from server.accounts.claim_routes import ClaimController
from server.accounts.contact_routes import MemberContactController, OwnContactController
from server.accounts.device_routes import DeviceController
from server.accounts.enrolment_routes import EnrolmentController
from server.accounts.me_routes import MeController
from server.accounts.member_list_routes import MemberListController
from server.accounts.member_routes import MemberController
from server.accounts.objection_routes import ObjectionController
from server.accounts.own_device_routes import OwnDevicesController
from server.accounts.profile_routes import MemberProfileController, OwnProfileController
from server.accounts.quiet_hours_routes import OwnQuietHoursController
from server.accounts.store_routes import MemberStoreController
from server.accounts.suppression_routes import SuppressionController
from server.accounts.tag_routes import MemberTagController, TaggingController
from server.accounts.till_profile_routes import TillProfileController
from server.accounts.transfer_routes import TransferController
from server.accounts.verification_routes import VerificationController
from server.audiences.routes import AudienceController
from server.backoffice.card_settings_routes import CardSettingsController
from server.backoffice.chain_routes import ChainController
from server.backoffice.dead_letter_routes import DeadLetterController
from server.backoffice.geofence_routes import GeofenceController
from server.backoffice.member_log_routes import MemberLogController
from server.backoffice.message_rules_routes import MessageRulesController
from server.backoffice.password_reset_routes import PasswordResetController
from server.backoffice.program_routes import ProgramController
from server.backoffice.session_routes import SessionController
from server.backoffice.staff_routes import StaffController
from server.backoffice.store_routes import StoreController
from server.backoffice.till_pairing_routes import TillPairingController
from server.backoffice.till_routes import TillManagementController
from server.campaigns.paper_code_batch_routes import PaperCodeBatchController
from server.campaigns.picture_routes import CampaignPictureController, get_picture
from server.campaigns.preview_routes import PreviewController
from server.campaigns.routes import CampaignController
from server.campaigns.store_result_routes import StoreResultController
from server.campaigns.withdrawal_routes import WithdrawalController
from server.card_page.routes import CARD_HANDLERS
from server.check_ins.store_code_routes import StoreCodeController
from server.check_ins.till_routes import TillController
from server.check_ins.visit_routes import VisitController
from server.console.routes import CONSOLE_HANDLERS
from server.credentials.card_routes import CardController
from server.credentials.offline_verification_routes import OfflineVerificationController
from server.credentials.signing_key_routes import SigningKeyController
from server.experiments.result_routes import CampaignResultController, CohortController
from server.experiments.routes import ExperimentController, ProgramHoldoutController
from server.explanations.routes import ExplanationController
from server.faces.hosts import Face
from server.line.channel_routes import LineChannelController
from server.line.menu_routes import LineMenuController
from server.line.own_link_routes import OwnLineLinkController
from server.line.sign_in_routes import LineSignInController
from server.line.webhook_routes import LineWebhookController
from server.locations import native_routes, owntracks_routes, transistorsoft_routes
from server.locations.nearby_routes import NearbyController
from server.mail.link_routes import MailLinkController
from server.mail.report_routes import MailReportController
from server.mail.settings_routes import MailSettingsController
from server.messenger.own_link_routes import OwnMessengerLinkController
from server.messenger.page_routes import MessengerPageController
from server.messenger.reply_routes import MessengerReplyController
from server.messenger.webhook_routes import MessengerWebhookController
from server.moving_in.routes import MemberImportController
from server.phone.number_routes import CallNumberController, IncomingCallController
from server.phone.report_routes import PhoneReportController
from server.phone.settings_routes import PhoneSettingsController
from server.privacy.member_routes import MemberDataController
from server.privacy.routes import OwnDataController
from server.purchases.routes import PurchaseController
from server.receipts.latency_routes import MessageLatencyController
from server.receipts.message_event_routes import MessageEventController
from server.redemptions.offline_routes import OfflineCouponController
from server.redemptions.paper_code_routes import PaperCodeController
from server.redemptions.quote_routes import QuoteController
from server.redemptions.redemption_routes import RedemptionController
from server.redemptions.reservation_routes import ReservationController
from server.redemptions.void_routes import CouponVoidController
from server.rehearsals.routes import RehearsalController
from server.rehearsals.trace_routes import TraceRehearsalController
from server.rewards.member_routes import RewardsController
from server.rewards.program_routes import LoyaltyController
from server.rewards.staff_routes import MemberRecordController
from server.schedules.routes import CampaignRunController
from server.till_page.routes import TILL_HANDLERS
from server.wallets.apple_routes import ApplePassController, AppleWalletController
from server.wallets.google_routes import GoogleWalletController
from server.web.health import check_liveness, check_readiness, probe_liveness, probe_readiness
from server.web.query_parameters import LENIENT


class MetricsController(PrometheusController):
    include_in_schema = False  # it is for the operator's scraper, no part of the API
    opt = LENIENT


ROUTE_HANDLERS: Sequence[ControllerRouterHandler] = (
    ApplePassController,
    AppleWalletController,
    AttributeController,
    AudienceController,
    CampaignController,
    PreviewController,
    CampaignPictureController,
    CampaignRunController,
    CampaignResultController,
    StoreResultController,
    CardController,
    SigningKeyController,
    CardSettingsController,
    ChainController,
    VerificationController,
    ClaimController,
    OwnContactController,
    MemberContactController,
    CohortController,
    TransferController,
    ObjectionController,
    DeviceController,
    OwnDevicesController,
    EnrolmentController,
    ExperimentController,
    GeofenceController,
    GoogleWalletController,
    LineChannelController,
    LineMenuController,
    LineSignInController,
    LineWebhookController,
    LoyaltyController,
    MailLinkController,
    MailReportController,
    SuppressionController,
    MailSettingsController,
    MeController,
    MemberDataController,
    MemberImportController,
    MemberLogController,
    MemberRecordController,
    MemberController,
    MemberListController,
    MemberProfileController,
    MemberTagController,
    TaggingController,
    MemberStoreController,
    MessageEventController,
    MessageLatencyController,
    MessageRulesController,
    DeadLetterController,
    MessengerPageController,
    MessengerReplyController,
    MessengerWebhookController,
    NearbyController,
    OwnAttributeController,
    OwnDataController,
    OwnLineLinkController,
    OwnMessengerLinkController,
    OwnQuietHoursController,
    CallNumberController,
    IncomingCallController,
    PhoneReportController,
    PhoneSettingsController,
    PasswordResetController,
    OwnProfileController,
    ProgramController,
    ProgramHoldoutController,
    MetricsController,
    PurchaseController,
    QuoteController,
    PaperCodeBatchController,
    PaperCodeController,
    RedemptionController,
    OfflineCouponController,
    ReservationController,
    RewardsController,
    SessionController,
    StaffController,
    StoreController,
    TillController,
    StoreCodeController,
    VisitController,
    WithdrawalController,
    CouponVoidController,
    ExplanationController,
    RehearsalController,
    TraceRehearsalController,
    TillManagementController,
    TillPairingController,
    TillProfileController,
    OfflineVerificationController,
    check_liveness,
    check_readiness,
    get_picture,
    probe_liveness,
    probe_readiness,
)

# The faces in a browser, each where it is set up.
PAGE_HANDLERS: Mapping[Face, Sequence[ControllerRouterHandler]] = {
    "console": CONSOLE_HANDLERS,
    "card": CARD_HANDLERS,
    "till": TILL_HANDLERS,
}

# The hot routes are ASGI handlers. They authenticate in their batch and count for themselves, so that neither the
# guard nor the middleware of the others is run for them: that was a tenth of a request's time.
UPLOADS: Sequence[ControllerRouterHandler] = (
    native_routes.upload_locations,
    owntracks_routes.upload_from_owntracks,
    transistorsoft_routes.upload_from_transistorsoft,
)
