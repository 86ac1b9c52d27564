"""Pictures of the scenario: drawn by number, no two alike, each 900 x 1,200 pixels."""

import colorsys
from pathlib import Path

from PIL import Image, ImageDraw

_SIZE_PX = (900, 1200)


def draw_picture(path: Path, number: int) -> None:
    """Draw a vase of a shape and hue of its own on a wall, as JPEG."""
    hue = (number * 0.618) % 1.0
    wall, floor = _rgb(hue, 0.12, 0.94), _rgb(hue, 0.2, 0.8)
    body, light = _rgb(hue + 0.45, 0.55, 0.62), _rgb(hue + 0.45, 0.4, 0.8)
    image = Image.new("RGB", _SIZE_PX, wall)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 900, *_SIZE_PX), fill=floor)
    width = 180 + number % 7 * 25
    neck = 50 + number % 5 * 18
    top = 240 + number % 11 * 22
    draw.ellipse((450 - width, 1000 - 2 * width, 450 + width, 1000), fill=body)
    draw.rectangle((450 - neck, top, 450 + neck, 1000 - width), fill=body)
    draw.ellipse((450 - neck - 20, top - 24, 450 + neck + 20, top + 24), fill=light)
    for each in range(number % 6):  # a pattern by which people tell them apart, too
        draw.ellipse((420, 700 + 40 * each, 480, 724 + 40 * each), fill=light)
    draw.text((24, 1160), f"{number:05}", fill=body)
    image.save(path, quality=88)


def _rgb(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)
