"""The SQL that writes each type of record from what is stored, in the order of an import.

Every statement has one column, `record`: the record without its `type`. What is null in it is left
out. Order is by `COLLATE "C"`, which no locale of a database changes.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from catalog.db import Connection
from catalog.principal import OWN_SERVICES
from catalog.rights.model import TermKind

_PREFETCH = 200
_OWN = ", ".join(f"'{each.id}'" for each in OWN_SERVICES.values())


def _instant(column: str) -> str:
    """Write an instant as RFC 3339 in UTC, to the microsecond that it is stored with."""
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def _terms(kind: TermKind, holder: str) -> str:
    """Write an expression for the present terms of a row of a holder's table; null for none.

    The licence that holds a term itself is not said again in it.
    """
    table, more = (
        ("rights_grant", "'licence', (SELECT code FROM licence WHERE id = t.document)")
        if kind is TermKind.GRANTS
        else ("rights_restriction", "'note', t.note")
    )
    return f"""(
    SELECT jsonb_agg(term ORDER BY term::text COLLATE "C") FROM (
        SELECT jsonb_strip_nulls(jsonb_build_object(
            'territory', jsonb_build_object('include', t.include, 'exclude', t.exclude),
            'channels', t.channels, 'usages', t.usages,
            'valid_from', {_instant("t.valid_from")}, 'valid_until', {_instant("t.valid_until")},
            {more})) AS term
        FROM {table} AS t WHERE t.{holder} = h.id AND t.ended_at IS NULL
    ) AS terms)"""  # noqa: S608 - ours


def _held(holder: str) -> str:
    return (
        f"'grants', {_terms(TermKind.GRANTS, holder)}, "
        f"'restrictions', {_terms(TermKind.RESTRICTIONS, holder)}"
    )


LOCALES_SQL = """
SELECT jsonb_build_object('code', code, 'name', name, 'fallback', fallback) AS record
FROM locale ORDER BY code COLLATE "C"
"""
MARKETS_SQL = """
SELECT jsonb_build_object('code', code, 'name', name, 'countries', countries,
    'default_locale', default_locale, 'currency', currency, 'unit_system', unit_system,
    'parent', parent) AS record
FROM market ORDER BY code COLLATE "C"
"""
CHANNELS_SQL = """
SELECT jsonb_build_object('code', code, 'name', name, 'kind', kind, 'public', public,
    'country_rule', country_rule, 'territory', territory, 'usages', usages,
    'default_usage', default_usage, 'token_window_s', token_window_s,
    'token_min_life_s', token_min_life_s, 'category_tree', category_tree,
    'product_url', product_url, 'locales', locales) AS record
FROM channel ORDER BY code COLLATE "C"
"""
ATTRIBUTES_SQL = """
SELECT jsonb_build_object('code', code, 'attribute_type', type, 'label', label,
    'localizable', localizable, 'scopable', scopable, 'market_scoped', market_scoped,
    'unit', unit, 'validation', validation, 'group', attribute_group,
    'options', (SELECT jsonb_agg(jsonb_build_object('code', o.code, 'label', o.label)
                                 ORDER BY o.position)
                FROM attribute_option AS o WHERE o.attribute = a.code)) AS record
FROM attribute AS a ORDER BY code COLLATE "C"
"""
VOCABULARIES_SQL = """
SELECT jsonb_build_object('code', code, 'label', label,
    'terms', (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                  'code', t.code, 'label', t.label, 'synonyms', t.synonyms, 'broader', t.broader))
                  ORDER BY t.position)
              FROM term AS t WHERE t.vocabulary = v.code)) AS record
FROM vocabulary AS v ORDER BY code COLLATE "C"
"""
FAMILIES_SQL = """
SELECT jsonb_build_object('code', code, 'label', label,
    'attributes', ARRAY(SELECT attribute FROM family_attribute
                        WHERE family = f.code ORDER BY position),
    'required', (SELECT jsonb_object_agg(channel, attributes) FROM (
        SELECT channel, jsonb_agg(attribute ORDER BY attribute COLLATE "C") AS attributes
        FROM attribute_requirement WHERE family = f.code GROUP BY channel) AS r),
    'variants', (SELECT jsonb_agg(jsonb_build_object('code', v.code, 'axes', a.axes)
                                  ORDER BY v.code COLLATE "C")
        FROM family_variant AS v CROSS JOIN LATERAL (
            SELECT jsonb_agg(attributes ORDER BY level) AS axes FROM (
                SELECT level, jsonb_agg(attribute ORDER BY position) AS attributes
                FROM variant_axis WHERE family_variant = v.code GROUP BY level
            ) AS l
        ) AS a WHERE v.family = f.code)) AS record
