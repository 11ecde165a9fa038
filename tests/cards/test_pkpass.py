"""The pass as a phone would take it: signed, whole, readable; checked by programs that are not ours."""

import hashlib
import io
import json
import re
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from cards.apple_pass import STRINGS, PassCoupon, PassFace, PassIdentity, PassMember, PassPlace
from cards.barcodes import encode_number
from cards.numbers import parse_number
from cards.pass_signing import UnusablePassFile, read_signer
from cards.pictures import draw_bars_svg, draw_qr
from cards.pkpass import build_pkpass
from devtools.apple_authority import PASS_TYPE, TEAM, issue, make_pass_holder, make_root, make_signer, write_files
from tests.cards.test_pictures import bar_pixels, qr_pixels

NUMBER = "2912345678906"
PLACES = tuple(PassPlace(35.6 + n / 100, 139.7, f"店{n}") for n in range(10))
COUPON = PassCoupon("珈琲を一杯", "本日のコーヒーをサービスいたします。", datetime(2026, 11, 30, 15, tzinfo=UTC))
FACE = PassFace(
    "Kissa Sakura", "ja", PassMember(number=NUMBER, points=1234, rank="ゴールド", coupon=COUPON, places=PLACES)
)
ENDED = PassFace("Kissa Sakura", "en", None)
IDENTITY = PassIdentity(
    pass_type=PASS_TYPE,
    team=TEAM,
    serial_number="c2VyaWFs",
    token="a-token-of-16-or-more",
    web_service_url="https://noren.example/apple-wallet",
)


