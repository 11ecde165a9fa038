"""The application: every route, with who may call it, what it needs and how it fails."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins.prometheus import PrometheusConfig, PrometheusController
from litestar.types import ControllerRouterHandler

from kit.pages import PageRequest, parse_page
from server.accounts.attribute_routes import AttributeController, OwnAttributeController
from server.accounts.claim_routes import ClaimController
from server.accounts.device_routes import DeviceController
from server.accounts.enrolment_routes import EnrolmentController
from server.accounts.me_routes import MeController
from server.accounts.member_list_routes import MemberListController
from server.accounts.member_routes import MemberController
from server.accounts.objection_routes import ObjectionController
from server.accounts.profile_routes import MemberProfileController, OwnProfileController
from server.accounts.quiet_hours_routes import OwnQuietHoursController
from server.accounts.store_routes import MemberStoreController
from server.accounts.tag_routes import MemberTagController, TaggingController
from server.accounts.till_profile_routes import TillProfileController
from server.accounts.transfer_routes import TransferController
from server.accounts.verification_routes import VerificationController
from server.audiences.routes import AudienceController
from server.backoffice.chain_routes import ChainController
from server.backoffice.geofence_routes import GeofenceController
from server.backoffice.member_log_routes import MemberLogController
from server.backoffice.message_rules_routes import MessageRulesController
from server.backoffice.password_reset_routes import PasswordResetController
from server.backoffice.program_routes import ProgramController
from server.backoffice.session_routes import SessionController
from server.backoffice.staff_routes import StaffController
from server.backoffice.store_routes import StoreController
from server.backoffice.till_routes import TillManagementController
from server.campaigns.paper_code_batch_routes import PaperCodeBatchController
from server.campaigns.picture_routes import CampaignPictureController, get_picture
from server.campaigns.routes import CampaignController
from server.campaigns.withdrawal_routes import WithdrawalController
from server.check_ins.store_code_routes import StoreCodeController
from server.check_ins.till_routes import TillController
from server.check_ins.visit_routes import VisitController
from server.credentials.card_routes import CardController
from server.credentials.offline_verification_routes import OfflineVerificationController
from server.credentials.signing_key_routes import SigningKeyController
from server.description.document import make_docs_router
from server.experiments.result_routes import CampaignResultController, CohortController
from server.experiments.routes import ExperimentController, ProgramHoldoutController
from server.explanations.routes import ExplanationController
from server.locations import native_routes, owntracks_routes, transistorsoft_routes
from server.locations.nearby_routes import NearbyController
from server.moving_in.routes import MemberImportController
from server.privacy.member_routes import MemberDataController
from server.privacy.routes import OwnDataController
from server.problems import Problem
from server.purchases.routes import PurchaseController
from server.redemptions.offline_routes import OfflineCouponController
from server.redemptions.paper_code_routes import PaperCodeController
from server.redemptions.quote_routes import QuoteController
from server.redemptions.redemption_routes import RedemptionController
from server.redemptions.reservation_routes import ReservationController
from server.rehearsals.routes import RehearsalController
from server.rewards.member_routes import RewardsController
from server.rewards.program_routes import LoyaltyController
from server.rewards.staff_routes import MemberRecordController
from server.runtime.app_check import HEADER as APP_CHECK_HEADER
from server.runtime.leaving import Leaving
from server.runtime.logs import make_log_config
from server.runtime.snapshot_keeper import SnapshotKeeper
from server.schedules.routes import CampaignRunController
from server.services import open_services
from server.settings import Settings
from server.wallets.apple_routes import ApplePassController, AppleWalletController
from server.wallets.google_routes import GoogleWalletController
from server.web.access import OPEN_PREFIXES, ROUTES
from server.web.auth import authorize
from server.web.bodies import MAX_BODY_BYTES, require_json
from server.web.errors import EXCEPTION_HANDLERS
from server.web.fields import Cursor, FromDay, Limit, ToDay
from server.web.health import check_liveness, check_readiness, probe_liveness, probe_readiness
from server.web.query_parameters import LENIENT, find_known_parameters, require_known_parameters
from server.web.request_log import log_requests
from visits.visit import Days


class MetricsController(PrometheusController):
    include_in_schema = False  # it is for the operator's scraper, no part of the API
    opt = LENIENT


ROUTE_HANDLERS: Sequence[ControllerRouterHandler] = (
    ApplePassController,
    AppleWalletController,
    AttributeController,
    AudienceController,
    CampaignController,
    CampaignPictureController,
    CampaignRunController,
    CampaignResultController,
    CardController,
    SigningKeyController,
    ChainController,
    VerificationController,
    ClaimController,
    CohortController,
    TransferController,
    ObjectionController,
    DeviceController,
    EnrolmentController,
    ExperimentController,
    GeofenceController,
    GoogleWalletController,
    LoyaltyController,
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
    MessageRulesController,
    NearbyController,
    OwnAttributeController,
    OwnDataController,
    OwnQuietHoursController,
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
    ExplanationController,
    RehearsalController,
    TillManagementController,
    TillProfileController,
    OfflineVerificationController,
    check_liveness,
    check_readiness,
    get_picture,
    probe_liveness,
    probe_readiness,
)

# The hot routes are ASGI handlers. They authenticate in their batch and count for themselves, so that neither the
# guard nor the middleware of the others is run for them: that was a tenth of a request's time.
UPLOADS: Sequence[ControllerRouterHandler] = (
    native_routes.upload_locations,
    owntracks_routes.upload_from_owntracks,
    transistorsoft_routes.upload_from_transistorsoft,
)
# What `open_services` makes for single features, as their routes ask for it.
OF_FEATURES = ("enrolling", "redeeming", "scanning", "log_in_gate")
CALLERS = ("staff", "till", "device", "pass_id")


def create_app(
    settings: Settings,
    keeper: SnapshotKeeper | None = None,
    leaving: Leaving | None = None,
    *,
    openapi_config: OpenAPIConfig | None = None,
) -> Litestar:
    """The ASGI application. Its lifespan opens the database and refuses an outdated schema.

    `keeper`, `leaving`: see `server.services.open_services`. `openapi_config`: only `server.openapi` has
    Litestar describe the routes; what is served at /docs is the committed document.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_services(settings, keeper, leaving) as opened:
            app.state.update({"services": opened.services, **opened.of_features})
            yield

    guarded = _Guarded(
        "/",
        route_handlers=ROUTE_HANDLERS,
        guards=[authorize],
        dependencies={
            **{name: _provide(name) for name in ("services", *OF_FEATURES)},
            **{name: _provide_caller() for name in CALLERS},
            "page": Provide(_page, sync_to_thread=False),
            "days": Provide(_days, sync_to_thread=False),
        },
        before_request=_check_request,
        middleware=[log_requests, _metrics().middleware],
    )
    app = Litestar(
        [guarded, *UPLOADS, make_docs_router()],
        lifespan=[lifespan],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=openapi_config,
        cors_config=_allow_web_apps(settings),
        logging_config=make_log_config(settings),
        request_max_body_size=MAX_BODY_BYTES,
    )
    _require_access_rules(app)
    app.state.known_parameters = find_known_parameters(app)
    return app


