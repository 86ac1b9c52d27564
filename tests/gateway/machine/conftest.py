"""The machine's own log."""

from collections.abc import Generator

import pytest
import structlog


@pytest.fixture
def quiet() -> Generator[None]:
    """Log nothing: a hundred thousand refusals are no news."""
    former = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    yield
    structlog.configure(**former)
