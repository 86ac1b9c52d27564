"""`vitrine user`: people."""

from rich.console import Console

from api.identity.site import login_url
from catalog.access.oidc import link_subject
from catalog.access.principals import find_named
from catalog.access.sessions import LINK_MINUTES, create_login_link
from catalog.changes import Change
from catalog.errors import SettingsError
from vitrine.database import in_change
from vitrine.login_links import login_base
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


def link_to_provider(name: str, subject: str, /) -> None:
    """Say whom the identity provider means by a subject: a person who logs in, or a service.

    People whose address the provider vouches for are linked at their first login by themselves.

    Args:
        name: of the person or service, or its email, or its id.
        subject: `sub` of the provider's tokens.
    """

    async def link(change: Change, settings: Settings) -> str:
        if settings.oidc_issuer is None:
            raise SettingsError(
                "set VITRINE_OIDC_ISSUER to the identity provider first", field="oidc_issuer"
            )
        principal = await find_named(change.conn, name)
        await link_subject(change, settings.oidc_issuer, subject, principal.id)
        return principal.name

    _out.print(f"{subject} means {in_change(link)} from now on.", highlight=False, markup=False)
