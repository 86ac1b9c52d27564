"""Metadata of renditions: the rights record goes in, everything else stays out."""

from typing import Any, cast

import pyexiv2
import pytest
from PIL import Image

from catalog.delivery.model import Format, RightsRecord
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
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


def master_with_everything() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Camera Maker"
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
    rendition = render(open_master(encoded(quadrants(400, 300))), request, lambda: False)
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
    rendition = render(open_master(master), wanted(200, form, rights=rights), lambda: False)
    xmp, exif, iptc = metadata(rendition.body)
    assert exif == {}
    assert iptc == {}
    assert not [name for name in xmp if "GPS" in name]
    assert xmp.get("Xmp.photoshop.Credit") == rights.credit
    assert b"Someone else" not in rendition.body


def test_a_control_character_does_not_break_the_packet() -> None:
    request = wanted(200, Format.JPEG, rights=RightsRecord(credit="A\0\x0bB\nC"))
    rendition = render(open_master(encoded(quadrants(400, 300))), request, lambda: False)
    assert metadata(rendition.body)[0]["Xmp.photoshop.Credit"] == "ABC"
