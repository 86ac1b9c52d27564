"""Rendition paths: the canonical spelling and no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.delivery.model import Format
from catalog.delivery.urls import PathError, RenditionPath, Urls, parse_path

PATH = RenditionPath(
    asset="7f3k2cq9",
    epoch=48,
    preset="card",
    version=3,
    width_px=640,
    slug="red-running-shoe",
    format=Format.AVIF,
)
TEXT = "/7f3k2cq9/1c/card.3-640/red-running-shoe.avif"


def test_a_path_is_read_and_written_in_one_spelling() -> None:
    assert str(PATH) == TEXT
    assert parse_path(TEXT) == PATH
    urls = Urls.of(
        "https://m.example", asset=PATH.asset, epoch=PATH.epoch, slug=PATH.slug, token="tok"
    )
    written = urls.url(PATH.preset, PATH.version, PATH.width_px, PATH.format)
    assert written == f"https://m.example{TEXT}?t=tok"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        TEXT + "/",
        TEXT.upper(),
        TEXT.replace("1c", "01c"),
        TEXT.replace(".3-", ".03-"),
        TEXT.replace(".3-", ".0-"),
        TEXT.replace("640", "0640"),
        TEXT.replace("avif", "gif"),
        TEXT.replace("card", "card--big"),
        TEXT.replace("red-", "red_"),
        "/.." + TEXT,
        TEXT.replace("/card", "//card"),
        TEXT + "\n",
        TEXT.replace("640", "٦٤٠"),
    ],
)
def test_any_other_spelling_is_no_path(path: str) -> None:
    with pytest.raises(PathError):
        parse_path(path)


@given(st.text(max_size=80))
def test_whatever_is_read_is_written_back_the_same(path: str) -> None:
    try:
        read = parse_path("/7f3k2cq9/1c/" + path)
    except PathError:
        return
    assert str(read) == "/7f3k2cq9/1c/" + path