FROM family AS f ORDER BY code COLLATE "C"
"""
ATTRIBUTE_GROUPS_SQL = """
SELECT jsonb_build_object('code', code, 'label', label, 'position', position) AS record
FROM attribute_group ORDER BY code COLLATE "C"
"""
CATEGORIES_SQL = """
SELECT jsonb_build_object('code', code, 'parent', parent, 'label', label, 'position', position)
    AS record
FROM category ORDER BY nlevel(path), code COLLATE "C"
"""
TERRITORY_SETS_SQL = """
SELECT jsonb_build_object('code', code, 'name', name, 'countries', ARRAY(
    SELECT country FROM territory_member
    WHERE territory_set = s.code AND ended_at IS NULL ORDER BY country)) AS record
FROM territory_set AS s ORDER BY code COLLATE "C"
"""
LICENCES_SQL = f"""
SELECT jsonb_build_object('code', code, 'licensor', licensor, 'document', document,
    'time_zone', time_zone, 'credit', credit, 'web_statement', web_statement,
    'licensor_url', licensor_url, {_held("licence")}) AS record
FROM licence AS h ORDER BY code COLLATE "C"
"""  # noqa: S608 - ours
COLLECTIONS_SQL = f"""
SELECT jsonb_build_object('code', code, 'name', name, {_held("collection")}) AS record
FROM collection AS h ORDER BY code COLLATE "C"
"""  # noqa: S608 - ours
PRESETS_SQL = """
SELECT jsonb_build_object('code', code, 'audience', audience, 'lifetime_s', lifetime_s,
    'recipe', jsonb_strip_nulls(recipe)) AS record
FROM preset WHERE state = 'current' ORDER BY code COLLATE "C"
"""
# Models come before what is below them, so that an import never waits.
PRODUCTS_SQL = """
SELECT jsonb_build_object('sku', p.sku, 'kind', p.kind, 'family', p.family,
    'family_variant', p.family_variant, 'parent', model.sku,
    'gtin', coalesce(p.gtin, p.wrong_gtin),
    'categories', (SELECT jsonb_agg(category ORDER BY category COLLATE "C")
                   FROM product_category WHERE product = p.id),
    'values', (SELECT jsonb_agg(
            jsonb_build_object('attribute', attribute, 'data', data)
            || jsonb_strip_nulls(
                jsonb_build_object('locale', locale, 'market', market, 'channel', channel))
            ORDER BY attribute COLLATE "C", locale COLLATE "C", market COLLATE "C",
                     channel COLLATE "C")
        FROM product_value WHERE owner = p.id)) AS record
FROM product AS p LEFT JOIN product AS model ON model.id = p.parent
ORDER BY (p.parent IS NOT NULL)::integer + (model.parent IS NOT NULL)::integer, p.sku COLLATE "C"
"""
ASSETS_SQL = f"""
SELECT jsonb_build_object('code', h.code, 'kind', h.kind,
    'status', nullif(s.status, 'quarantined'),
    'legal_demand', CASE WHEN s.legal_demand
        THEN jsonb_strip_nulls(jsonb_build_object('authority_url', s.authority_url)) END,
    'focal_point', CASE WHEN h.focal_x IS NOT NULL
        THEN jsonb_build_object('x', h.focal_x, 'y', h.focal_y) END,
    'values', (SELECT jsonb_object_agg(key, texts) FROM (
        SELECT key, coalesce(jsonb_object_agg(locale, data) FILTER (WHERE locale IS NOT NULL),
                             (jsonb_agg(data))[0]) AS texts
        FROM asset_value WHERE asset = h.id GROUP BY key) AS v),
    'licences', (SELECT jsonb_agg(l.code ORDER BY l.code COLLATE "C")
        FROM asset_licence AS m JOIN licence AS l ON l.id = m.licence
        WHERE m.asset = h.id AND m.ended_at IS NULL),
    'collections', (SELECT jsonb_agg(c.code ORDER BY c.code COLLATE "C")
        FROM collection_asset AS m JOIN collection AS c ON c.id = m.collection
        WHERE m.asset = h.id AND m.ended_at IS NULL),
    {_held("asset")},
    '_original', jsonb_build_object('sha256', v.sha256, 'mime', v.mime,
                                    'storage_key', v.storage_key)) AS record
