"""`vitrine key`: API keys and signing keys."""

import asyncio
import base64
import re
import sys
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from cyclopts import Parameter
from rich.console import Console
from rich.table import Column, Table

from catalog.access import commands as access
from catalog.access.principals import find, find_named
from catalog.changes import Change, Changes
from catalog.clock import utc_now
from catalog.delivery import keys as delivery
from catalog.errors import InvalidInputError
from catalog.principal import COMMAND_LINE
from catalog.purges.darkness import DarkAt, wait_until_dark
from vitrine.database import in_change, on_database, open_changes
from vitrine.settings import Settings

ScopeName: TypeAlias = Literal[
    "read", "preview", "manage.products", "manage.media", "manage.rights", "admin"
]

_SEALED = ("master_key",)  # what a command needs to be the same as every process has it
_SPAN = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
_out = Console(soft_wrap=True)
_warning = Console(stderr=True, soft_wrap=True)


def create_api_key(
    name: str,
    /,
    *scopes: ScopeName,
    expires: str | None = None,
    owner: str | None = None,
    act_as: Annotated[str | None, Parameter(name="--as")] = None,
) -> None:
    """Make an API key and print its secret. It is shown once and not stored.

    `vitrine key api create cms read preview --expires 365d --owner ada@shop.example` makes one for
    a service `cms`. `vitrine key api create portal-1 --as portal` makes one without scopes: it may
    do what the roles of `portal` allow (`vitrine user give`).

    Args:
        name: of the key; without `--as` also of the service that acts with it.
        scopes: one or more; with `--as` also none.
        expires: after how long, such as `90d` or `12h`; by default never.
        owner: who answers for it: an id, an email or a name. It ends with them.
        act_as: who acts with it: an id, an email or a name of a person or a service.
    """
    lasts = None if expires is None else parse_span(expires, field="expires")

    async def create(change: Change, _: Settings) -> str:
        issued = await access.create_key(
            change,
            name=name,
            scopes=scopes,
            principal=None if act_as is None else await find_named(change.conn, act_as),
            owner=None if owner is None else await find_named(change.conn, owner),
            expires_at=None if lasts is None else utc_now() + lasts,
        )
        return issued.secret

    _out.print(in_change(create), highlight=False)


def rotate_api_key(name: str, /, *, overlap: str = "24h", owner: str | None = None) -> None:
    """Make the next key of a name and print its secret; the one before works on for a while.

    So clients are changed one by one, without a gap. A key that expires is followed by one that
    lives as long from now on. `vitrine key api revoke NAME` ends both at once.

    Args:
        name: of the key.
        overlap: how long the one before works on, such as `24h`, `30m` or `0s`.
        owner: who answers for the next one; by default who does now.
    """
    span = parse_span(overlap, field="overlap")

    async def rotate(change: Change, _: Settings) -> str:
        next_owner = None if owner is None else await find_named(change.conn, owner)
        issued = await access.rotate_key(change, name=name, overlap=span, owner=next_owner)
        return issued.secret

    _out.print(in_change(rotate), highlight=False)


def list_api_keys() -> None:
    """List all API keys, revoked ones too; secrets are not stored and cannot be shown."""

    async def load(change: Change, _: Settings) -> Table:
        keys = await access.list_keys(change.conn)
        owners = await find(change.conn, [each.owner for each in keys if each.owner])
        table = Table(
            *(Column(each, no_wrap=True) for each in ("name", "scopes")),
            *("of", "owner", "created", "last used", "expires", "revoked"),
        )
        for key in keys:
            table.add_row(
                key.name,
                " ".join(sorted(key.scopes)) or "(roles)",
                key.principal.name,
                owners[key.owner].name if key.owner else "",
                *map(_minute, (key.created_at, key.last_used_at, key.expires_at, key.revoked_at)),
            )
        return table

    _out.print(in_change(load))


def revoke_api_key(name: str, /) -> None:
    """End an API key; whoever still presents it is refused within a second.

    Args:
        name: of a key that is in use.
    """
    in_change(lambda change, _: access.revoke_key(change, name=name))
    _out.print(f"{name} is revoked.")


