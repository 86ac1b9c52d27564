from pathlib import Path

from PIL import Image

from bench.delivery.pictures import copy_photographs, draw_photographs, enlarge


def test_photographs_are_taken_once_each_and_no_narrower_than_asked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    wide = draw_photographs(data / "below", 3, (320, 200))
    (data / "same.jpg").write_bytes(wide[0].read_bytes())
    Image.new("RGB", (100, 100)).save(data / "narrow.jpg")

    copied = copy_photographs(data, tmp_path / "copied", 10, min_width_px=320)

    assert {path.read_bytes() for path in copied} == {path.read_bytes() for path in wide}
    assert len(copied) == 3


def test_masters_have_the_size_that_is_asked_for(tmp_path: Path) -> None:
    drawn = draw_photographs(tmp_path / "drawn", 1, (320, 200))

    (master,) = enlarge(drawn, tmp_path / "large", (900, 600))

    with Image.open(master) as image:
        assert image.size == (900, 600)
