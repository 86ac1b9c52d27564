"""URLs of files of work."""

from typing import Final

from api.request.services import Services
from catalog.delivery.file_links import LIFE, Purpose, write_link

#: What the path of a file begins with.
PREFIX: Final = "/files/"


async def link_to(services: Services, purpose: Purpose, public_id: str) -> str:
    """Return the URL of a file that may be brought, or taken home, for a day."""
    settings = services.settings
    keys = (await services.known.of(None)).keys
    base = settings.api_base or f"http://127.0.0.1:{settings.api_port}"
    token = write_link(keys.active, purpose, public_id, until=services.now() + LIFE)
    return f"{base}{PREFIX}{token}"
