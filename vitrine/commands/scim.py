"""`vitrine scim`: the bearer tokens that an identity provider comes with."""

from rich.console import Console

from catalog.access.scim import create_token, end_tokens
from vitrine.database import in_change

_out = Console(soft_wrap=True)


def create_scim_token() -> None:
    """Make a token and print it. It is shown once and not stored.

    Give it to the identity provider as the secret of `/scim/v2`. The one before it works on, so
    that nothing stops meanwhile; the one before that ends.
    """
    _out.print(in_change(lambda change, _: create_token(change)), highlight=False)


def end_scim_tokens() -> None:
    """End all tokens: no identity provider changes anything until there is a new one."""
    _out.print(f"{in_change(lambda change, _: end_tokens(change))} ended.", highlight=False)
