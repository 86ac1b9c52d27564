-- migrate:up

-- As before, but what names no territory set is returned as it is, and a session plans this once: of
-- a page of media a plan for each call was the most expensive part.
CREATE OR REPLACE FUNCTION territory_countries(codes text[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM territory_set WHERE code = ANY (codes)) THEN
        RETURN codes;
    END IF;
    RETURN (
        SELECT coalesce(array_agg(DISTINCT country), '{}') FROM (
            SELECT code AS country FROM unnest(codes) AS given(code)
            WHERE NOT EXISTS (SELECT FROM territory_set AS s WHERE s.code = given.code)
            UNION ALL
            SELECT country FROM territory_member
            WHERE territory_set = ANY (codes) AND ended_at IS NULL
        ) AS resolved
    );
END $$;

-- migrate:down
CREATE OR REPLACE FUNCTION territory_countries(codes text[]) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT country), '{}') FROM (
        SELECT code AS country FROM unnest(codes) AS given(code)
        WHERE NOT EXISTS (SELECT FROM territory_set AS s WHERE s.code = given.code)
        UNION ALL
        SELECT country FROM territory_member
        WHERE territory_set = ANY (codes) AND ended_at IS NULL
    ) AS resolved
$$;
