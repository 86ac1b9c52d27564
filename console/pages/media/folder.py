"""Where the templates and words of these pages lie."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
