"""The SQL of attributes, families and categories."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.db import Connection, Record
from catalog.products.model import Attribute, Category, Family, FamilyVariant, Option
from catalog.products.structure import ltree_of, path_of

# Writers take turns, readers and foreign keys pass: no two changes judge by the same old state.
LOCK_SQL = "LOCK TABLE attribute, family, category IN SHARE ROW EXCLUSIVE MODE"


async def lock(conn: Connection) -> None:
    """Wait until nobody else changes attributes, families or categories."""
    await conn.execute(LOCK_SQL)


HOLD_ATTRIBUTES_SQL = """
SELECT FROM attribute WHERE code = ANY ($1) ORDER BY code FOR SHARE
"""
CLAIM_ATTRIBUTES_SQL = """
SELECT FROM attribute WHERE code = ANY ($1) ORDER BY code FOR NO KEY UPDATE
"""


async def hold_attributes(conn: Connection, codes: Iterable[str]) -> None:
    """Keep attributes as they are until the values that are judged by them are committed."""
    await conn.execute(HOLD_ATTRIBUTES_SQL, list(codes))


async def claim_attributes(conn: Connection, codes: Iterable[str]) -> None:
    """Wait until nobody gives attributes values; who wants to finds them as they have become."""
    await conn.execute(CLAIM_ATTRIBUTES_SQL, list(codes))


ATTRIBUTES_SQL = """
SELECT code, type AS attribute_type, label, localizable, scopable, market_scoped, unit,
       validation, attribute_group AS group,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('code', o.code, 'label', o.label)
                                  ORDER BY o.position), '[]')
        FROM attribute_option AS o WHERE o.attribute = a.code) AS options
FROM attribute AS a WHERE code = ANY ($1)
"""


async def find_attributes(conn: Connection, codes: Sequence[str]) -> dict[str, Attribute]:
    """Return those of the attributes that exist, by code."""
    rows = await conn.fetch(ATTRIBUTES_SQL, list(codes))
    return {row["code"]: _attribute(row) for row in rows}


def _attribute(row: Record) -> Attribute:
    fields: dict[str, Any] = dict(row.items())
    fields["options"] = tuple(Option(**option) for option in row["options"])
    return Attribute(**fields)


USED_OPTIONS_SQL = """
SELECT DISTINCT o.attribute, o.option
FROM unnest($1::text[], $2::text[]) AS o(attribute, option)
JOIN product_value AS v ON v.attribute = o.attribute AND v.data ? o.option
"""


async def find_used(
    conn: Connection, options: Sequence[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Return those (attribute, option) that a value of a product uses."""
    attributes, codes = [each[0] for each in options], [each[1] for each in options]
    rows = await conn.fetch(USED_OPTIONS_SQL, attributes, codes)
    return frozenset((row["attribute"], row["option"]) for row in rows)


PUT_ATTRIBUTES_SQL = """
INSERT INTO attribute (code, type, label, localizable, scopable, market_scoped, unit, validation,
                       attribute_group)
SELECT code, attribute_type, label, localizable, scopable, market_scoped, unit, validation, "group"
FROM jsonb_to_recordset($1) AS r(code text, attribute_type text, label jsonb, localizable boolean,
    scopable boolean, market_scoped boolean, unit text, validation jsonb, "group" text)
ON CONFLICT (code) DO UPDATE SET label = EXCLUDED.label, unit = EXCLUDED.unit,
    validation = EXCLUDED.validation, attribute_group = EXCLUDED.attribute_group
"""
DELETE_OPTIONS_SQL = """
DELETE FROM attribute_option AS o
USING jsonb_to_recordset($1) AS r(code text, options jsonb)
WHERE o.attribute = r.code
  AND NOT r.options @> jsonb_build_array(jsonb_build_object('code', o.code))
"""
PUT_OPTIONS_SQL = """
INSERT INTO attribute_option (attribute, code, label, position)
SELECT r.code, o.option ->> 'code', o.option -> 'label', o.place - 1
FROM jsonb_to_recordset($1) AS r(code text, options jsonb),
     jsonb_array_elements(r.options) WITH ORDINALITY AS o(option, place)
ON CONFLICT (attribute, code) DO UPDATE SET label = EXCLUDED.label, position = EXCLUDED.position
"""


async def put_attributes(conn: Connection, attributes: Sequence[Attribute]) -> None:
    """Add or replace attributes with their options."""
    for statement in (PUT_ATTRIBUTES_SQL, DELETE_OPTIONS_SQL, PUT_OPTIONS_SQL):
        await conn.execute(statement, list(attributes))


