"""Metadata of renditions: the rights record goes in, everything else stays out."""

import json
import shutil
import subprocess
from typing import Any, cast

import pyexiv2
import pytest
from PIL import Image

from catalog.delivery.model import Format, RightsRecord
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
from imaging.vips import Stop
from tests.imaging.pictures import encoded, quadrants, wanted

FORMATS = (Format.JPEG, Format.WEBP, Format.AVIF, Format.PNG)
RIGHTS = RightsRecord(
    credit='Ann & Bo <"Studio">',
    licensor="Bildhaus München",
    licensor_url="https://licensor.example/buy?a=1&b=2",
    web_statement="https://rights.example/terms",
)


def metadata(body: bytes) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    opened: Any = pyexiv2.ImageData(body)
    try:
        return opened.read_xmp(), opened.read_exif(), opened.read_iptc()
    finally:
        opened.close()


needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="needs the Debian package libimage-exiftool-perl"
)


def by_exiftool(body: bytes) -> dict[str, Any]:
    """All tags by group and name, read by a program that shares no code with libvips or exiv2."""
    command = ["exiftool", "-json", "-struct", "-G1", "-charset", "utf8", "-"]
    done = subprocess.run(command, input=body, capture_output=True, check=True)
    (tags,) = json.loads(done.stdout)
    return tags


def master_with_everything() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Camera Maker"
    exif.get_ifd(0x8769)[0xA431] = "SERIAL-4711"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 14.0)
    body = encoded(quadrants(400, 300), exif=exif)
    opened = cast("Any", pyexiv2.ImageData(body))
    opened.modify_xmp({"Xmp.exif.GPSLatitude": "48,8.2N", "Xmp.photoshop.Credit": "Someone else"})
    opened.modify_iptc({"Iptc.Application2.City": "München"})
    body = bytes(opened.get_bytes())
    opened.close()
    return body


@pytest.mark.parametrize("form", FORMATS)
def test_the_rights_record_is_read_back(form: Format) -> None:
    request = wanted(200, form, rights=RIGHTS)
    rendition = render(open_master(encoded(quadrants(400, 300))), request, Stop())
    xmp, _, _ = metadata(rendition.body)
    assert xmp["Xmp.photoshop.Credit"] == RIGHTS.credit
    assert xmp["Xmp.xmpRights.Marked"] == "True"
    assert xmp["Xmp.xmpRights.WebStatement"] == RIGHTS.web_statement
    assert xmp["Xmp.dc.rights"] == {'lang="x-default"': RIGHTS.licensor}
    assert xmp["Xmp.plus.Licensor[1]/plus:LicensorName"] == RIGHTS.licensor
    assert xmp["Xmp.plus.Licensor[1]/plus:LicensorURL"] == RIGHTS.licensor_url


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("rights", [RightsRecord(), RIGHTS])
def test_no_place_and_nothing_else_of_the_source_survives(
    form: Format, rights: RightsRecord
) -> None:
    master = master_with_everything()
    assert "Exif.GPSInfo.GPSLatitude" in metadata(master)[1]
    rendition = render(open_master(master), wanted(200, form, rights=rights), Stop())
    xmp, exif, iptc = metadata(rendition.body)
    assert exif == {}
    assert iptc == {}
    assert not [name for name in xmp if "GPS" in name]
    assert xmp.get("Xmp.photoshop.Credit") == rights.credit
    assert b"Someone else" not in rendition.body


@needs_exiftool
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("bare", [True, False], ids=["bare", "full"])
def test_exiftool_reads_the_rights_record_and_nothing_else(form: Format, *, bare: bool) -> None:
    master = encoded(quadrants(400, 300)) if bare else master_with_everything()
    if not bare:
        assert by_exiftool(master)["ExifIFD:SerialNumber"] == "SERIAL-4711"
    body = render(open_master(master), wanted(200, form, rights=RIGHTS), Stop()).body
    tags = by_exiftool(body)
    said = {name: value for name, value in tags.items() if name.startswith("XMP-")}
    said.pop("XMP-x:XMPToolkit", None)
    assert said == {
        "XMP-photoshop:Credit": RIGHTS.credit,
        "XMP-dc:Rights": RIGHTS.licensor,
        "XMP-xmpRights:Marked": True,
        "XMP-xmpRights:WebStatement": RIGHTS.web_statement,
        "XMP-plus:Licensor": [
            {"LicensorName": RIGHTS.licensor, "LicensorURL": RIGHTS.licensor_url}
        ],
    }
    personal = ("IFD0", "ExifIFD", "GPS", "IPTC", "Photoshop", "ICC")
    assert not [name for name in tags if name.startswith(personal)]
    assert "GPS" not in json.dumps(tags)
    assert b"SERIAL-4711" not in body


def test_a_control_character_does_not_break_the_packet() -> None:
    request = wanted(200, Format.JPEG, rights=RightsRecord(credit="A\0\x0bB\nC"))
    rendition = render(open_master(encoded(quadrants(400, 300))), request, Stop())
    assert metadata(rendition.body)[0]["Xmp.photoshop.Credit"] == "ABC"
