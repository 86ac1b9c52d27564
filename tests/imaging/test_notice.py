"""The copyright notice of a source is read once, and stays where the asset has no other."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pyexiv2
import pytest
from PIL import Image

from catalog.delivery.model import Format, RightsRecord
from imaging.ingest import open_ingestor
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
from imaging.probing.notice import MOST_XMP_BYTES, notice_in
from imaging.vips import Stop
from tests.imaging.heifs import heic
from tests.imaging.hostile.jpegs import jpeg_segment, jpeg_whose_xmp_has_entities, jpeg_with
from tests.imaging.pictures import encoded, quadrants, wanted

NOTICE = "© 2026 Jürgen Müller <Foto>"
FORMATS = (Format.JPEG, Format.WEBP, Format.AVIF, Format.PNG)
XMP = b"http://ns.adobe.com/xap/1.0/\0"
PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/" '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>%b'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def with_xmp(form: str = "JPEG", **more: str) -> bytes:
    opened: Any = pyexiv2.ImageData(encoded(quadrants(40, 30), form))
    other = {'lang="x-default"': NOTICE, 'lang="de-DE"': "Alle Rechte"}
    opened.modify_xmp({"Xmp.dc.rights": other, "Xmp.dc.title": "A lamp"})
    opened.modify_iptc(more)
    body = bytes(opened.get_bytes())
    opened.close()
    return body


def with_iptc(notice: str = NOTICE, encoding: str = "utf-8") -> bytes:
    opened: Any = pyexiv2.ImageData(encoded(quadrants(40, 30)))
    opened.modify_iptc(
        {"Iptc.Application2.Copyright": notice, "Iptc.Application2.City": "Ulm"}, encoding
    )
    body = bytes(opened.get_bytes())
    opened.close()
    return body


def with_exif(notice: str | bytes, form: str = "JPEG", *, odd: bool = False) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x8298] = "Maker", notice
    if odd:
        exif[0x9C9B] = "abc"  # XPTitle, which is a list of bytes
    return encoded(quadrants(40, 30), form, exif=exif)


def with_packet(content: bytes) -> bytes:
    return jpeg_with(jpeg_segment(0xE1, XMP + PACKET % content))


def heic_with_exif() -> bytes:
    picture = quadrants(64, 64)
    exif = Image.Exif()
    exif[0x8298] = NOTICE.encode()
    picture.info["exif"] = exif.tobytes()
    return heic(picture)


@pytest.mark.parametrize(
    "source",
    [
        with_xmp(),
        with_xmp("PNG"),
        with_xmp("WEBP"),
        with_xmp(**{"Iptc.Application2.Copyright": "Bo"}),
        with_iptc(),
        with_iptc(encoding="latin-1"),
        *(with_exif(NOTICE.encode(), form) for form in ("JPEG", "WEBP", "PNG", "TIFF", "AVIF")),
        with_exif(NOTICE.encode("latin-1")),
        with_exif(NOTICE.encode(), odd=True),
        heic_with_exif(),
        with_packet(b"<dc:rights>%b</dc:rights>" % NOTICE.replace("<", "&lt;").encode()),
    ],
)
def test_the_notice_is_found_in_each_block_and_format(source: bytes) -> None:
    assert notice_in(source) == NOTICE


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (with_exif(b"Ann\0Bo\0"), "Ann, Bo"),  # photographer and editor
        (with_exif(b"Ann"), "Ann"),
        (with_iptc("A\0nn\x1b  &\r\n Bo"), "A, nn & Bo"),
        (with_iptc("x" * 5000), "x" * 2000),
    ],
)
def test_a_notice_is_one_line_that_a_database_takes(source: bytes, expected: str) -> None:
    assert notice_in(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        encoded(quadrants(40, 30)),
        jpeg_whose_xmp_has_entities(),
        jpeg_with(jpeg_segment(0xE1, XMP + b"<rdf:li>A</rdf:li>")),
        with_packet(b"<dc:rights><rdf:Alt><rdf:li> </rdf:li></rdf:Alt></dc:rights>"),
        jpeg_with(jpeg_segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff")),
        jpeg_with(jpeg_segment(0xED, b"Photoshop 3.0\0" + b"\x1c\x02\x74\xff")),
        with_exif(b"  \0"),
        b"",
        b"x",
        b"<svg/>",
        b"\xff\xd8\xff",
    ],
)
def test_where_there_is_none_that_can_be_read_there_is_none(source: bytes) -> None:
    assert notice_in(source) == ""


@pytest.mark.parametrize(("padding", "expected"), [(1000, "Ann"), (MOST_XMP_BYTES, "")])
def test_a_packet_that_is_too_large_is_not_read(padding: int, expected: str) -> None:
    packet = PACKET % b"<dc:rights>Ann</dc:rights>" + b" " * padding
    assert notice_in(encoded(quadrants(40, 30), "WEBP", xmp=packet)) == expected


def test_a_block_that_is_broken_leaves_the_others() -> None:
    entities = jpeg_whose_xmp_has_entities()
    exif = with_exif(NOTICE.encode())
    (length,) = (int.from_bytes(exif[at + 2 : at + 4]) for at in [exif.index(b"\xff\xe1")])
    start = exif.index(b"\xff\xe1")
    assert notice_in(entities[:2] + exif[start : start + 2 + length] + entities[2:]) == NOTICE


def notice_of(rendition: bytes) -> str | None:
    opened: Any = pyexiv2.ImageData(rendition)
    try:
        return cast("dict[str, str]", opened.read_xmp().get("Xmp.dc.rights", {})).get(
            'lang="x-default"'
        )
    finally:
        opened.close()


def rendition(
    source: bytes, form: Format = Format.JPEG, rights: RightsRecord | None = None
) -> bytes:
    request = wanted(200, form, rights=rights, notice=notice_in(source) or None)
    return render(open_master(source), request, Stop()).body


@pytest.mark.parametrize("form", FORMATS)
def test_the_notice_of_the_source_is_kept(form: Format) -> None:
    assert notice_of(rendition(with_iptc(), form)) == NOTICE


def test_the_record_of_the_asset_comes_first() -> None:
    source = with_xmp()
    assert notice_of(rendition(source, rights=RightsRecord(licensor="Bildhaus"))) == "Bildhaus"
    rights = RightsRecord(web_statement="https://rights.example/terms")
    assert notice_of(rendition(source, rights=rights)) == NOTICE


def test_what_a_master_says_itself_is_in_no_rendition() -> None:
    assert notice_of(render(open_master(with_xmp()), wanted(200), Stop()).body) is None


async def test_a_master_made_at_ingest_carries_nothing_of_the_source(tmp_path: Path) -> None:
    file = tmp_path / "a"
    await asyncio.to_thread(file.write_bytes, with_exif(NOTICE.encode(), "TIFF"))
    async with open_ingestor(workers=1) as ingestor:
        probed = await ingestor.probe(file)
    assert probed.notice == NOTICE
    assert probed.master is not None
    assert b"Maker" not in probed.master
    assert NOTICE.encode() not in probed.master