def create_signing_key(
    kid: str | None = None,
    /,
    *,
    elsewhere: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Make a signing key that signs from now on; the one before it goes on verifying.

    Args:
        kid: its id, `[a-z0-9]`, at most 12 characters; by default the next number.
        elsewhere: for a program of yours that signs on its own: Vitrine verifies by this key and
            never signs with it, so revoking it ends no URL but those.
    """

    async def create(change: Change, settings: Settings) -> str:
        master_keys = settings.master_keys()
        return await delivery.create_signing_key(
            change, master_keys=master_keys, kid=kid, signs_here=not elsewhere
        )

    made = in_change(create, relies_on=_SEALED)
    told = "verifies from now on, for whoever signs elsewhere" if elsewhere else "signs from now on"
    _out.print(f"{made} {told}.")


def list_signing_keys() -> None:
    """List all signing keys with their states; their secrets stay sealed."""
    table = Table("id", "state", "created", "changed")
    keys = in_change(lambda change, _: delivery.list_signing_keys(change.conn), relies_on=_SEALED)
    for key in keys:
        table.add_row(
            key.kid,
            key.state,
            f"{key.created_at:%Y-%m-%d %H:%M}",
            f"{key.changed_at:%Y-%m-%d %H:%M}",
        )
    _out.print(table)


def retire_signing_key(kid: str, /) -> None:
    """Let a key sign no more. What it signed goes on verifying until it expires.

    Args:
        kid: the key's id.
    """

    async def retire(change: Change, settings: Settings) -> str | None:
        master_keys = settings.master_keys()
        return await delivery.retire_signing_key(change, kid, master_keys=master_keys)

    _report(f"{kid} is retiring", in_change(retire, relies_on=_SEALED))


def revoke_signing_key(
    kid: str, /, *, yes: Annotated[bool, Parameter(negative=())] = False
) -> None:
    """Let a key verify nothing, purge all that was delivered under it, and wait until it is obeyed.

    Of the key that signs now it asks first: every URL in every page is of it.

    Args:
        kid: the key's id.
        yes: do not ask, as in a script.
    """

    async def revoke(settings: Settings, url: str) -> tuple[str | None, DarkAt | None, bool]:
        async with open_changes(settings, url) as changes:
            if not yes:
                await _ask_first(changes, kid)
            async with changes.begin(COMMAND_LINE) as change:
                successor = await delivery.revoke_signing_key(
                    change, kid, master_keys=settings.master_keys()
                )
            if not change.recorded:
                return None, None, False
            dark = await wait_until_dark(changes.pool, change.recorded, lease_s=settings.lease_s)
            return successor, dark, change.has_queued_purges

    successor, dark, is_purged = on_database(revoke, relies_on=_SEALED)
    _report(f"{kid} is revoked", successor)
    if dark is not None:
        purges = "not confirmed by every CDN yet" if is_purged else "no CDN to purge"
        if dark.edges is not None:
            purges = f"purged at every CDN at {dark.edges:{_INSTANT}}"
        _out.print(f"obeyed by every gateway at {dark.gateways:{_INSTANT}}; {purges}.")


def reveal_signing_key(kid: str, /) -> None:
    """Print the secret of a key in base64url, for a signer elsewhere; docs/signing.md says how.

    Args:
        kid: the key's id.
    """

    async def reveal(change: Change, settings: Settings) -> bytes:
        master_keys = settings.master_keys()
        return await delivery.reveal_signing_key(change, kid, master_keys=master_keys)

    secret = in_change(reveal, relies_on=_SEALED)
    # once the event is committed, and the warning apart from what a pipe takes
    _warning.print(
        f"Whoever has this secret can sign URLs of every asset, as staff too, until {kid} is "
        "revoked. That it was shown is on record.",
        highlight=False,
    )
    _out.print(base64.urlsafe_b64encode(secret).rstrip(b"=").decode(), highlight=False)


async def _ask_first(changes: Changes, kid: str) -> None:
    """Have a person agree that the active key is revoked; of any other nothing is asked.

    Raises:
        InvalidInputError: there is nobody to ask, or nobody agreed; nothing was changed.
    """
    async with changes.pool.acquire() as conn:
        keys = await delivery.list_signing_keys(conn)
    if not any(key.kid == kid and key.state == "active" for key in keys):
        return
    warning = (
        f"{kid} is the key that signs now: every URL that it signed answers 401 at once, in every "
        "page, until the page is made anew. To let it sign no more and go on verifying there is "
        f"`vitrine key signing create`, and `revoke {kid}` a day later."
    )
    if not sys.stdin.isatty():
        raise InvalidInputError(f"{warning} Nothing was changed; to revoke it, add --yes")
    _warning.print(warning, highlight=False)
    if (await asyncio.to_thread(input, f"Type {kid} to revoke it: ")).strip() != kid:
        raise InvalidInputError(f"{kid} was not revoked")


def parse_span(text: str, *, field: str) -> timedelta:
    """Read how long something lasts: a number, and `s`, `m`, `h` or `d`.

    Raises:
        InvalidInputError: it is none.
    """
    read = _SPAN.fullmatch(text)
    if read is None:
        raise InvalidInputError(f"write how long, such as 90d, 12h, 30m; not {text!r}", field=field)
    return timedelta(**{_UNITS[read[2]]: int(read[1])})


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _report(done: str, successor: str | None) -> None:
    _out.print(f"{done}; {successor} signs in its place." if successor else f"{done}.")
