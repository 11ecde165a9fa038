"""A campaign's picture: sent by the staff, shown by the app with the coupon and by the phone with the push."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

import msgspec
from litestar import Controller, Response, delete, get, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)
from litestar.params import FromPath, HeaderParameter

from coupons.campaigns import pictures_repository
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.picture_files import (
    MAX_FILE_BYTES,
    SENT_TYPES,
    Picture,
    PictureFault,
    SentType,
    StoredType,
    UnusablePicture,
    make_picture,
)
from ids import CampaignId
from kit.database import Connection, connect
from programs.staff_repository import Session
from server.campaigns.own_campaigns import find_campaign_of, require_changeable
from server.messages.picture_urls import PICTURES, picture_url
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.bodies import media_type_of, read_body
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

_DETAILS: dict[PictureFault, str] = {
    "not_that_type": "Send a PNG, JPEG or WebP file, with the Content-Type of what it is.",
    "too_many_pixels": "Send a smaller picture: of at most 25 million pixels. 1600 by 1600 is enough.",
    "damaged": "Export the picture once more and send that: this file is broken or not whole.",
}
_NAME = re.compile(r"[0-9a-f]{64}\.(jpg|png)")
_FILE = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))

IfNoneMatch = Annotated[
    str | None, HeaderParameter(name="If-None-Match", description="The ETag of the picture that is there already.")
]


class CampaignPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as phones load it: the one that was sent, upright, scaled down, and with nothing in it but pixels."""

    url: str
    """Where it is. From the root of this API where it begins with a slash."""
    media_type: StoredType
    """JPEG for photographs; PNG for drawings, and for what is transparent."""
    width_px: int
    """Its width, at most 1600."""
    height_px: int
    """Its height, at most 1600."""
    size_bytes: int
    """How large its file is, at most 1,000,000."""


@dataclass
class _SendingOperation(Operation):
    """What Litestar cannot know of a body that is a file."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            required=True,
            description="The file itself: at most 5,000,000 bytes and 25 million pixels",
            content=dict.fromkeys(SENT_TYPES, _FILE),
        )


@dataclass
class _ServingOperation(Operation):
    def __post_init__(self) -> None:
        answer = OpenAPIResponse(description="The file", content={"image/jpeg": _FILE, "image/png": _FILE})
        self.responses = {**(self.responses or {}), "200": answer}


class CampaignPictureController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}/picture"
    tags = ("Campaigns",)

    @put(
        operation_id="replaceCampaignPicture",
        summary="Give a campaign its picture, or another one",
        request_max_body_size=MAX_FILE_BYTES,
        opt={"media_types": SENT_TYPES},
        operation_class=_SendingOperation,
    )
    async def replace_campaign_picture(
        self, campaign_id: FromPath[CampaignId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[CampaignPicture]:
        """It is written anew: turned upright, scaled down to 1600 pixels, and without what a camera adds, such as the
        place where it was taken. Of an animation the first picture is taken. Coupons that are out show it too.
        """
        content = await read_body(request)
        async with connect(services.pool) as conn:
            await find_pictured(conn, staff, campaign_id)  # before the work, which is heavy
        picture = await make_sent_picture(services, content, request.headers["content-type"])

        async def work(conn: Connection, now: datetime, version: int) -> CampaignPicture:
            campaign = await find_pictured(conn, staff, campaign_id)
            await pictures_repository.show_picture(conn, campaign, picture, version, now)
            url = picture_url(services.settings.public_url, picture.name)
            assert url is not None
            return CampaignPicture(
                url=url,
                media_type=picture.media_type,
                width_px=picture.width_px,
                height_px=picture.height_px,
                size_bytes=len(picture.content),
            )

        return await write(request, services, work, bumps="campaigns", target=str(campaign_id))

    @delete(operation_id="removeCampaignPicture", summary="Take a campaign's picture away", status_code=204)
    async def remove_campaign_picture(
        self, campaign_id: FromPath[CampaignId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        """Nobody can load it any more, unless another campaign shows the same; phones may have kept it."""

        async def work(conn: Connection, _: datetime, version: int) -> None:
            await pictures_repository.remove_picture(conn, await find_pictured(conn, staff, campaign_id), version)

        return await write(request, services, work, bumps="campaigns", status=204, target=str(campaign_id))


@get(
    f"{PICTURES}/{{name:str}}",
    operation_id="getPicture",
    summary="A campaign's picture",
    tags=["Campaigns"],
    operation_class=_ServingOperation,
    responses={304: ResponseSpec(None, description="It is as it was", generate_examples=False)},
)
async def get_picture(
    name: FromPath[str], services: ServicesDependency, if_none_match: IfNoneMatch = None
) -> Response[bytes]:
    """It never changes: another picture has another name."""
    if not _NAME.fullmatch(name):
        raise not_found("picture")
    async with connect(services.pool) as conn:
        picture = await pictures_repository.find_picture(conn, name)
    if picture is None:
        raise not_found("picture")
    headers = {
        "ETag": f'"{name}"',
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    if if_none_match is not None and if_none_match.removeprefix("W/") == headers["ETag"]:
        return cast("Response[bytes]", Response(None, status_code=304, headers=headers))
    return Response(picture.content, media_type=picture.media_type, headers=headers)


async def find_pictured(conn: Connection, staff: Session, campaign_id: CampaignId) -> Campaign:
    campaign = await find_campaign_of(conn, staff, campaign_id)
    require_changeable(staff, campaign)
    return campaign


async def make_sent_picture(services: Services, content: bytes, content_type: str) -> Picture:
    """In a process of its own: a second or more, and a hundred megabytes. Raises Problem."""
    media_type = cast("SentType", media_type_of(content_type))
    try:
        return await services.apart.run(make_picture, content, media_type)
    except UnusablePicture as error:
        raise Problem("picture-unusable", _DETAILS[error.fault], reason=error.fault) from error
