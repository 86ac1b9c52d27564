"""URLs of files of work."""

from typing import Final

from api.request.asker import Asker
from catalog.access.model import ApiKey
from catalog.delivery.file_links import LIFE, FileLink, Purpose, write_link

#: What the path of a file begins with.
PREFIX: Final = "/files/"


async def link_to(asker: Asker, purpose: Purpose, public_id: str) -> str:
    """Return the URL of a file that may be brought, or taken home, for a day.

    It is over before if whoever asks is ended, or the API key by which they ask.
    """
    services = asker.services
    receiver = asker.key.id if isinstance(asker.key, ApiKey) else asker.principal.id
    keys = (await services.known.of(None)).keys
    base = services.settings.api_base or f"http://127.0.0.1:{services.settings.api_port}"
    link = FileLink(public_id, receiver)
    token = write_link(keys.active, purpose, link, until=services.now() + LIFE)
    return f"{base}{PREFIX}{token}"
