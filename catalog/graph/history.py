"""The history of rights as the dossier and the replay read it, in batches of assets or owners."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from catalog.clock import FAR_FUTURE
from catalog.db import Connection, Record
from catalog.errors import NotFoundError
from catalog.rights.case import Case
from catalog.rights.history import (
    AssetHistory,
    LicenceDocument,
    RecordedMember,
    RecordedRule,
    RecordedState,
    RecordedTerm,
    RecordedWindow,
)
from catalog.rights.model import Status, TermKind, Window
from catalog.rights.term_sql import terms_ever_on
from catalog.rights.territory import bit_of, bits_of

STATES_SQL = """
SELECT a.public_id AS key, s.status, s.legal_demand, s.authority_url, s.reason, s.recorded_at
FROM asset AS a JOIN asset_state AS s ON s.asset = a.id
WHERE a.public_id = ANY ($1) ORDER BY key, s.recorded_at
"""

TERMS_SQL = f"""
SELECT a.public_id AS key, t.term_kind, t.through, t.begins, t.ends, t.include, t.exclude,
       t.channels, t.usages, t.valid_from, t.valid_until, t.note, l.public_id AS licence, l.code,
       l.licensor, l.document, l.web_statement
FROM asset AS a CROSS JOIN LATERAL ({terms_ever_on("a.id")}) AS t
LEFT JOIN licence AS l ON l.id = t.source
WHERE a.public_id = ANY ($1) AND (t.ends IS NULL OR t.begins < t.ends)
ORDER BY key, t.begins, t.id
"""  # noqa: S608 - ours

MEMBERS_SQL = """
SELECT territory_set, country, recorded_at, ended_at FROM territory_member
WHERE territory_set = ANY ($1)
"""


async def load_histories(conn: Connection, assets: Sequence[str]) -> dict[str, AssetHistory]:
    """Return the histories of assets by public id; an unknown asset is absent."""
    wanted = list(assets)
    states = _by_key(await conn.fetch(STATES_SQL, wanted))
    terms = await conn.fetch(TERMS_SQL, wanted)
    of_kind = {
        kind: _by_key([row for row in terms if row["term_kind"] == kind]) for kind in TermKind
    }
    named = {code for row in terms for code in (*row["include"], *row["exclude"])}
    members = [_member(row) for row in await conn.fetch(MEMBERS_SQL, list(named))]
    return {
        asset: AssetHistory(
            asset=asset,
            states=[_state(row) for row in rows],
            grants=[_term(row) for row in of_kind[TermKind.GRANTS].get(asset, ())],
            restrictions=[_term(row) for row in of_kind[TermKind.RESTRICTIONS].get(asset, ())],
            members=members,
        )
        for asset, rows in states.items()
    }


OWNER_WINDOWS_SQL = """
SELECT owner.public_id AS owner, p.channel, p.published_at, p.ended_at, p.visible_from,
       p.visible_until
FROM product AS owner
JOIN publication AS p ON p.product = owner.id OR p.ancestors @> ARRAY[owner.id]
WHERE owner.public_id = ANY ($1)
"""


async def load_window_histories(
    conn: Connection, owners: Sequence[str]
) -> dict[tuple[str, str], list[RecordedWindow]]:
    """Return every publication of owners and of what is below them, by (owner, channel)."""
    found: dict[tuple[str, str], list[RecordedWindow]] = {}
    for row in await conn.fetch(OWNER_WINDOWS_SQL, list(owners)):
        window = RecordedWindow(
            on_record=_window(row["published_at"], row["ended_at"]),
            visible=_window(row["visible_from"], row["visible_until"]),
        )
        found.setdefault((row["owner"], row["channel"]), []).append(window)
    return found


OWNER_EXISTS_SQL = "SELECT EXISTS (SELECT FROM product WHERE public_id = $1)"


async def _owner_windows(conn: Connection, owner: str, channel: str) -> list[RecordedWindow]:
    found = (await load_window_histories(conn, [owner])).get((owner, channel), [])
    if not found and not await conn.fetchval(OWNER_EXISTS_SQL, owner):
        raise NotFoundError(f"there is no product {owner!r}", field="owner")
    return found


CHANNEL_RULES_SQL = """
SELECT channel AS key, country_rule, territory, recorded_at, ended_at FROM channel_rule
ORDER BY channel, recorded_at
"""


async def load_channel_rules(conn: Connection) -> dict[str, list[RecordedRule]]:
    """Return by channel whose country counted, ascending in time."""
    return {
        channel: [
            RecordedRule(
                on_record=_window(row["recorded_at"], row["ended_at"]),
                territory=bits_of(row["territory"]) if row["country_rule"] == "declared" else None,
            )
            for row in rows
        ]
        for channel, rows in _by_key(await conn.fetch(CHANNEL_RULES_SQL)).items()
    }


KEY_REVOCATIONS_SQL = """
SELECT kid, CASE WHEN state = 'revoked' THEN changed_at END AS revoked_at FROM signing_key
"""


async def load_key_revocations(conn: Connection) -> dict[str, datetime | None]:
    """Return when each signing key was revoked, by id; None: it verifies."""
    return {row["kid"]: row["revoked_at"] for row in await conn.fetch(KEY_REVOCATIONS_SQL)}


async def load_case(
    conn: Connection,
    asset: str,
    *,
    channel: str,
    usage: str,
    country: str | None,
    owner: str | None = None,
) -> Case:
    """Return one question about one asset, with all that was ever on record about it.

    Args:
        conn: to the primary.
        asset: public id.
        channel: code.
        usage: code.
        country: of the viewer; None: unknown.
        owner: public id of the product whose publication counts too; None: none does.

    Raises:
        NotFoundError: there is no such owner; of an unknown asset the case has no history.
    """
    histories = await load_histories(conn, [asset])
    rules = await load_channel_rules(conn)
    windows = None if owner is None else await _owner_windows(conn, owner, channel)
    return Case(
        history=histories.get(asset),
        rules=rules.get(channel, ()),
        channel=channel,
        usage=usage,
        countries=bit_of(country),
        owner_windows=windows,
    )


def _by_key(rows: Sequence[Record]) -> dict[str, list[Record]]:
    return {key: list(group) for key, group in groupby(rows, key=itemgetter("key"))}


def _window(start: datetime, end: datetime | None) -> Window:
    return Window(start=start, end=end or FAR_FUTURE)


def _state(row: Record) -> RecordedState:
    return RecordedState(
        recorded_at=row["recorded_at"],
        status=Status(row["status"]),
        legal_demand=row["legal_demand"],
        authority_url=row["authority_url"],
        reason=row["reason"],
    )


def _term(row: Record) -> RecordedTerm:
    document = row["licence"] and LicenceDocument(
        licence=row["licence"],
        code=row["code"],
        licensor=row["licensor"],
        document=row["document"],
        web_statement=row["web_statement"],
    )
    return RecordedTerm(
        on_record=_window(row["begins"], row["ends"]),
        include=tuple(row["include"]),
        exclude=tuple(row["exclude"]),
        channels=tuple(row["channels"]),
        usages=tuple(row["usages"]),
        valid=_window(row["valid_from"], row["valid_until"]),
        through=row["through"],
        document=document,
        note=row["note"],
    )


def _member(row: Record) -> RecordedMember:
    return RecordedMember(
        on_record=_window(row["recorded_at"], row["ended_at"]),
        territory_set=row["territory_set"],
        country=row["country"],
    )
