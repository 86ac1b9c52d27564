-- migrate:up

-- What a person took back stays off, whatever imports say, until a person publishes it by its name.
CREATE TABLE taken_back (
    product uuid NOT NULL REFERENCES product,
    channel text NOT NULL REFERENCES channel,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_by text,
    ended_at timestamptz CHECK (ended_at >= recorded_at)
);
CREATE UNIQUE INDEX taken_back_current ON taken_back (product, channel) WHERE ended_at IS NULL;
-- Only a person could take back what is not published any more; with a model, all below it.
WITH newest AS (
    SELECT DISTINCT ON (product, channel) product, channel, ancestors, ended_at
    FROM publication ORDER BY product, channel, version DESC
), gone AS (
    SELECT * FROM newest WHERE ended_at IS NOT NULL
)
INSERT INTO taken_back (product, channel, actor, recorded_at)
SELECT product, channel, '', ended_at FROM gone
WHERE NOT EXISTS (
    SELECT FROM gone AS model
    WHERE model.channel = gone.channel AND model.product = ANY (gone.ancestors)
);

-- Documents name their categories; paths and labels are read from the trees as they are now.
UPDATE publication SET document = jsonb_set(
    document, '{categories}', jsonb_path_query_array(document, '$.categories[*].code'))
WHERE document -> 'categories' -> 0 ? 'code';

-- The places of a product's own options among those of its axes, level by level: S, M, L, or 38, 40.
CREATE FUNCTION option_order(document jsonb) RETURNS numeric[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT coalesce(
            (SELECT (a -> 'options' -> (document -> 'options' ->> axis) ->> 'position')::numeric
             FROM jsonb_array_elements(document -> 'attributes') AS a WHERE a ->> 'code' = axis),
            CASE document -> 'options' ->> axis WHEN 'false' THEN 0 WHEN 'true' THEN 1 END,
            substring(document -> 'options' ->> axis
                      FROM '^-?[0-9]{1,30}(?:[.][0-9]{1,30})?')::numeric)
        FROM jsonb_array_elements(document -> 'axes') WITH ORDINALITY AS l(axes, level),
             jsonb_array_elements_text(l.axes) WITH ORDINALITY AS x(axis, place)
        ORDER BY level, place)
$$;
ALTER TABLE publication
    ADD COLUMN options jsonb GENERATED ALWAYS AS (document -> 'options') STORED,
    ADD COLUMN option_order numeric[] GENERATED ALWAYS AS (option_order(document)) STORED;

-- A model is listed by what is visible below it: one row for each span of time in which that is the
-- same. `made_by` says by which rules; `vitrine migrate` makes those anew that others have made.
ALTER TABLE search_document
    ALTER COLUMN sort_name TYPE text COLLATE "C",
    ADD COLUMN made_by text NOT NULL DEFAULT '',
    DROP CONSTRAINT search_document_product_channel_locale_markets_key,
    ADD CONSTRAINT search_document_once
        UNIQUE NULLS NOT DISTINCT (product, channel, locale, markets, visible_from);
CREATE INDEX search_document_made_by ON search_document (channel, made_by);

-- Categories with all that they are below.
CREATE FUNCTION categories_above(codes text[]) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE line AS (
        SELECT code, parent FROM category WHERE code = ANY (codes)
        UNION
        SELECT c.code, c.parent FROM category AS c JOIN line ON c.code = line.parent
    )
    SELECT ARRAY(SELECT code FROM line ORDER BY code COLLATE "C")
$$;
-- Lists find what is in a category, or below it, as the trees are now.
CREATE FUNCTION list_in_moved_categories() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE search_document AS s SET categories = categories_above(ARRAY(
        SELECT jsonb_array_elements_text(p.document -> 'categories')))
    FROM publication AS p
    WHERE p.product = s.product AND p.channel = s.channel AND p.ended_at IS NULL
      AND s.categories && ARRAY(
          SELECT code FROM after JOIN before USING (code)
          WHERE after.parent IS DISTINCT FROM before.parent);
    RETURN NULL;
END $$;
CREATE TRIGGER category_moved AFTER UPDATE ON category
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION list_in_moved_categories();

-- migrate:down

DROP TRIGGER category_moved ON category;
DROP FUNCTION list_in_moved_categories(), categories_above(text[]);
DELETE FROM search_document AS s USING search_document AS other
WHERE other.product = s.product AND other.channel = s.channel AND other.locale = s.locale
  AND other.markets IS NOT DISTINCT FROM s.markets AND other.visible_from < s.visible_from;
ALTER TABLE search_document
    ALTER COLUMN sort_name TYPE text,
    DROP COLUMN made_by,
    DROP CONSTRAINT search_document_once,
    ADD UNIQUE NULLS NOT DISTINCT (product, channel, locale, markets);
ALTER TABLE publication DROP COLUMN options, DROP COLUMN option_order;
DROP FUNCTION option_order(jsonb);
DROP TABLE taken_back;
