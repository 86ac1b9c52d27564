"""`vitrine user`: people."""

from rich.console import Console

from catalog.access.principals import find_named
from catalog.access.sessions import LINK_MINUTES, create_login_link
from catalog.changes import Change
from vitrine.database import in_change
from vitrine.login_links import login_base, login_url
from vitrine.settings import Settings

_out = Console(soft_wrap=True)
_warning = Console(stderr=True, soft_wrap=True)


def print_login_link(name: str, /) -> None:
    """Print a link that logs a person in, once. Whoever has it is that person: hand it over safely.

    With it they set a password, and one-time codes, on the page that it leads to.

    Args:
        name: of the person, or their email, or their id.
    """

    async def make(change: Change, settings: Settings) -> str:
        base = login_base(settings)
        person = await find_named(change.conn, name)
        return login_url(base, await create_login_link(change, person.id))

    url = in_change(make)
    _warning.print(f"This works once, within {LINK_MINUTES} minutes.", highlight=False)
    _out.print(url, highlight=False)