class _Guarded(Router):
    """Made for one application, so it is registered as it is: to copy all its handlers was a fifth of a start."""

    def __deepcopy__(self, memo: dict[int, object]) -> "_Guarded":
        return self


async def _check_request(request: Request[Any, Any, State]) -> None:
    require_known_parameters(request)
    await require_json(request)


def _allow_web_apps(settings: Settings) -> CORSConfig | None:
    """Pages show tokens, never cookies, so no credentials of the browser's are asked for."""
    if settings.web_origins is None:
        return None
    return CORSConfig(
        allow_origins=[origin.strip() for origin in settings.web_origins.split(",")],
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "authorization",
            "content-type",
            "idempotency-key",
            "if-none-match",
            "traceparent",
            "x-request-id",
            APP_CHECK_HEADER,
        ],
        expose_headers=["ETag", "Retry-After", "WWW-Authenticate", "Content-Disposition", "X-Request-Id"],
        max_age=7200,
    )


def _metrics() -> PrometheusConfig:
    uncounted = ["^/metrics$", "^/health/"]
    return PrometheusConfig(app_name="noren", prefix="noren", group_path=True, exclude=uncounted)


def _provide(name: str) -> Provide:
    def give(state: State) -> object:
        return state[name]

    return Provide(give, sync_to_thread=False)


def _provide_caller() -> Provide:
    """Whom the guard let in; the route's roles say which kind that is. Litestar wants a function for each name."""

    def give(request: Request[Any, Any, State]) -> object:
        return request.user

    return Provide(give, sync_to_thread=False)


def _page(cursor: Cursor = None, limit: Limit = 50) -> PageRequest:
    return parse_page(cursor, limit)


def _days(from_day: FromDay = None, to_day: ToDay = None) -> Days:
    if from_day is not None and to_day is not None and to_day < from_day:
        raise Problem("invalid-request", "Give a to_day that is not before from_day.")
    return Days(from_day, to_day)


def _require_access_rules(app: Litestar) -> None:
    """A route without a rule, or a rule without a route, is a mistake that must not start."""
    served = {
        (method, route.path_format)
        for route in app.routes
        for method in (getattr(route, "methods", None) or {"POST"})  # our ASGI handlers take POST only
        if method != "OPTIONS" and not route.path_format.startswith(OPEN_PREFIXES)
    }
    if served != set(ROUTES):
        raise RuntimeError(f"server/web/access.py and the routes differ: {sorted(served ^ set(ROUTES))}")
