"""The SQL of vocabularies and their terms."""

from collections.abc import Iterable, Mapping, Sequence

from catalog.db import Connection
from catalog.vocabularies.model import Label, Vocabulary, VocabularyTerm

# Writers take turns, readers pass: no two changes judge by the same old state.
LOCK_SQL = "LOCK TABLE vocabulary IN SHARE ROW EXCLUSIVE MODE"


async def lock(conn: Connection) -> None:
    """Wait until nobody else changes vocabularies."""
    await conn.execute(LOCK_SQL)


VOCABULARIES_SQL = """
SELECT code, label,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'code', t.code, 'label', t.label, 'synonyms', t.synonyms, 'broader', t.broader)
                   ORDER BY t.position), '[]')
        FROM term AS t WHERE t.vocabulary = v.code) AS terms
FROM vocabulary AS v WHERE code = ANY ($1)
"""


async def find_vocabularies(conn: Connection, codes: Iterable[str]) -> dict[str, Vocabulary]:
    """Return those of the vocabularies that exist, by code."""
    rows = await conn.fetch(VOCABULARIES_SQL, list(codes))
    return {
        row["code"]: Vocabulary(
            code=row["code"],
            label=row["label"],
            terms=tuple(
                VocabularyTerm(
                    code=each["code"],
                    label=each["label"],
                    synonyms={locale: tuple(texts) for locale, texts in each["synonyms"].items()},
                    broader=each["broader"],
                )
                for each in row["terms"]
            ),
        )
        for row in rows
    }


CODES_SQL = "SELECT code FROM vocabulary WHERE code = ANY ($1)"


async def find_codes(conn: Connection, codes: Iterable[str]) -> frozenset[str]:
    """Return those of the codes that are vocabularies."""
    return frozenset(row["code"] for row in await conn.fetch(CODES_SQL, list(codes)))


# All lock terms in one order, so that none waits for another in a circle.
HOLD_TERMS_SQL = """
SELECT t.vocabulary, t.code FROM unnest($1::text[], $2::text[]) AS wanted(vocabulary, code)
JOIN term AS t ON t.vocabulary = wanted.vocabulary AND t.code = wanted.code
ORDER BY t.vocabulary, t.code FOR KEY SHARE OF t
"""
CLAIM_TERMS_SQL = """
SELECT FROM unnest($1::text[], $2::text[]) AS gone(vocabulary, code)
JOIN term AS t ON t.vocabulary = gone.vocabulary AND t.code = gone.code
ORDER BY t.vocabulary, t.code FOR UPDATE OF t
"""


async def hold_terms(
    conn: Connection, terms: Iterable[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Return those of the terms, by vocabulary and code, that exist; they stay till the commit."""
    wanted = list(terms)
    if not wanted:
        return frozenset()
    rows = await conn.fetch(HOLD_TERMS_SQL, *map(list, zip(*wanted, strict=True)))
    return frozenset((row["vocabulary"], row["code"]) for row in rows)


LABELS_SQL = """
SELECT vocabulary, code, label FROM term WHERE vocabulary = ANY ($1) ORDER BY vocabulary, position
"""


async def find_labels(
    conn: Connection, vocabularies: Iterable[str]
) -> Mapping[str, Mapping[str, Label]]:
    """Return the labels of all terms of vocabularies, by code and in their order."""
    wanted = [code for code in vocabularies if code]
    found: dict[str, dict[str, Label]] = {code: {} for code in wanted}
    for row in await conn.fetch(LABELS_SQL, wanted) if wanted else ():
        found[row["vocabulary"]][row["code"]] = row["label"]
    return found


USED_SQL = """
SELECT DISTINCT gone.vocabulary, gone.code
FROM unnest($1::text[], $2::text[]) AS gone(vocabulary, code)
JOIN attribute AS a ON a.type = 'term' AND a.validation ->> 'vocabulary' = gone.vocabulary
JOIN product_value AS v ON v.attribute = a.code AND v.data = to_jsonb(gone.code)
"""


async def claim_unused(
    conn: Connection, terms: Sequence[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Wait until nobody gives terms as values, and return those that a value of a product uses.

    Args:
        conn: in a transaction.
        terms: by vocabulary and code; who wants to give one finds it as it has become.
    """
    if not terms:
        return frozenset()
    columns = [each[0] for each in terms], [each[1] for each in terms]
    await conn.execute(CLAIM_TERMS_SQL, *columns)
    rows = await conn.fetch(USED_SQL, *columns)
    return frozenset((row["vocabulary"], row["code"]) for row in rows)


LACKING_SQL = """
SELECT v.attribute, min(v.data #>> '{}') AS term
FROM unnest($1::text[], $2::text[]) AS held(attribute, vocabulary)
JOIN product_value AS v ON v.attribute = held.attribute
WHERE NOT EXISTS (SELECT FROM term AS t
                  WHERE t.vocabulary = held.vocabulary AND t.code = v.data #>> '{}')
GROUP BY v.attribute
"""


async def find_lacking(conn: Connection, held: Mapping[str, str]) -> Mapping[str, str]:
    """Return per attribute a value that is no term of a vocabulary.

    Args:
        conn: in a transaction that holds `lock`.
        held: per attribute the vocabulary.
    """
    if not held:
        return {}
    rows = await conn.fetch(LACKING_SQL, list(held), list(held.values()))
    return {row["attribute"]: row["term"] for row in rows}


PUT_VOCABULARIES_SQL = """
INSERT INTO vocabulary (code, label)
SELECT code, label FROM jsonb_to_recordset($1) AS r(code text, label jsonb)
ON CONFLICT (code) DO UPDATE SET label = EXCLUDED.label
"""
# by a hash of what stays: a vocabulary may have thousands of terms, and writers wait
DELETE_TERMS_SQL = """
DELETE FROM term WHERE vocabulary = ANY ($1)
  AND (vocabulary, code) NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))
"""
PUT_TERMS_SQL = """
INSERT INTO term (vocabulary, code, label, synonyms, broader, position)
SELECT r.code, t.term ->> 'code', t.term -> 'label', t.term -> 'synonyms', t.term ->> 'broader',
       t.place - 1
FROM jsonb_to_recordset($1) AS r(code text, terms jsonb),
     jsonb_array_elements(r.terms) WITH ORDINALITY AS t(term, place)
ON CONFLICT (vocabulary, code) DO UPDATE SET label = EXCLUDED.label,
    synonyms = EXCLUDED.synonyms, broader = EXCLUDED.broader, position = EXCLUDED.position
"""


async def put_vocabularies(conn: Connection, vocabularies: Sequence[Vocabulary]) -> None:
    """Add or replace vocabularies with their terms."""
    kept = [(each.code, term.code) for each in vocabularies for term in each.terms]
    await conn.execute(PUT_VOCABULARIES_SQL, list(vocabularies))
    await conn.execute(
        DELETE_TERMS_SQL,
        [each.code for each in vocabularies],
        [of for of, _ in kept],
        [code for _, code in kept],
    )
    await conn.execute(PUT_TERMS_SQL, list(vocabularies))
