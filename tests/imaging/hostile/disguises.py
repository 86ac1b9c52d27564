"""Hostile files that are not what they seem: polyglots and false names."""

import io
import zipfile

from PIL import Image

from tests.imaging.hostile.drawings import svg
from tests.imaging.hostile.frames import gif, gif_frame
from tests.imaging.hostile.jpegs import jpeg_segment, jpeg_with
from tests.imaging.hostile.payloads import PAYLOAD
from tests.imaging.pictures import encoded, quadrants
from tests.imaging.png import png, png_chunk

# Polyglots and false names


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("evil.js", PAYLOAD)
    return file.getvalue()


def jpeg_that_is_a_zip() -> bytes:
    return encoded(quadrants(64, 48)) + zipped()


def gif_that_is_a_script() -> bytes:
    """`GIF89a/*` is a comment of JavaScript that the pixels hide in."""
    width = int.from_bytes(b"/*", "little")
    script = b"*/=1;" + PAYLOAD
    return gif(width, 20, gif_frame() + b"!\xfe" + bytes([len(script)]) + script + b"\0")


def png_that_is_a_page() -> bytes:
    text = png_chunk(b"tEXt", b"Comment\0" + PAYLOAD)
    return png(4, 4, between=text, rows=bytes(20)) + b"<html>" + PAYLOAD


def jpeg_whose_comment_is_a_program() -> bytes:
    return jpeg_with(jpeg_segment(0xFE, PAYLOAD))


def document_with_a_picture_inside() -> bytes:
    return b"%PDF-1.7\n" + encoded(quadrants(64, 48))


def page_with_a_drawing_inside() -> bytes:
    return b"<html xmlns='http://www.w3.org/1999/xhtml'><body>" + svg("")[21:] + b"</body></html>"


def postscript() -> bytes:
    return b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n"


def imagemagick_script() -> bytes:
    return b"push graphic-context\nfill 'url(https://127.0.0.1:9/\"|id\")'\npop graphic-context\n"


def netpbm() -> bytes:
    return encoded(Image.new("RGB", (9, 9)), "PPM")