FROM asset AS h
JOIN asset_state AS s ON s.asset = h.id AND s.ended_at IS NULL
LEFT JOIN asset_version AS v ON v.asset = h.id AND v.n = h.current_version
ORDER BY h.code COLLATE "C"
"""  # noqa: S608 - ours
# What was retired is history; what was rejected is a decision, which no machine proposes again.
MEDIA_ASSOCIATIONS_SQL = """
SELECT jsonb_build_object('product', p.sku, 'asset', a.code, 'role', m.role,
    'position', m.position, 'locale', m.locale, 'market', m.market, 'channel', m.channel,
    'origin', m.origin, 'confidence', m.confidence, 'status', m.status) AS record
FROM media_association AS m
JOIN product AS p ON p.id = m.product JOIN asset AS a ON a.id = m.asset
WHERE m.status <> 'retired'
ORDER BY p.sku COLLATE "C", m.role, m.position, a.code COLLATE "C", m.locale COLLATE "C",
         m.market COLLATE "C", m.channel COLLATE "C"
"""
ROLES_SQL = """
SELECT jsonb_build_object('code', code, 'name', name, 'actions', actions) AS record
FROM role ORDER BY code COLLATE "C"
"""
PEOPLE_SQL = """
SELECT jsonb_build_object('email', email, 'name', name) AS record
FROM principal WHERE kind = 'person' AND ended_at IS NULL AND email IS NOT NULL
ORDER BY email COLLATE "C"
"""
# Those that Vitrine makes for itself are in every house.
SERVICES_SQL = f"""
SELECT jsonb_build_object('name', name) AS record
FROM principal
WHERE kind = 'service' AND ended_at IS NULL AND id NOT IN ({_OWN})
ORDER BY name COLLATE "C"
"""  # noqa: S608 - ours

#: The statement of each type that a house can hold, by the name of the type.
STATEMENTS: Mapping[str, str] = {
    "locale": LOCALES_SQL,
    "market": MARKETS_SQL,
    "channel": CHANNELS_SQL,
    "vocabulary": VOCABULARIES_SQL,
    "attribute_group": ATTRIBUTE_GROUPS_SQL,
    "attribute": ATTRIBUTES_SQL,
    "family": FAMILIES_SQL,
    "category": CATEGORIES_SQL,
    "territory_set": TERRITORY_SETS_SQL,
    "licence": LICENCES_SQL,
    "collection": COLLECTIONS_SQL,
    "preset": PRESETS_SQL,
    "product": PRODUCTS_SQL,
    "asset": ASSETS_SQL,
    "media_association": MEDIA_ASSOCIATIONS_SQL,
    "role": ROLES_SQL,
    "person": PEOPLE_SQL,
    "service": SERVICES_SQL,
}


@asynccontextmanager
async def one_instant(conn: Connection) -> AsyncGenerator[None]:
    """Read everything as it was when the block began, whatever is changed meanwhile."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        yield


async def records_of(conn: Connection, type_name: str) -> AsyncGenerator[dict[str, Any]]:
    """Yield the records of a type, some hundred at a time; in a transaction.

    Raises:
        KeyError: the type is written by no statement.
    """
    async for row in conn.cursor(STATEMENTS[type_name], prefetch=_PREFETCH):
        yield row["record"]


LIVE_TREES_SQL = """
SELECT DISTINCT coalesce(top.sku, model.sku, p.sku) COLLATE "C" AS sku
FROM publication AS live
JOIN product AS p ON p.id = live.product
LEFT JOIN product AS model ON model.id = p.parent
LEFT JOIN product AS top ON top.id = model.parent
WHERE live.channel = $1 AND live.ended_at IS NULL
ORDER BY sku
"""


async def find_live_trees(conn: Connection, channel: str, at_once: int) -> list[list[str]]:
    """Return the highest models, and products without one, of all that is live; in portions."""
    skus = [row["sku"] for row in await conn.fetch(LIVE_TREES_SQL, channel)]
    return [skus[place : place + at_once] for place in range(0, len(skus), at_once)]
