-- migrate:up

-- The words of a text, in lower case: runs of letters and digits, of long ones the beginning.
CREATE FUNCTION words_of(given text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT left(word, 100)
    FROM regexp_split_to_table(lower(left(given, 2000)), '[^[:alnum:]]+') AS word
    WHERE word <> ''
);
-- What has a word that begins with each of these; with a scope only what is marked with it.
CREATE FUNCTION words_query(given text, scope text DEFAULT NULL) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT CASE WHEN count(word) > 0 THEN (
        coalesce(quote_literal('@' || scope) || ' & ', '')
        || string_agg(quote_literal(word) || ':*', ' & '))::tsquery END
    FROM unnest(words_of(given)) AS word
);
-- The words of a list or an object of texts.
CREATE FUNCTION words_in(given jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT words_of(string_agg(text, ' '))
    FROM jsonb_array_elements_text(jsonb_path_query_array(given, '$.*')) AS text
);
CREATE FUNCTION published_words(channel text, sku text, document jsonb) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(ARRAY['@' || channel] || words_of(sku) || coalesce((
    SELECT words_of(string_agg(name, ' '))
    FROM jsonb_array_elements_text(jsonb_path_query_array(
        document, '$.attributes[*] ? (@.code == "name").values[*].data')) AS name
), '{}'));

-- By its sku and its names in all locales, and by its channel: rare words of a small one are found
-- without reading those of a large one.
ALTER TABLE publication ADD COLUMN words tsvector
    GENERATED ALWAYS AS (published_words(channel, sku, document)) STORED;
CREATE INDEX publication_words ON publication USING gin (words) WHERE ended_at IS NULL;
CREATE INDEX publication_begins ON publication (channel, lower(sku) text_pattern_ops)
    WHERE ended_at IS NULL;
CREATE INDEX product_begins ON product (lower(sku) text_pattern_ops);
CREATE INDEX product_name_words ON product_value USING gin
    (array_to_tsvector(words_of(data #>> '{}'))) WHERE attribute = 'name';
CREATE INDEX asset_begins ON asset (lower(code) text_pattern_ops);
CREATE INDEX asset_words ON asset USING gin (array_to_tsvector(words_of(code || ' ' || slug)));
CREATE INDEX asset_title_words ON asset_value USING gin
    (array_to_tsvector(words_of(data #>> '{}'))) WHERE key = 'title';
CREATE INDEX licence_begins ON licence (lower(code) text_pattern_ops);
CREATE INDEX licence_words ON licence USING gin
    (array_to_tsvector(words_of(code || ' ' || licensor)));
CREATE INDEX collection_begins ON collection (lower(code) text_pattern_ops);
CREATE INDEX collection_words ON collection USING gin
    (array_to_tsvector(words_of(code || ' ' || name)));
CREATE INDEX category_begins ON category (lower(code) text_pattern_ops);
CREATE INDEX category_words ON category USING gin
    (array_to_tsvector(words_of(code) || words_in(label)));
CREATE INDEX task_begins ON task (lower(subject) text_pattern_ops) WHERE state = 'open';
CREATE INDEX task_words ON task USING gin
    (array_to_tsvector(words_of(coalesce(subject, '') || ' ' || cause))) WHERE state = 'open';
CREATE INDEX person_begins ON principal (lower(name) text_pattern_ops)
    WHERE kind = 'person' AND ended_at IS NULL;
CREATE INDEX person_words ON principal USING gin (array_to_tsvector(words_of(name)))
    WHERE kind = 'person' AND ended_at IS NULL;

-- Products by when they changed, and the audit by what was changed.
CREATE INDEX product_changed ON product (updated_at, id);
CREATE INDEX audit_kind ON audit (split_part(subject, '/', 1), id);

-- migrate:down
DROP INDEX audit_kind, product_changed, person_words, person_begins, task_words, task_begins,
    category_words, category_begins, collection_words, collection_begins, licence_words,
    licence_begins, asset_title_words, asset_words, asset_begins, product_name_words,
    product_begins, publication_begins, publication_words;
ALTER TABLE publication DROP COLUMN words;
DROP FUNCTION published_words(text, text, jsonb), words_in(jsonb), words_query(text, text),
    words_of(text);
