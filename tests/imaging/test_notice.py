"""The copyright notice of a source stays in what is made of it, where the asset has no other."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pyexiv2
import pytest
from PIL import Image

from catalog.delivery.model import Format, RightsRecord
from imaging.file_cache import FileCache
from imaging.ingest import open_ingestor
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
from imaging.pool import open_render_pool
from imaging.vips import Stop
from tests.imaging.hostile.jpegs import jpeg_segment, jpeg_whose_xmp_has_entities, jpeg_with
from tests.imaging.pictures import encoded, quadrants, wanted

NOTICE = "© 2026 Jürgen Müller <Foto>"
FORMATS = (Format.JPEG, Format.WEBP, Format.AVIF, Format.PNG)


def notice_in(body: bytes) -> str | None:
    opened: Any = pyexiv2.ImageData(body)
    try:
        return cast("dict[str, str]", opened.read_xmp().get("Xmp.dc.rights", {})).get(
            'lang="x-default"'
        )
    finally:
        opened.close()


def rendition(
    master: bytes, form: Format = Format.JPEG, rights: RightsRecord | None = None
) -> bytes:
    request = wanted(200, form, rights=rights)
    return render(open_master(master), request, Stop()).body


def with_xmp(form: str = "JPEG", *, size: tuple[int, int] = (40, 30)) -> bytes:
    opened: Any = pyexiv2.ImageData(encoded(quadrants(*size), form))
    other = {'lang="x-default"': NOTICE, 'lang="de-DE"': "Alle Rechte"}
    opened.modify_xmp({"Xmp.dc.rights": other, "Xmp.dc.title": "A lamp"})
    body = bytes(opened.get_bytes())
    opened.close()
    return body


def with_iptc(encoding: str = "utf-8") -> bytes:
    opened: Any = pyexiv2.ImageData(encoded(quadrants(40, 30)))
    opened.modify_iptc(
        {"Iptc.Application2.Copyright": NOTICE, "Iptc.Application2.City": "Ulm"}, encoding
    )
    body = bytes(opened.get_bytes())
    opened.close()
    return body


def with_exif(notice: str | bytes, form: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x8298] = "Maker", notice
    return encoded(quadrants(40, 30), form, exif=exif)


@pytest.mark.parametrize(
    "master",
    [
        with_xmp(),
        with_xmp("PNG"),
        with_xmp("WEBP"),
        with_iptc(),
        with_iptc("latin-1"),
        with_exif(NOTICE.encode()),
        with_exif(NOTICE.encode("latin-1")),
        with_exif(NOTICE.encode(), "WEBP"),
        with_exif(NOTICE.encode(), "PNG"),
    ],
)
@pytest.mark.parametrize("form", FORMATS)
def test_the_notice_of_the_source_is_kept(master: bytes, form: Format) -> None:
    assert notice_in(rendition(master, form)) == NOTICE


def test_the_record_of_the_asset_comes_first() -> None:
    rights = RightsRecord(licensor="Bildhaus")
    assert notice_in(rendition(with_xmp(), rights=rights)) == "Bildhaus"
    rights = RightsRecord(web_statement="https://rights.example/terms")
    assert notice_in(rendition(with_xmp(), rights=rights)) == NOTICE


def test_photographer_and_editor_of_exif_are_both_named() -> None:
    assert notice_in(rendition(with_exif(b"Ann\0Bo\0"))) == "Ann, Bo"
    assert notice_in(rendition(with_exif(b"Ann"))) == "Ann"


@pytest.mark.parametrize("form", ["TIFF", "AVIF"])
async def test_a_master_made_at_ingest_carries_the_notice(tmp_path: Path, form: str) -> None:
    file = tmp_path / "a"
    await asyncio.to_thread(file.write_bytes, with_exif(NOTICE.encode(), form))
    async with open_ingestor(workers=1) as ingestor:
        probed = await ingestor.probe(file)
    assert probed.master is not None
    assert b"Maker" not in probed.master
    assert notice_in(rendition(probed.master)) == NOTICE


@pytest.mark.parametrize(
    "master",
    [
        encoded(quadrants(40, 30)),
        jpeg_whose_xmp_has_entities(),
        jpeg_with(jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<rdf:li>A</rdf:li>")),
        jpeg_with(jpeg_segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff")),
        jpeg_with(jpeg_segment(0xED, b"Photoshop 3.0\0" + b"\x1c\x02\x74\xff")),
        with_exif(b"  \0"),
    ],
)
def test_where_there_is_no_notice_there_is_none(master: bytes) -> None:
    assert notice_in(rendition(master)) is None


async def test_it_stays_in_what_is_made_from_a_mezzanine_that_is_kept(tmp_path: Path) -> None:
    large = with_xmp(size=(4000, 2010))
    for _ in range(2):  # made, and found
        cache = FileCache(tmp_path, max_bytes=100 * 1024**2)
        async with open_render_pool(mezzanines=cache) as pool:
            made = await pool.run(large, wanted(200))
        assert cache.usage().files == 1
        assert notice_in(made.body) == NOTICE
