"""A campaign's picture, from the file that somebody sends to the one that phones load. Pure, and heavy: run it apart.

The pixels are written anew, upright and in sRGB, so that nothing else of the file goes out: a photograph may hold the
place where it was taken, its camera's number, and a small picture of what was cut off.
"""

import hashlib
import io
from typing import Literal, get_args

import msgspec
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

SentType = Literal["image/png", "image/jpeg", "image/webp"]
StoredType = Literal["image/png", "image/jpeg"]
PictureFault = Literal["not_that_type", "too_many_pixels", "damaged"]
SENT_TYPES: tuple[SentType, ...] = get_args(SentType)

MAX_FILE_BYTES = 5_000_000
# A camera's 24 megapixels. The header says so, before a pixel is decoded: a file of a few bytes may declare terabytes.
MAX_PIXELS = 25_000_000
# FCM loads no larger one for an Android phone: https://firebase.google.com/docs/cloud-messaging/android/send-image
MAX_STORED_BYTES = 1_000_000
# Each half of the pixels before; one of the last sides is below the bytes whatever it shows.
_SIDES_PX = (1600, 1131, 800, 566)
_QUALITY = 85

_FORMATS: dict[SentType, str] = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_ENDINGS: dict[StoredType, str] = {"image/png": ".png", "image/jpeg": ".jpg"}


class UnusablePicture(Exception):
    def __init__(self, fault: PictureFault) -> None:
        super().__init__(fault)
        self.fault = fault


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """As it is stored. `name`: the SHA-256 of the content in hexadecimal digits, and an ending that tells its type."""

    name: str
    media_type: StoredType
    content: bytes
    width_px: int
    height_px: int


def make_picture(content: bytes, media_type: SentType) -> Picture:
    """Of an animation the first picture. Raises UnusablePicture."""
    try:
        with Image.open(io.BytesIO(content), formats=[_FORMATS[media_type]]) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise UnusablePicture("too_many_pixels")
            opened.draft("RGB", (_SIDES_PX[0], _SIDES_PX[0]))  # a JPEG is decoded at a fraction of its size
            pixels = _read_pixels(opened)
    except UnusablePicture:
        raise
    except UnidentifiedImageError as error:
        raise UnusablePicture("not_that_type") from error
    except Image.DecompressionBombError as error:
        raise UnusablePicture("too_many_pixels") from error
    except Exception as error:  # a decoder raises errors of many kinds at what it cannot read
        raise UnusablePicture("damaged") from error
    return _write(pixels, keeps_png=media_type == "image/png")


def _read_pixels(opened: Image.Image) -> Image.Image:
    """RGB, or RGBA where something of it is transparent."""
    upright = ImageOps.exif_transpose(opened)
    profile = opened.info.get("icc_profile")
    pixels = upright.convert("RGBA") if upright.has_transparency_data else _without_transparency(upright)
    if profile:
        pixels = _to_srgb(pixels, profile)
    if pixels.mode == "RGBA":
        return (
            pixels if pixels.getchannel("A").histogram()[255] < pixels.width * pixels.height else pixels.convert("RGB")
        )
    return pixels.convert("RGB")


def _without_transparency(upright: Image.Image) -> Image.Image:
    if upright.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off above 255
        return upright.point(lambda value: value * (1 / 256)).convert("L")
    return upright.convert("RGB") if upright.mode == "P" else upright


def _to_srgb(pixels: Image.Image, profile: bytes) -> Image.Image:
    """As it is where the profile is of no use."""
    mode = "RGBA" if pixels.mode == "RGBA" else "RGB"
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(pixels, given, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return pixels
    return converted or pixels


def _write(pixels: Image.Image, *, keeps_png: bool) -> Picture:
    """PNG for drawings and for what is transparent, as long as it is small enough; else JPEG, on white."""
    pixels.info.clear()
    for side in _SIDES_PX:
        pixels.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        if keeps_png or pixels.mode == "RGBA":
            picture = _encode(pixels, "image/png")
            if len(picture.content) <= MAX_STORED_BYTES:
                return picture
        picture = _encode(_on_white(pixels), "image/jpeg")
        if len(picture.content) <= MAX_STORED_BYTES:
            return picture
    raise AssertionError("a JPEG of that size is smaller")


def _on_white(pixels: Image.Image) -> Image.Image:
    if pixels.mode != "RGBA":
        return pixels
    ground = Image.new("RGB", pixels.size, "white")
    ground.paste(pixels, mask=pixels.getchannel("A"))
    return ground


def _encode(pixels: Image.Image, media_type: StoredType) -> Picture:
    out = io.BytesIO()
    if media_type == "image/png":
        pixels.save(out, "PNG")
    else:
        pixels.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    content = out.getvalue()
    return Picture(
        name=hashlib.sha256(content).hexdigest() + _ENDINGS[media_type],
        media_type=media_type,
        content=content,
        width_px=pixels.width,
        height_px=pixels.height,
    )