def built(face: PassFace = FACE) -> dict[str, bytes]:
    """The pass's files by name."""
    with zipfile.ZipFile(io.BytesIO(build_pkpass(face, IDENTITY, make_signer()))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def shown(face: PassFace = FACE) -> dict[str, Any]:
    """pass.json."""
    read: dict[str, Any] = json.loads(built(face)["pass.json"])
    return read


def verify(folder: Path, manifest: bytes, signature: bytes, tool: str) -> "subprocess.CompletedProcess[bytes]":
    (folder / "manifest.json").write_bytes(manifest)
    (folder / "signature").write_bytes(signature)
    arguments = ["-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "manifest.json"]
    chain = ["-CAfile", str(write_files().root), "-purpose", "any", "-out", "/dev/null"]
    return subprocess.run(["openssl", tool, *arguments, *chain], cwd=folder, capture_output=True)


@pytest.mark.parametrize("tool", ["smime", "cms"])
def test_openssl_verifies_the_signature_by_the_chain_inside(tmp_path: Path, tool: str) -> None:
    files = built()
    done = verify(tmp_path, files["manifest.json"], files["signature"], tool)
    assert done.returncode == 0, done.stderr
    parsed = subprocess.run(
        ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", "signature"], cwd=tmp_path, capture_output=True
    ).stdout.decode()
    assert "signingTime" in parsed
    assert "eContent: <ABSENT>" in parsed, "detached"
    assert f"Pass Type ID: {PASS_TYPE}" in parsed
    assert parsed.count("subject:") == 2, "the pass's certificate and the intermediate"


def test_a_flipped_bit_is_seen(tmp_path: Path) -> None:
    files = built()
    manifest, signature = files["manifest.json"], files["signature"]
    spoilt = bytearray(manifest)
    spoilt[20] ^= 1
    assert verify(tmp_path, bytes(spoilt), signature, "cms").returncode != 0
    forged = bytearray(signature)
    forged[-20] ^= 1
    assert verify(tmp_path, manifest, bytes(forged), "cms").returncode != 0


def test_the_manifest_has_every_file_and_its_hash() -> None:
    files = built()
    manifest = json.loads(files["manifest.json"])
    assert set(manifest) == set(files) - {"manifest.json", "signature"}
    assert {name: hashlib.sha1(files[name]).hexdigest() for name in manifest} == manifest
    pictures = {f"{name}{size}.png" for name in ("icon", "logo") for size in ("", "@2x", "@3x")}
    assert set(manifest) == {"pass.json", "ja.lproj/pass.strings", "en.lproj/pass.strings"} | pictures


def test_the_archive_is_the_same_but_for_the_signature() -> None:
    first, second = built(), built()
    assert {name: first[name] for name in first if name != "signature"} == {
        name: second[name] for name in second if name != "signature"
    }
    with zipfile.ZipFile(io.BytesIO(build_pkpass(FACE, IDENTITY, make_signer()))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_pictures_have_the_sizes_that_apple_names() -> None:
    files = built()
    for scale, suffix in ((1, ""), (2, "@2x"), (3, "@3x")):
        for name, side in (("icon", 29), ("logo", 50)):
            png = files[f"{name}{suffix}.png"]
            assert png.startswith(b"\x89PNG\r\n\x1a\n")
            assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (side * scale, side * scale)


def test_what_a_member_sees() -> None:
    read = shown()
    assert (read["formatVersion"], read["passTypeIdentifier"], read["teamIdentifier"]) == (1, PASS_TYPE, TEAM)
    assert (read["serialNumber"], read["authenticationToken"]) == (IDENTITY.serial_number, IDENTITY.token)
    assert read["webServiceURL"] == IDENTITY.web_service_url
    assert read["organizationName"] == read["logoText"] == "Kissa Sakura"
    card = read["storeCard"]
    assert card["headerFields"][0]["value"] == 1234
    assert card["secondaryFields"][0]["value"] == "ゴールド"
    assert [field["value"] for field in card["auxiliaryFields"]] == [COUPON.title, "2026-11-30T15:00+00:00"]
    assert "2912 3456 7890 6" in [field["value"] for field in card["backFields"]]
    assert len(read["locations"]) == 10
    assert read["locations"][0] == {"latitude": 35.6, "longitude": 139.7, "relevantText": "店0の近くです"}
    assert "voided" not in read


def test_what_is_not_there_is_not_shown() -> None:
    read = shown(
        PassFace("Kissa Sakura", "en", PassMember(number=NUMBER, points=None, rank=None, coupon=None, places=()))
    )
    assert set(read["storeCard"]) == {"backFields"}
    assert "locations" not in read


def test_an_ended_pass_is_voided_and_holds_nothing_of_its_member() -> None:
    read = shown(ENDED)
    assert read["voided"] is True
    assert not {"barcodes", "locations"} & set(read)
    assert NUMBER[:4] not in json.dumps(read["storeCard"])


def test_each_key_has_its_words_in_both_languages() -> None:
    used = set()
    for face in (FACE, ENDED):
        for fields in shown(face)["storeCard"].values():
            for field in fields:
                used |= {field["label"], field.get("changeMessage")}
    used -= {None, COUPON.title}  # its own words
    for locale in ("ja", "en"):
        words = dict(re.findall(r'^"(\w+)" = "(.+)";$', built()[f"{locale}.lproj/pass.strings"].decode(), re.MULTILINE))
        assert used <= set(words)
        assert all(words[key].count("%@") == 1 for key in words if key.endswith("_changed"))
    assert set(STRINGS["ja"]) == set(STRINGS["en"])


def test_a_reader_reads_the_codes_back() -> None:
    code128, qr = shown()["barcodes"]
    assert (code128["format"], qr["format"]) == ("PKBarcodeFormatCode128", "PKBarcodeFormatQR")
    (read,) = zxingcpp.read_barcodes(bar_pixels(draw_bars_svg(encode_number(code128["message"], "code128"), "")))
    assert (str(read.format), parse_number(read.text)) == ("Code 128", NUMBER)
    (read,) = zxingcpp.read_barcodes(qr_pixels(draw_qr(qr["message"])))
    assert parse_number(read.text) == NUMBER
    assert qr["messageEncoding"] == "iso-8859-1"


def test_the_fingerprint_moves_with_what_is_shown() -> None:
    assert FACE.member is not None
    member = FACE.member
    changes: list[dict[str, object]] = [
        {"number": "2900000000001"},
        {"points": 1235},
        {"points": None},
        {"rank": "シルバー"},
        {"coupon": None},
        {"coupon": msgspec.structs.replace(COUPON, expires_at=COUPON.expires_at + timedelta(seconds=1))},
        {"places": PLACES[:9]},
        {"places": (PassPlace(35.6, 139.7, "新しい店"), *PLACES[1:])},
    ]
    faces = [msgspec.structs.replace(FACE, member=msgspec.structs.replace(member, **change)) for change in changes]
    faces += [ENDED, msgspec.structs.replace(FACE, locale="en"), msgspec.structs.replace(FACE, program_name="X")]
    assert len({face.fingerprint for face in (FACE, *faces)}) == len(faces) + 1
    assert msgspec.structs.replace(FACE).fingerprint == FACE.fingerprint


@pytest.mark.parametrize("name", ['"; DROP', "a\\b", "\u202e", "店" * 200, "%@", "\n"])
def test_any_name_is_only_text(name: str) -> None:
    assert (
        shown(PassFace(name, "ja", PassMember(number=NUMBER, points=0, rank=name, coupon=None, places=())))[
            "organizationName"
        ]
        == name
    )


def test_files_that_do_not_belong_together_are_named() -> None:
    files = write_files()
    certificate, key, intermediate = (path.read_bytes() for path in (files.certificate, files.key, files.intermediate))
    other = make_pass_holder(key=ec.generate_private_key(ec.SECP256R1()))
    locked = other.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    plain = issue({}, other.key, make_root(), is_authority=False)
    for wrong, file in (
        ((b"", key, intermediate), "certificate"),
        ((key, key, intermediate), "certificate"),
        ((plain.certificate_pem, key, intermediate), "certificate"),
        ((certificate, b"x", intermediate), "key"),
        ((certificate, other.key_pem, intermediate), "key"),
        ((certificate, locked, intermediate), "key"),
        ((certificate, key, b"-----BEGIN CERTIFICATE-----"), "intermediate"),
        ((certificate, key, files.root.read_bytes()), "intermediate"),
    ):
        with pytest.raises(UnusablePassFile) as refused:
            read_signer(*wrong)
        assert refused.value.file == file


def test_an_elliptic_key_signs_too(tmp_path: Path) -> None:
    holder = make_pass_holder(key=ec.generate_private_key(ec.SECP256R1()))
    signer = read_signer(holder.certificate_pem, holder.key_pem, write_files().intermediate.read_bytes())
    assert verify(tmp_path, b"{}", signer.sign(b"{}"), "cms").returncode == 0
