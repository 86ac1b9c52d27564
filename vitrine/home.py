"""The home: the one folder that embedded services, keys and logs are kept in, closed to others."""

import os
from pathlib import Path

from catalog.errors import VitrineError


class HomeError(VitrineError):
    """The home cannot be used."""

    code = "HOME"


def make_home(home: Path) -> None:
    """Make the folder, if need be, readable for this user alone.

    Raises:
        HomeError: it cannot be made, or is another user's.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HomeError(f"{home} cannot be made: {error.strerror}") from error
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise HomeError(
            f"{home} is closed to this user: run as its owner ({home.owner()}), or choose another "
            "VITRINE_HOME"
        )