ATTRIBUTE_CODES_SQL = 'SELECT code FROM attribute ORDER BY code COLLATE "C"'
FAMILY_CODES_SQL = 'SELECT code FROM family ORDER BY code COLLATE "C"'


async def attribute_codes(conn: Connection) -> list[str]:
    """Return the codes of all attributes, in order."""
    return [row["code"] for row in await conn.fetch(ATTRIBUTE_CODES_SQL)]


async def family_codes(conn: Connection) -> list[str]:
    """Return the codes of all families, in order."""
    return [row["code"] for row in await conn.fetch(FAMILY_CODES_SQL)]


FAMILIES_SQL = """
SELECT code, label,
       ARRAY(SELECT attribute FROM family_attribute
             WHERE family = f.code ORDER BY position) AS attributes,
       (SELECT coalesce(jsonb_object_agg(channel, attributes), '{}') FROM (
            SELECT channel, jsonb_agg(attribute ORDER BY attribute COLLATE "C") AS attributes
            FROM attribute_requirement WHERE family = f.code GROUP BY channel
        ) AS r) AS required,
       (SELECT coalesce(jsonb_agg(
                   jsonb_build_object('code', v.code, 'axes', a.axes)
                   ORDER BY v.code COLLATE "C"), '[]')
        FROM family_variant AS v CROSS JOIN LATERAL (
            SELECT jsonb_agg(attributes ORDER BY level) AS axes FROM (
                SELECT level, jsonb_agg(attribute ORDER BY position) AS attributes
                FROM variant_axis WHERE family_variant = v.code GROUP BY level
            ) AS l
        ) AS a WHERE v.family = f.code) AS variants
FROM family AS f WHERE code = ANY ($1)
"""


async def find_families(conn: Connection, codes: Sequence[str]) -> dict[str, Family]:
    """Return those of the families that exist, by code."""
    rows = await conn.fetch(FAMILIES_SQL, list(codes))
    return {
        row["code"]: Family(
            code=row["code"],
            label=row["label"],
            attributes=tuple(row["attributes"]),
            required={channel: tuple(each) for channel, each in row["required"].items()},
            variants=tuple(_variant(each) for each in row["variants"]),
        )
        for row in rows
    }


def _variant(stored: Mapping[str, Any]) -> FamilyVariant:
    return FamilyVariant(code=stored["code"], axes=tuple(tuple(level) for level in stored["axes"]))


VARIANT_OWNERS_SQL = "SELECT code, family FROM family_variant WHERE code = ANY ($1)"


async def find_variant_owners(conn: Connection, variants: Sequence[str]) -> dict[str, str]:
    """Return the families of those family variants that exist."""
    rows = await conn.fetch(VARIANT_OWNERS_SQL, list(variants))
    return {row["code"]: row["family"] for row in rows}


PUT_FAMILIES_SQL = """
INSERT INTO family (code, label)
SELECT code, label FROM jsonb_to_recordset($1) AS r(code text, label jsonb)
ON CONFLICT (code) DO UPDATE SET label = EXCLUDED.label
"""
DELETE_REQUIREMENTS_SQL = """
DELETE FROM attribute_requirement AS q
USING jsonb_to_recordset($1) AS r(code text) WHERE q.family = r.code
"""
DELETE_FAMILY_ATTRIBUTES_SQL = """
DELETE FROM family_attribute AS a USING jsonb_to_recordset($1) AS r(code text, attributes text[])
WHERE a.family = r.code AND a.attribute <> ALL (r.attributes)
"""
PUT_FAMILY_ATTRIBUTES_SQL = """
INSERT INTO family_attribute (family, attribute, position)
SELECT r.code, a.attribute, a.place - 1
FROM jsonb_to_recordset($1) AS r(code text, attributes text[]),
     unnest(r.attributes) WITH ORDINALITY AS a(attribute, place)
ON CONFLICT (family, attribute) DO UPDATE SET position = EXCLUDED.position
"""
PUT_REQUIREMENTS_SQL = """
INSERT INTO attribute_requirement (family, attribute, channel)
SELECT r.code, a.attribute, q.channel
FROM jsonb_to_recordset($1) AS r(code text, required jsonb),
     jsonb_each(r.required) AS q(channel, attributes),
     jsonb_array_elements_text(q.attributes) AS a(attribute)
"""
PUT_VARIANTS_SQL = """
INSERT INTO family_variant (code, family)
SELECT v.code, r.code FROM jsonb_to_recordset($1) AS r(code text, variants jsonb),
     jsonb_to_recordset(r.variants) AS v(code text)
ON CONFLICT (code) DO NOTHING
"""
PUT_AXES_SQL = """
INSERT INTO variant_axis (family_variant, level, attribute, position)
SELECT v.code, l.level, a.attribute, a.place - 1
FROM jsonb_to_recordset($1) AS r(variants jsonb),
     jsonb_to_recordset(r.variants) AS v(code text, axes jsonb),
     jsonb_array_elements(v.axes) WITH ORDINALITY AS l(attributes, level),
     jsonb_array_elements_text(l.attributes) WITH ORDINALITY AS a(attribute, place)
ON CONFLICT (family_variant, attribute) DO NOTHING
"""


