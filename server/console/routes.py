"""Every page of the console: a new controller is listed here."""

from collections.abc import Sequence

from litestar import Router
from litestar.types import ControllerRouterHandler

from server.console.campaigns.audience_routes import AudienceController
from server.console.campaigns.calendar_routes import CampaignCalendarController
from server.console.campaigns.draft_routes import CampaignDraftController
from server.console.campaigns.form_routes import CampaignFormController
from server.console.campaigns.list_routes import CampaignListController
from server.console.campaigns.page_routes import CampaignPageController
from server.console.campaigns.trial_routes import CampaignTrialController
from server.console.let_in import let_in
from server.console.map.fence_routes import FenceController
from server.console.map.file_routes import ChainFileController
from server.console.map.live_routes import LiveController
from server.console.map.map_routes import MapController
from server.console.map.preview_routes import PreviewController
from server.console.map.tile_routes import TileController
from server.console.members.account_routes import ErasureController, MemberAccountController
from server.console.members.coupon_routes import CouponLookUpController, MemberCouponController
from server.console.members.export_routes import MemberExportController
from server.console.members.label_routes import PaperLabelController
from server.console.members.list_routes import MemberListController
from server.console.members.member_routes import MemberController
from server.console.members.merge_routes import MergeController
from server.console.members.paper_routes import PaperCodeController
from server.console.members.profile_routes import MemberProfilePageController
from server.console.members.void_routes import CouponVoidPageController
from server.console.members.why_routes import WhyController
from server.console.operations.audit_routes import AuditPageController
from server.console.operations.health_routes import HealthPageController
from server.console.operations.import_routes import ImportController, ImportListController
from server.console.operations.letter_routes import DeadLetterPageController
from server.console.operations.program_routes import ProgramPageController
from server.console.operations.staff_routes import StaffMemberController, StaffPageController
from server.console.operations.till_routes import TillController, TillPageController
from server.console.operations.usage_routes import UsagePageController
from server.console.posters.routes import PosterController
from server.console.providers.routes import ProviderController
from server.console.results.routes import ResultController
from server.console.sign_in.account_routes import AccountController, AuthenticatorController, PasskeyController
from server.console.sign_in.link_routes import InvitationController, LostPasswordController, SignInLinkController
from server.console.sign_in.routes import SignInController, SignOutController
from server.console.sign_in.session_routes import OwnSessionController
from server.console.sign_in.step_routes import PasskeySignInController, SecondStepController
from server.console.store_routes import ConsoleStoreController
from server.console.stores.store_routes import StoreController

# For who has a session; whoever has none is led to the sign-in.
_BEHIND_THE_DOOR = Router(
    "/",
    route_handlers=[
        SignOutController,
        StaffPageController,
        StaffMemberController,
        TillPageController,
        TillController,
        ImportListController,
        ImportController,
        UsagePageController,
        HealthPageController,
        DeadLetterPageController,
        ProgramPageController,
        ProviderController,
        AuditPageController,
        AccountController,
        AuthenticatorController,
        OwnSessionController,
        PasskeyController,
        ConsoleStoreController,
        StoreController,
        CampaignListController,
        CampaignFormController,
        CampaignDraftController,
        CampaignPageController,
        CampaignTrialController,
        AudienceController,
        CampaignCalendarController,
        MemberListController,
        MemberController,
        MemberProfilePageController,
        MemberCouponController,
        CouponLookUpController,
        CouponVoidPageController,
        PaperCodeController,
        PaperLabelController,
        WhyController,
        MemberAccountController,
        ErasureController,
        MergeController,
        MemberExportController,
        ResultController,
        PosterController,
        MapController,
        TileController,
        FenceController,
        PreviewController,
        LiveController,
        ChainFileController,
    ],
    before_request=let_in,
)

CONSOLE_HANDLERS: Sequence[ControllerRouterHandler] = (
    SignInController,
    SecondStepController,
    PasskeySignInController,
    SignInLinkController,
    InvitationController,
    LostPasswordController,
    _BEHIND_THE_DOOR,
)
