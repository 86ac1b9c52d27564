"""The demo catalogue: a small design shop that makes every rule of the product visible.

Words and facts are in `data/`, pictures are drawn by `drawing/`; see `README.md` for the tour.
"""

from vitrine.demo.writing import write_demo

__all__ = ["write_demo"]