async def put_families(conn: Connection, families: Sequence[Family]) -> None:
    """Add or replace families; the axes of a stored variant stay as they are."""
    for statement in (
        PUT_FAMILIES_SQL,
        DELETE_REQUIREMENTS_SQL,
        DELETE_FAMILY_ATTRIBUTES_SQL,
        PUT_FAMILY_ATTRIBUTES_SQL,
        PUT_REQUIREMENTS_SQL,
        PUT_VARIANTS_SQL,
        PUT_AXES_SQL,
    ):
        await conn.execute(statement, list(families))


CATEGORIES_SQL = "SELECT code, parent, label, position FROM category"


async def find_categories(conn: Connection) -> dict[str, Category]:
    """Return all categories by code."""
    return {row["code"]: Category(**row) for row in await conn.fetch(CATEGORIES_SQL)}


# Neighbours whose codes differ in `-` and `_` alone would have one path.
TWINS_SQL = """
SELECT code, parent, label, position FROM category WHERE replace(code, '-', '_') = ANY ($1)
"""


async def find_category_twins(conn: Connection, codes: Iterable[str]) -> dict[str, Category]:
    """Return categories that have one of these codes, be it for `-` and `_`, by code."""
    nodes = [code.replace("-", "_") for code in codes]
    return {row["code"]: Category(**row) for row in await conn.fetch(TWINS_SQL, nodes)}


BELOW_SQL = """
SELECT below.code, below.parent, below.label, below.position
FROM category AS top JOIN category AS below ON below.path <@ top.path
WHERE top.code = ANY ($1)
"""


async def find_categories_below(conn: Connection, codes: Iterable[str]) -> dict[str, Category]:
    """Return categories and all that is below them, by code."""
    return {row["code"]: Category(**row) for row in await conn.fetch(BELOW_SQL, list(codes))}


LINES_SQL = """
WITH RECURSIVE line AS (
    SELECT code, parent, label, position FROM category WHERE code = ANY ($1)
    UNION
    SELECT c.code, c.parent, c.label, c.position
    FROM category AS c JOIN line ON c.code = line.parent
)
SELECT code, parent, label, position FROM line
"""


async def find_categories_above(conn: Connection, codes: Iterable[str]) -> dict[str, Category]:
    """Return categories and all that they are below, by code."""
    return {row["code"]: Category(**row) for row in await conn.fetch(LINES_SQL, list(codes))}


PUT_CATEGORIES_SQL = """
INSERT INTO category (code, tree, path, parent, label, position)
SELECT code, tree, path::ltree, parent, label, position
FROM jsonb_to_recordset($1) AS r(code text, tree text, path text, parent text, label jsonb,
                                 position integer)
ON CONFLICT (code) DO UPDATE SET tree = EXCLUDED.tree, path = EXCLUDED.path,
    parent = EXCLUDED.parent, label = EXCLUDED.label, position = EXCLUDED.position
"""


async def put_categories(
    conn: Connection, codes: Sequence[str], categories: Mapping[str, Category]
) -> None:
    """Add or replace some categories.

    Args:
        conn: in a transaction.
        codes: of those to write, with everything below a category that moves.
        categories: these and all above them, as they will be.
    """
    rows: list[dict[str, object]] = []
    for code in codes:
        each, path = categories[code], path_of(code, categories)
        rows.append({
            "code": code,
            "tree": path[0],
            "path": ltree_of(path),
            "parent": each.parent,
            "label": each.label,
            "position": each.position,
        })
    await conn.execute(PUT_CATEGORIES_SQL, rows)
