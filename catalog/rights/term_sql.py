"""Pieces of SQL about terms and their holders, written from the table of holders' kinds.

No views: a rehearsal of an import reads temporary tables that take the place of the real ones, and
views would go on reading those.
"""

from catalog.rights.holder_kinds import HOLDER_KINDS
from catalog.rights.holders import HolderKind
from catalog.rights.model import TermKind

#: Of a table of terms: all are NULL but the one of the holder's kind.
HOLDER_COLUMNS = ", ".join(kind.name for kind in HOLDER_KINDS)

#: The holder's id, whatever its kind, in a row of terms.
HOLDER_ID = f"coalesce({HOLDER_COLUMNS})"

#: All grants and restrictions that ever were, in one shape: `term_kind` is a `TermKind`, `source`
#: the licence that a term comes from, `document` the one that a grant names itself.
TERMS = f"""(
    SELECT 'grants' AS term_kind, id, {HOLDER_COLUMNS}, include, exclude, channels, usages,
           valid_from, valid_until, recorded_at, ended_at, document,
           coalesce(licence, document) AS source, NULL::text AS note
    FROM rights_grant
    UNION ALL
    SELECT 'restrictions', id, {HOLDER_COLUMNS}, include, exclude, channels, usages,
           valid_from, valid_until, recorded_at, ended_at, NULL::uuid, licence, note
    FROM rights_restriction
)"""  # noqa: S608 - names of our own columns


def of_each_kind(template: str) -> str:
    """Write a SELECT for every kind of holder: `{kind}` is its name, `{name}` its first name."""
    return "\nUNION ALL\n".join(
        template.format(kind=kind.name, name=kind.names[0]) for kind in HOLDER_KINDS
    )


def is_held_by(row: str, condition: str) -> str:
    """Write that the holder of a row of terms, of whatever kind, is `= something`."""
    return "(" + " OR ".join(f"{row}.{kind.name} {condition}" for kind in HOLDER_KINDS) + ")"


def holder_values(kind: str, holder: str) -> str:
    """Write the values of `HOLDER_COLUMNS`.

    Args:
        kind: the name of the holder's kind, as SQL.
        holder: its id, as SQL.
    """
    return ", ".join(f"CASE {kind} WHEN '{each.name}' THEN {holder} END" for each in HOLDER_KINDS)


def held_assets(rows: str, *columns: str) -> str:
    """Write a SELECT of the assets that holders have now: the columns of their rows, and `asset`.

    Args:
        rows: a table of terms, or of holders alone.
        columns: of it, which are wanted beside `asset`.
    """
    return "\nUNION\n".join(_held(kind, rows, columns) for kind in HOLDER_KINDS)


def _held(kind: HolderKind, rows: str, columns: tuple[str, ...]) -> str:
    if kind.members is None:
        wanted = ", ".join((*columns, kind.name))
        return f"SELECT {wanted} FROM {rows} WHERE {kind.name} IS NOT NULL"  # noqa: S608 - ours
    wanted = ", ".join((*columns, "m.asset"))
    return (
        f"SELECT {wanted} FROM {rows} JOIN {kind.members} AS m USING ({kind.name}) "  # noqa: S608 - ours
        "WHERE m.ended_at IS NULL"
    )


def terms_ever_on(asset: str) -> str:
    """Write a SELECT of all terms that ever held for an asset.

    Its columns are those of `TERMS`, and `through`, the name of the holder's kind, `begins` and
    `ends`: while the term stood, and the asset belonged to its holder.

    Args:
        asset: its id, as SQL.
    """
    return "\nUNION ALL\n".join(_ever(kind, asset) for kind in HOLDER_KINDS)


def _ever(kind: HolderKind, asset: str) -> str:
    if kind.members is None:
        return f"""
    SELECT t.*, '{kind.name}' AS through, t.recorded_at AS begins, t.ended_at AS ends
    FROM {TERMS} AS t WHERE t.{kind.name} = {asset}"""  # noqa: S608 - ours
    return f"""
    SELECT t.*, '{kind.name}', greatest(t.recorded_at, m.recorded_at),
           least(t.ended_at, m.ended_at)
    FROM {kind.members} AS m JOIN {TERMS} AS t ON t.{kind.name} = m.{kind.name}
    WHERE m.asset = {asset}"""  # noqa: S608 - ours


def holders_of(asset: str, *, ever: bool = False) -> str:
    """Write a SELECT of the holders that an asset's terms come from, named as events name them.

    Args:
        asset: its id, as SQL.
        ever: those of the past as well.
    """
    return "\nUNION ALL\n".join(_holder_of(kind, asset, ever=ever) for kind in HOLDER_KINDS)


def _holder_of(kind: HolderKind, asset: str, *, ever: bool) -> str:
    named = f"SELECT '{kind.name}/' || h.{kind.names[0]} AS name FROM {kind.name} AS h"  # noqa: S608 - ours
    if kind.members is None:
        return f"{named} WHERE h.id = {asset}"
    current = "" if ever else " AND m.ended_at IS NULL"
    return (
        f"{named} JOIN {kind.members} AS m ON m.{kind.name} = h.id WHERE m.asset = {asset}{current}"
    )


def terms_as_json(terms: TermKind, kind: HolderKind, holder: str) -> str:
    """Write an expression for the present terms of a holder, shaped as `live_asset` shapes them.

    Args:
        terms: which.
        kind: the holder's.
        holder: its id, as SQL.
    """
    return f"""(
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'include', include, 'exclude', exclude, 'channels', channels, 'usages', usages,
               'from', valid_from, 'until', valid_until, 'note', note,
               'licence', (SELECT public_id FROM licence WHERE id = coalesce(t.document, t.source))
           ) ORDER BY valid_from, t.id), '[]')
    FROM {TERMS} AS t
    WHERE t.term_kind = '{terms}' AND t.{kind.name} = {holder} AND t.ended_at IS NULL)"""  # noqa: S608 - ours
