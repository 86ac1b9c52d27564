"""Places where several products meet."""

from collections import defaultdict
from collections.abc import Callable

from vitrine.demo.drawing.canvas import Canvas


def empty(canvas: Canvas) -> None:
    """Paint a wall."""
    canvas.rect((0, 0), (canvas.width, canvas.height), "#efe6d6")


SCENES: dict[str, Callable[[Canvas], None]] = defaultdict(lambda: empty)
