"""What becomes of a picture's file: upright, small enough, and nothing but pixels."""

import hashlib
import io
import random

import pytest
from PIL import Image, ImageCms

from coupons.campaigns.picture_files import (
    MAX_PIXELS,
    MAX_STORED_BYTES,
    Picture,
    SentType,
    StoredType,
    UnusablePicture,
    make_picture,
)
from tests.support.pictures import declare_png, draw, draw_file, write_file

RED, BLUE = (200, 30, 40), (20, 40, 210)
ORIENTATION, GPS = 0x0112, 0x8825


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.content))


def is_like(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel[:3], colour, strict=True))


@pytest.mark.parametrize(
    ("kind", "mode", "sent", "stored"),
    [
        ("JPEG", "RGB", "image/jpeg", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg", "image/jpeg"),
        ("PNG", "RGB", "image/png", "image/png"),
        ("PNG", "P", "image/png", "image/png"),
        ("PNG", "RGBA", "image/png", "image/png"),
        ("WEBP", "RGB", "image/webp", "image/jpeg"),
    ],
)
def test_each_kind_comes_out_as_one_that_every_phone_shows(
    kind: str, mode: str, sent: SentType, stored: StoredType
) -> None:
    picture = make_picture(draw_file(kind, mode), sent)
    assert (picture.media_type, picture.width_px, picture.height_px) == (stored, 60, 40)
    assert picture.name == hashlib.sha256(picture.content).hexdigest() + {"image/png": ".png"}.get(stored, ".jpg")
    shown = opened(picture).convert("RGB")
    assert is_like(shown.getpixel((2, 2)), RED)
    assert is_like(shown.getpixel((57, 37)), BLUE)
    assert make_picture(draw_file(kind, mode), sent) == picture


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    grey = Image.new("I;16", (4, 4), 40_000)
    assert opened(make_picture(write_file(grey, "PNG"), "image/png")).convert("L").getpixel((1, 1)) == 40_000 // 256


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_stays_so(kind: str) -> None:
    picture = draw("RGBA")
    picture.putpixel((0, 0), (0, 0, 0, 0))
    stored = make_picture(write_file(picture, kind, lossless=True), f"image/{kind.lower()}")  # type: ignore[arg-type]
    assert stored.media_type == "image/png"
    assert opened(stored).getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_a_photograph_is_turned_upright_and_tells_no_place() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned clockwise
    exif[0x010F] = "Camera 123456"
    exif.get_ifd(GPS).update({1: "N", 2: (35.0, 41.0, 22.0), 3: "E", 4: (139.0, 42.0, 1.0)})
    sent = draw_file("JPEG", exif=exif, comment=b"taken by Hana")
    assert b"Camera 123456" in sent
    picture = make_picture(sent, "image/jpeg")
    assert (picture.width_px, picture.height_px) == (40, 60)
    assert is_like(opened(picture).getpixel((20, 2)), RED)
    shown = opened(picture)
    assert not shown.getexif()
    assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    for trace in (b"Exif", b"Camera", b"Hana"):
        assert trace not in picture.content


def test_of_a_png_the_texts_are_left_out() -> None:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - only here

    texts = PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", "<x:GPSLatitude>35,41.22N</x:GPSLatitude>")
    picture = make_picture(draw_file("PNG", pnginfo=texts), "image/png")
    assert b"GPS" not in picture.content
    assert not opened(picture).info


def test_colours_of_another_space_become_those_that_phones_expect() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = make_picture(draw_file("JPEG", icc_profile=lab), "image/jpeg")
    assert is_like(opened(picture).getpixel((2, 2)), RED)
    assert "icc_profile" not in opened(picture).info
    assert make_picture(draw_file("JPEG", icc_profile=b"nonsense"), "image/jpeg").width_px == 60


def test_a_large_one_is_scaled_down_until_a_push_may_carry_it() -> None:
    noise = Image.frombytes("RGB", (2000, 1500), random.Random(1).randbytes(2000 * 1500 * 3))
    for kind, sent in (("PNG", "image/png"), ("JPEG", "image/jpeg")):
        picture = make_picture(write_file(noise, kind), sent)  # type: ignore[arg-type]
        assert picture.media_type == "image/jpeg"
        assert len(picture.content) <= MAX_STORED_BYTES
        assert 1600 >= picture.width_px > picture.height_px >= 400
    long = make_picture(draw_file("PNG", size=(5000, 3)), "image/png")
    assert (long.width_px, long.height_px) == (1600, 1)


@pytest.mark.parametrize(
    ("content", "sent", "fault"),
    [
        (b"", "image/png", "not_that_type"),
        (b"GIF89a", "image/png", "not_that_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", "not_that_type"),
        (draw_file("JPEG"), "image/png", "not_that_type"),
        (draw_file("PNG"), "image/jpeg", "not_that_type"),
        (draw_file("TIFF"), "image/webp", "not_that_type"),
        (draw_file("PNG")[:-30], "image/png", "damaged"),
        (draw_file("JPEG")[:-30], "image/jpeg", "damaged"),
        (draw_file("WEBP")[:-30], "image/webp", "damaged"),
        (declare_png(10, 10, b"\0" * 3), "image/png", "damaged"),
        (declare_png(2**31 - 1, 2**31 - 1), "image/png", "too_many_pixels"),
        (declare_png(MAX_PIXELS, 2), "image/png", "too_many_pixels"),
        (declare_png(MAX_PIXELS // 1000 + 1, 1000), "image/png", "too_many_pixels"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(content: bytes, sent: SentType, fault: str) -> None:
    with pytest.raises(UnusablePicture) as caught:
        make_picture(content, sent)
    assert caught.value.fault == fault


def test_any_bytes_at_all_are_read_or_refused() -> None:
    chance = random.Random(7)
    good: list[tuple[bytes, SentType]] = [
        (draw_file("JPEG"), "image/jpeg"),
        (draw_file("PNG"), "image/png"),
        (draw_file("WEBP"), "image/webp"),
    ]
    for _ in range(300):
        content, sent = chance.choice(good)
        spoilt = bytearray(content)
        for _ in range(chance.randint(1, 20)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        try:
            make_picture(bytes(spoilt), sent)
        except UnusablePicture:
            continue
